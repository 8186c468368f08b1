"""From a call's texts to the Python values that a verb takes."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.convert import is_tabular
from qforge_jupyter.frames.span import Span
from qforge_jupyter.language.expansion import bind as bind_values
from qforge_jupyter.language.expansion import expand_call, look_up
from qforge_jupyter.language.names import read_names
from qforge_jupyter.language.parsing import Call, Option
from qforge_jupyter.language.places import entry_of, read_place
from qforge_jupyter.language.validation import convert, validate
from qforge_jupyter.verbs import Signature, others_than_tables, results_in, signature_of
from qforge_jupyter.verbs._cell_code import CellCode
from qforge_jupyter.verbs._stored import Stored
from qforge_jupyter.verbs.help import GIVEN

#: Options that every verb has; they steer the call and never reach the verb.
COMMON: dict[str, Any] = {
    "dry_run": bool,
    "as_python": bool,
    "seed": int,
    "device": str,
    "quiet": bool,
    "debug": bool,
    "help": bool,
    "unseal": str,
    "job": str,
    "every": str,
    "fresh_within": str,
    "tries": int,
}
#: Those that make a job of a call.
OF_JOBS = ("job", "every", "fresh_within", "tries")


@dataclass(frozen=True)
class Bound:
    """A call whose parts are values: ready to be invoked."""

    verb: str
    subject: Any
    subject_text: str | None
    options: dict[str, Any]
    body: Any
    into: tuple[str, ...]
    #: What was written for each option, where it was the name of something.
    option_texts: dict[str, str] = field(default_factory=dict)


def split_common(call: Call) -> dict[str, Any]:
    """Give the values of the options that every verb has.

    Raises
    ------
    CallError
        One of them has a value that it cannot have.

    """
    return {
        name: True
        if option.value is True and (COMMON[name] is bool or name == "job")
        else convert(option, COMMON[name])
        for name, option in call.options.items()
        if name in COMMON
    }


def bind(call: Call, namespace: Mapping[str, Any], stored: Stored | None = None) -> Bound:
    """Look names up, type the options, and validate the body.

    Parameters
    ----------
    call
        As it was read.
    namespace
        The kernel's variables.
    stored
        The stored datasets; without them a name is a variable or a file.

    Raises
    ------
    CallError
        With the place in the cell at which something is wrong.

    """
    signature = signature_of(call.verb)
    if len(call.into) > 1 and not _may_have_parts(signature.returns):
        raise CallError(
            f"`{call.verb}` gives one result and {len(call.into)} names came: keep one", line=1
        )
    _refuse_pasting(signature, call)
    call = expand_call(call, namespace)
    options = {
        _parameter(name): _value(signature, name, option, namespace, stored)
        for name, option in call.options.items()
        if name not in COMMON
    }
    body: Any = None
    if signature.body is str:
        body, extra = _raw(call, namespace)
        options |= extra
    elif CellCode in typing.get_args(signature.body):
        body = CellCode(call.body.text if call.body else "")
    elif signature.model is not None and call.body is not None:
        body = validate(signature.model, call.body, where=call.verb)
    elif call.body is not None and call.body.text.strip():
        raise CallError(
            f"`{call.verb}` takes no body: write it as one line, %qforge {call.header}", line=2
        )
    subject = _subject(signature, call, namespace, stored)
    if call.verb == "commit" and "to" not in options and subject is not None:
        # Of a stored dataset, what is committed is the variable in which it is worked on.
        dataset = stored.dataset(call.subject or "") if stored else None
        options |= {"to": call.subject} if dataset else {}
    if call.verb == "fix" and not call.into:
        call = replace(call, into=_bound_by(subject, options.get("as_", "")))
    texts = {
        _parameter(name): option.value
        for name, option in call.options.items()
        if isinstance(option.value, str)
    }
    return Bound(call.verb, subject, call.subject, options, body, call.into, texts)


def _may_have_parts(returns: Any) -> bool:
    """Say whether one of the kinds of result that a verb gives has parts."""
    return any(hasattr(kind, "parts") for kind in typing.get_args(returns) or (returns,))


#: Verbs that work on what is stored: a dataset goes before a variable of its name, which
#: `label` has made a dataset of.
OF_STORED = frozenset({"label", "adjudicate", "accept"})


def _bound_by(subject: Any, name: str) -> tuple[str, ...]:
    """Name the variable that ``as`` gives to what a verb makes of a table.

    The branch of a stored dataset may have a name that no variable can have.
    """
    is_stored = isinstance(subject, Table) and subject.version is not None
    if not name or (is_stored and not name.isidentifier()):
        return ()
    return read_names(name)


def _refuse_pasting(signature: Signature, call: Call) -> None:
    """Refuse a value in the text of a query whose values the body can bind."""
    query = call.options.get("query")
    text = query.value.strip() if query and isinstance(query.value, str) else ""
    is_whole = text.startswith("{{") and text.find("}}") == len(text) - 2
    if (
        query
        and "{{" in text
        and not is_whole
        and "values" in getattr(signature.model, "model_fields", ())
    ):
        raise CallError(
            "A value is bound in SQL, never pasted: write :name in the query and, in the body,  "
            "values: {name: ...}",
            line=query.line,
            column=query.column,
        )


def _parameter(name: str) -> str:
    """Name of the verb's parameter for an option as it was written."""
    import keyword

    return f"{name}_" if keyword.iskeyword(name) or name in SHADOWED else name


