"""From the texts of a call to the types that a verb asks for, with one wording.

Everything arrives as text (or as an object that took the place of
``{{name}}``). `shape` reads what pydantic would not; pydantic does the rest.
Of several problems the first one in the body is told, with its place and the
nearest name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from qforge_jupyter.errors import CallError
from qforge_jupyter.language.body import Body
from qforge_jupyter.language.parsing import Option
from qforge_jupyter.language.problems import Problem, Shaped, explain, first_of, wanted
from qforge_jupyter.language.shaping import shape

if TYPE_CHECKING:
    import pydantic

Model = TypeVar("Model", bound="pydantic.BaseModel")


def validate(model: type[Model], body: Body | None, *, where: str | None = None) -> Model:
    r"""Read a body as a verb's own model.

    Keys may be written with blanks, underscores or hyphens. A key that the
    model lacks is an error unless the model allows extra keys.

    Parameters
    ----------
    model
        What the verb wants.
    body
        What was written; None counts as empty.
    where
        How the body's owner is called in an error: the verb's name.

    Raises
    ------
    CallError
        For the first problem; it says how many more there are.

    Examples
    --------
    >>> import pydantic
    >>> from qforge_jupyter.language.body import read_body
    >>> class Check(pydantic.BaseModel):
    ...     false_alarms: float = 0.05
    ...     columns: list[str] = []
    >>> validate(Check, read_body("false alarms: 5%\ncolumns: age, income"))
    Check(false_alarms=0.05, columns=['age', 'income'])
    >>> validate(Check, read_body("column: age"), where="check")
    Traceback (most recent call last):
        ...
    qforge_jupyter.errors.CallError: No key 'column' in check: did you mean 'columns'?

    """
    from pydantic import ValidationError

    where = where or model.__name__
    body = body or Body({}, "")
    shaped = Shaped(body, where)
    if not isinstance(body.value, dict):
        raise CallError(
            f"The body of {where} wants keys and values, one  key: value  a line",
            line=body.first_line,
            column=0,
        )
    value = shape(body.value, model, shaped)
    try:
        result = model.model_validate(value)
    except ValidationError as problem:
        found = [
            explain(error, shaped)
            for error in problem.errors(include_input=False, include_url=False)
        ]
        raise first_of(shaped.problems + found) from None
    if shaped.problems:
        raise first_of(shaped.problems)
    return result


def convert(option: Option, annotation: Any) -> Any:
    """Read an option's value as the type that its parameter has.

    Raises
    ------
    CallError
        The value is missing or is not what the option wants.

    Examples
    --------
    >>> convert(Option("share", "5%"), float), convert(Option("format", "csv, json"), list[str])
    (0.05, ['csv', 'json'])
    >>> convert(Option("top", "many"), int)
    Traceback (most recent call last):
        ...
    qforge_jupyter.errors.CallError: 'top' wants a whole number

    """
    from pydantic import ValidationError

    if option.value is True and not _takes_truth(annotation):
        raise CallError(f"{option.spelling} needs a value", line=option.line, column=option.column)
    body = Body(option.value, "")
    shaped = Shaped(body, "")
    value = shape(option.value, annotation, shaped)
    try:
        return _adapter(annotation).validate_python(value)
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        sentence = f"{_shown(option)} {wanted(first, option.value)}"
        raise first_of([Problem(sentence, option.line, option.column)]) from None


def _shown(option: Option) -> str:
    from qforge_jupyter.language.tokens import SMALL_WORDS

    return repr(option.name) if option.name in SMALL_WORDS else option.spelling


def _takes_truth(annotation: Any) -> bool:
    from pydantic import ValidationError

    try:
        return _adapter(annotation).validate_python(True, strict=True) is True
    except ValidationError:
        return False


def _adapter(annotation: Any) -> pydantic.TypeAdapter[Any]:
    from pydantic import ConfigDict, PydanticSchemaGenerationError, TypeAdapter

    try:
        return TypeAdapter(annotation)
    except PydanticSchemaGenerationError:
        # A frame or another object that `{{name}}` stood for.
        return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
