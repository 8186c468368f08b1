"""The verbs of the language: one file each, its ``run`` is the truth.

A verb is a module with ``run(context, subject, *, options, body)``. The first
line of its docstring is its help; its ``EXAMPLE`` is shown. The keyword-only
parameters are the options of the header (``from_`` is written ``from``);
``body`` is typed by the verb's own model, or `str` where the body is raw text.
"""

from __future__ import annotations

import inspect
import os
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.captured import Sources
from qforge_jupyter.frames.convert import to_table
from qforge_jupyter.frames.span import Span
from qforge_jupyter.language.body import Body
from qforge_jupyter.language.parsing import Option
from qforge_jupyter.language.validation import convert, validate
from qforge_jupyter.registry import Family
from qforge_jupyter.results.base import Result
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._sources import given_by
from qforge_jupyter.watch import Watch

if TYPE_CHECKING:
    from qforge_jupyter.context import Context
    from qforge_jupyter.verbs._stored import Stored

VERBS = Family("verb", __name__)


@dataclass(frozen=True)
class Parameter:
    """One option of a verb: its name as written, its type, its default."""

    name: str
    annotation: Any
    default: Any

    @property
    def is_flag(self) -> bool:
        """Whether the option stands without a value."""
        return self.annotation is bool


@dataclass(frozen=True)
class Signature:
    """What a verb takes, read from its ``run``."""

    verb: str
    subject: Any
    is_subject_needed: bool
    options: dict[str, Parameter]
    body: Any
    returns: Any

    @property
    def model(self) -> Any:
        """The pydantic model of the body, if it has one."""
        found = (self.body, *typing.get_args(self.body))
        return next((each for each in found if hasattr(each, "model_fields")), None)

    @property
    def needed(self) -> tuple[str, ...]:
        """Options without which the verb cannot work."""
        empty = inspect.Parameter.empty
        return tuple(name for name, option in self.options.items() if option.default is empty)

    @property
    def flags(self) -> frozenset[str]:
        """Options that stand without a value."""
        return frozenset(name for name, option in self.options.items() if option.is_flag)


def signature_of(verb: str) -> Signature:
    """Read what a verb takes.

    Examples
    --------
    >>> sorted(signature_of("certify").options)[:2]
    ['all', 'approve-lineage']

    """
    module = VERBS.get(verb)
    hints = typing.get_type_hints(module.run)
    parameters = inspect.signature(module.run).parameters
    options: dict[str, Parameter] = {}
    subject, is_subject_needed, body = None, False, None
    for name, parameter in parameters.items():
        if name == "context":
            continue
        if name == "body":
            body = hints[name]
        elif parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            written = name.rstrip("_").replace("_", "-")
            options[written] = Parameter(written, hints[name], parameter.default)
        else:
            subject = hints[name]
            is_subject_needed = parameter.default is inspect.Parameter.empty
    return Signature(verb, subject, is_subject_needed, options, body, hints["return"])


def purpose_of(module: ModuleType) -> str:
    """Give the first line of a verb's docstring."""
    return (module.__doc__ or "").strip().split("\n", 1)[0]


def invoke(
    context: Any,
    verb: str,
    subject: Any = None,
    *,
    options: Mapping[str, Any],
    body: Any = None,
    subject_name: str | None = None,
) -> Any:
    """Call a verb with Python values and write the call down, also one that cannot be bound.

    Tables may come as anything that `frames.to_table` takes; a body may come
    as a mapping and is typed by the verb's own model.

    Parameters
    ----------
    context
        The open workspace.
    verb
        The verb.
    subject
        What it works on.
    options
        The verb's keyword-only parameters that are not at their default.
    body
        Its body.
    subject_name
        What a table that is the subject is called.

    """
    from qforge_jupyter.verbs._stored import Stored

    signature = signature_of(verb)
    run = VERBS.get(verb).run
    inputs: dict[str, Table] = {}
    watch = Watch()
    stored = Stored(lambda: context)
    try:
        arguments, bound = _bind(signature, subject, options, body, subject_name, inputs, stored)
    except BaseException as problem:
        # What a table holds must not be kept, so a value that is no text is named by its type.
        named = subject_name or (subject if isinstance(subject, str) else type(subject).__name__)
        given = {"subject": named, **_recorded(verb, options)}
        context.write_down(verb, watch, problem, options=given, inputs=inputs)
        raise
    shown = {
        "subject": _shown(arguments[0] if arguments else None),
        **_recorded(verb, {key: value for key, value in bound.items() if _is_set(value)}),
    }
    return context.call(
        verb,
        lambda used: run(used, *arguments, **bound),
        options=shown,
        inputs=inputs,
        sources=Sources(
            given_by(arguments, bound, subject_name), getattr(VERBS.get(verb), "USES", ())
        ),
    )