#: Options named like a built-in; their parameter has an underscore behind it.
SHADOWED = frozenset({"all", "format", "next"})


def _value(
    signature: Signature,
    name: str,
    option: Option,
    namespace: Mapping[str, Any],
    stored: Stored | None,
) -> Any:
    written = name.replace("_", "-")
    offered = [each for each in signature.options if each not in GIVEN]
    if written not in offered:
        known = [*offered, *(each.replace("_", "-") for each in COMMON)]
        raise CallError(
            f"No option {written!r} of {signature.verb}{nearest(written, known)}",
            line=option.line,
            column=option.column,
        )
    annotation = signature.options[written].annotation
    wanted = results_in(annotation)
    kinds = (annotation, *typing.get_args(annotation))
    if wanted and Table not in kinds and isinstance(option.value, str):
        return _named(option.value, wanted, namespace, stored, option.line, option.column)
    if Table in kinds:
        held = namespace.get(option.value) if isinstance(option.value, str) else option.value
        if isinstance(held, others_than_tables(kinds)):
            return held
        place = (option.line, option.column)
        return _table(option.value, namespace, stored, *place, keeps_files=str in kinds)
    if annotation is bool and option.value is True:
        return True
    if object in (annotation, *typing.get_args(annotation)):
        text = option.value
        return namespace.get(text, text) if isinstance(text, str) else text
    return convert(option, annotation)


def _subject(  # noqa: PLR0911 — one kind of subject a return
    signature: Signature, call: Call, namespace: Mapping[str, Any], stored: Stored | None
) -> Any:
    text = call.subject
    column = call.subject_tokens[0].column if call.subject_tokens else None
    if text is None and signature.is_subject_needed:
        raise CallError(
            f"`{call.verb}` needs something to work on: `%qforge help {call.verb}` shows it",
            line=1,
        )
    is_line_the_body = signature.body is str and call.body is None
    if text is None or (signature.subject is None and is_line_the_body):
        return None
    if signature.subject is None:
        raise CallError(
            f"`{call.verb}` works on nothing and {text[:60]!r} came", line=1, column=column
        )
    wanted = results_in(signature.subject)
    kinds = (signature.subject, *typing.get_args(signature.subject))
    is_text = str in kinds and stored is not None and stored.names(text)
    if wanted and Table not in kinds and not is_text:
        return _named(text, wanted, namespace, stored, 1, column)
    if Span in kinds and stored is not None:
        return stored.span(text)
    if isinstance(namespace.get(text), others_than_tables(kinds)):
        text = "{{" + text + "}}"
    elif Table in kinds:
        others = others_than_tables(kinds)
        kept = stored.result(text, others) if stored and others and text not in namespace else None
        return kept or _rows(call, text, kinds, namespace, stored)
    if text.startswith("{{") and text.endswith("}}"):
        return look_up(text[2:-2].strip(), namespace)
    if signature.subject is object or signature.subject is Any:
        return namespace.get(text, text)
    return text


def _rows(
    call: Call,
    text: str,
    kinds: tuple[Any, ...],
    namespace: Mapping[str, Any],
    stored: Stored | None,
) -> Any:
    """Find the table that a verb works on; what is committed is a variable first."""
    column = call.subject_tokens[0].column if call.subject_tokens else None
    if call.verb == "commit":
        dataset = stored.dataset(text) if stored and "to" not in call.options else None
        if stored and dataset:
            return stored.working(dataset)
        return _table(text, namespace, None if text in namespace else stored, 1, column)
    if call.verb in OF_STORED and stored is not None and stored.dataset(text) is not None:
        return stored.table(text)
    if str in kinds:
        return _source(text, namespace, stored, column)
    return _table(text, namespace, stored, 1, column)


