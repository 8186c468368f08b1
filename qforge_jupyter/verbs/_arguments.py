"""Of the parts of a call, typed arguments for ``run``."""

from __future__ import annotations

import os
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.convert import to_table
from qforge_jupyter.frames.span import Span
from qforge_jupyter.language.body import Body
from qforge_jupyter.language.parsing import Option
from qforge_jupyter.language.validation import convert, validate
from qforge_jupyter.verbs._signatures import (
    Parameter,
    Signature,
    others_than_tables,
    results_in,
)

if TYPE_CHECKING:
    from qforge_jupyter.verbs._stored import Stored


def bind(
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
        bound["body"] = _typed_body(verb, signature, body)
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


def _is_open(annotation: Any) -> bool:
    """Whether a value may be, or hold, any object."""
    return annotation in (Any, object) or any(map(_is_open, typing.get_args(annotation)))


def _typed_body(verb: str, signature: Signature, body: Any) -> Any:
    model = signature.model
    if signature.body is str and not isinstance(body, str):
        raise CallError(f"`{verb}` wants text and {type(body).__name__} came")
    if model is None or body is None or isinstance(body, model):
        return body
    return validate(model, Body(dict(body), ""), where=verb)