def _recorded(verb: str, options: Mapping[str, Any]) -> dict[str, str]:
    """Write options for the record; a verb's ``UNRECORDED`` names those that are not kept."""
    hidden = getattr(VERBS.get(verb), "UNRECORDED", ())
    return {key: "(not kept)" if key in hidden else _shown(value) for key, value in options.items()}


def rehearse(
    settings: Settings,
    verb: str,
    subject: Any = None,
    *,
    options: Mapping[str, Any],
    body: Any = None,
    subject_name: str | None = None,
    open_: Callable[[], Context] | None = None,
) -> Result | None:
    """Raise what the call would raise before its work begins; nothing is done or recorded.

    A verb that can be wrong in more than its parts has a function
    ``rehearse(settings, subject, *, options, body)`` beside ``run``: it
    compiles rules, ranges, filters and gates against the columns, and looks
    whether files are there. Where what the call needs is in the store,
    ``look_up(context, subject, *, options, body)`` looks for it; its context is
    None where no workspace was made yet. A verb whose result can be shown without
    storing anything gives it by ``preview(context, subject, *, options, body)``.

    Parameters
    ----------
    settings
        Those of the workspace.
    verb, subject, options, body, subject_name
        As in `invoke`.
    open_
        Opens the workspace; None where there is none.

    """
    module = VERBS.get(verb)
    parts = _bind(signature_of(verb), subject, options, body, subject_name, {}, None)
    if hasattr(module, "rehearse"):
        arguments, bound = parts
        module.rehearse(settings, *arguments, **bound)
    if hasattr(module, "look_up"):
        arguments, bound = parts
        module.look_up(open_() if open_ else None, *arguments, **bound)
    if hasattr(module, "preview"):
        arguments, bound = parts
        shown: Result = module.preview(open_() if open_ else None, *arguments, **bound)
        return shown
    return None


def _bind(
    signature: Signature,
    subject: Any,
    options: Mapping[str, Any],
    body: Any,
    subject_name: str | None,
    inputs: dict[str, Table],
    stored: Stored | None,
) -> tuple[list[Any], dict[str, Any]]:
    """Make of a call's parts the arguments of ``run``; its tables are put among the inputs."""
    verb = signature.verb
    arguments: list[Any] = []
    if signature.subject is not None:
        if subject is None and signature.is_subject_needed:
            raise CallError(f"`{verb}` needs something to work on: `%qforge help {verb}` shows it")
        wanted = signature.subject
        arguments.append(
            _typed_value(wanted, subject, subject_name, ("subject", f"`{verb}`"), inputs, stored)
        )
    bound = {
        key: _typed_value(
            _option(signature, key).annotation, value, None, (key, key), inputs, stored
        )
        for key, value in options.items()
    }
    missing = [name for name in signature.needed if name not in map(_written, bound)]
    if missing:
        raise CallError(f"`{verb}` needs `{missing[0]}`: `%qforge help {verb}` shows an example")
    if signature.body is not None:
        bound["body"] = _typed(verb, signature, body)
    return arguments, bound


def _written(parameter: str) -> str:
    return parameter.rstrip("_").replace("_", "-")