def _named(  # noqa: PLR0913 — where to look, and where to point
    name: str,
    wanted: tuple[type, ...],
    namespace: Mapping[str, Any],
    stored: Stored | None,
    line: int,
    column: int | None,
) -> Any:
    """Look a result up, in the kernel or in the store; it must be of the right kind."""
    fitting = [key for key, value in namespace.items() if isinstance(value, wanted)]
    if place := read_place(name):
        try:
            value = entry_of(*place, namespace)
        except CallError as problem:
            raise CallError(problem.message, line=line, column=column) from None
    else:
        value = namespace.get(name)
    if name not in namespace and not place and stored is not None:
        value = stored.result(name, wanted)
    if not isinstance(value, wanted):
        entries = getattr(value, "entries", ())
        if entries and isinstance(entries[0], wanted):
            raise CallError(f"{name} holds several: write {name}[0]", line=line, column=column)
        kinds = " or ".join(kind.kind for kind in wanted)  # type: ignore[attr-defined]
        raise CallError(
            f"A {kinds} was wanted and {name[:60]!r} is none{nearest(name, _public(fitting))}",
            line=line,
            column=column,
        )
    return value


def _table(  # noqa: PLR0913 — where to look, and where to point
    value: Any,
    namespace: Mapping[str, Any],
    stored: Stored | None,
    line: int,
    column: int | None,
    *,
    keeps_files: bool = False,
) -> Any:
    """Find a table: a kernel variable, a stored version, or a file, a glob or a URL.

    A verb that reads files itself, as with a query, is given their name.
    """
    if not isinstance(value, str):
        return value
    name = value.removeprefix("{{").removesuffix("}}").strip()
    found = namespace.get(name)
    dataset = stored.dataset(value) if stored else None
    if is_tabular(found):
        if dataset is not None and name == value:
            raise CallError(
                f"{name!r} is a variable and a stored dataset: write {{{{{name}}}}} for the "
                f"variable, or {name}@HEAD for the newest version",
                line=line,
                column=column,
            )
        return _as_table(found, name)
    part = stored.table(value) if stored and dataset is None and "/" in value else None
    if part is not None:
        return part
    if dataset is not None and stored is not None:
        if _is_place(value):
            raise _file_or_dataset(value, dataset.name, column, line)
        return stored.table(value)
    if any(mark in value for mark in "/\\*:") or Path(value).suffix or _is_place(value):
        from qforge_jupyter.formats import load

        return value if keeps_files else load(value)
    tabular = [key for key, each in namespace.items() if is_tabular(each)]
    came = (
        f"{name[:60]!r} is a {type(found).__name__}"
        if name in namespace
        else f"there is no {name[:60]!r}"
    )
    raise CallError(
        f"A table was wanted and {came}{nearest(name, _public(tabular))}", line=line, column=column
    )


def _source(
    text: str, namespace: Mapping[str, Any], stored: Stored | None, column: int | None
) -> Any:
    """Find a variable or a version that holds rows; any other text names a file."""
    if text.startswith("{{") and text.endswith("}}"):
        name = text[2:-2].strip()
        value = look_up(name, namespace)
        return value if isinstance(value, str | Path) else _as_table(value, name)
    if text in namespace and (is_tabular(namespace[text]) or not _is_place(text)):
        return _table(text, namespace, stored, 1, column)
    table = stored.table(text) if stored is not None else None
    if table is not None and _is_place(text):
        raise _file_or_dataset(text, table.name, column)
    return table or text


def _file_or_dataset(text: str, dataset: str, column: int | None, line: int = 1) -> CallError:
    return CallError(
        f"{text[:60]!r} is a file and a stored dataset: write ./{text[:60]} for the "
        f"file, or {dataset}@HEAD for the newest version",
        line=line,
        column=column,
    )


def _is_place(text: str) -> bool:
    try:
        return Path(text).exists()
    except (OSError, ValueError):  # longer than a name can be, or with a NUL in it
        return False


def _as_table(found: Any, name: str) -> Table:
    from qforge_jupyter.frames.convert import to_table

    return to_table(found, name)


def _public(names: list[str]) -> list[str]:
    return [name for name in names if not name.startswith("_")]


def _raw(call: Call, namespace: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Bind the values of a raw body, and give it the tables that it names."""
    import re

    text = call.body.text if call.body else (call.subject or "")
    try:
        sql, names = bind_values(text)
    except CallError as problem:
        if call.body is None and problem.column is not None and call.subject_tokens:
            token = call.subject_tokens[0]
            problem.line, problem.column = 1, problem.column + token.column
        raise
    words = set(re.findall(r"\w+", sql))
    known = _public([name for name, value in namespace.items() if is_tabular(value)])
    tables = {name: namespace[name] for name in known if name in words}
    values = tuple(look_up(name, namespace) for name in names)
    return sql, {"tables": tables, "values": values, "known": tuple(known)}