def _option(signature: Signature, key: str) -> Parameter:
    written = _written(key)
    if written not in signature.options:
        raise CallError(
            f"No option {written!r} of {signature.verb}{nearest(written, signature.options)}"
        )
    return signature.options[written]


def _typed_value(  # noqa: C901 — one kind of value a step
    annotation: Any,
    value: Any,
    name: str | None,
    place: tuple[str, str],
    inputs: dict[str, Table],
    stored: Stored | None,
) -> Any:
    """Make of a value what the verb asks for; a table is remembered as an input."""
    role, shown = place
    kinds = (annotation, *typing.get_args(annotation))
    if value is None or _is_open(annotation) or isinstance(value, others_than_tables(kinds)):
        return value
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if Span in kinds and not isinstance(value, Span):
        value = _span(value, name, stored)
    if isinstance(value, Span):
        inputs |= {"before": value.before, "subject": value.after}
        return value
    if Table in kinds and isinstance(value, str) and stored is not None:
        if (kept := stored.result(value, others_than_tables(kinds))) is not None:
            return kept
        value = stored.table(value) or value
    if Table in kinds and not (str in kinds and isinstance(value, str)):
        inputs[role] = value if isinstance(value, Table) else to_table(value, name)
        return inputs[role]
    results = results_in(annotation)
    if results and str in kinds and isinstance(value, str):
        return value
    if results and isinstance(value, str) and stored is not None:
        value = stored.result(value, results) or value
    if results and not isinstance(value, results):
        wanted = " or ".join(kind.kind for kind in results)
        raise CallError(f"{shown} wants a {wanted} and a {type(value).__name__} came")
    return value if results else convert(Option(role.rstrip("_"), value), annotation)


def _span(value: Any, name: str | None, stored: Stored | None) -> Span:
    """Make two states of a pair of tables, or find those that a text names."""
    if isinstance(value, str) and stored is not None:
        return stored.span(value)
    if isinstance(value, tuple | list) and len(value) == 2:
        before, after = (
            (stored.table(each) if isinstance(each, str) and stored else None)
            or to_table(each, name)
            for each in value
        )
        keys = before.version.keys if before.version else ()
        return Span(name or before.name, before, after, keys)
    raise CallError(
        f"Two states were wanted and a {type(value).__name__} came: write 'NAME A..B', or give a "
        "pair of tables"
    )


def others_than_tables(kinds: tuple[Any, ...]) -> tuple[type, ...]:
    """Name what may stand where a table may, as a split: it is taken as it is."""
    if Table not in kinds:
        return ()
    plain = (Table, object, str, type(None))
    return tuple(kind for kind in kinds if isinstance(kind, type) and kind not in plain)


def _is_open(annotation: Any) -> bool:
    """Whether a value may be, or hold, any object."""
    return annotation in (Any, object) or any(map(_is_open, typing.get_args(annotation)))


def results_in(annotation: Any) -> tuple[type[Result], ...]:
    """Name the kinds of results that an annotation speaks of."""
    kinds = (annotation, *typing.get_args(annotation))
    return tuple(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Result))


def _typed(verb: str, signature: Signature, body: Any) -> Any:
    model = signature.model
    if signature.body is str and not isinstance(body, str):
        raise CallError(f"`{verb}` wants text and {type(body).__name__} came")
    if model is None or body is None or isinstance(body, model):
        return body
    return validate(model, Body(dict(body), ""), where=verb)


def _is_set(value: Any) -> bool:
    return not (value is None or value is False or (isinstance(value, str | tuple) and not value))


def _shown(value: Any) -> str:
    """Write an argument for the record: names of tables and results, not their rows."""
    if isinstance(value, Table):
        return str(value.version or value.name)
    if hasattr(value, "model_dump_json"):
        return str(value.model_dump_json(exclude_unset=True))
    if isinstance(value, Mapping):
        return ", ".join(str(key) for key in value)
    if isinstance(value, str | int | float | bool | list | tuple) or value is None:
        return str(value)
    return str(getattr(value, "name", type(value).__name__))
