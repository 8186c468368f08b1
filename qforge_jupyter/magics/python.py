"""A call as plain Python, for people who outgrow the cell (``--as-python``)."""

from __future__ import annotations

from typing import Any

from qforge_jupyter.frames import Table
from qforge_jupyter.magics.binding import Bound
from qforge_jupyter.results.base import Result
from qforge_jupyter.verbs import Signature

LINE = 88


def write_python(bound: Bound, signature: Signature) -> str:
    """Write the statement that does what the cell does.

    It stands on its own if ``ws = qf.open(...)`` came before.
    """
    arguments = [] if bound.subject is None else [_subject(bound, signature)]
    for name, value in bound.options.items():
        if name == "tables":
            arguments += [f"{table}={table}" for table in value]
        elif value != ():
            arguments.append(f"{name}={_value(value)}")
    if isinstance(bound.body, str):
        arguments.insert(0, _value(bound.body))
    elif bound.body is not None:
        body = bound.body.model_dump(exclude_unset=True)
        arguments += [f"{name}={value!r}" for name, value in body.items()]
    target = f"{bound.into[0]} = " if bound.into else ""
    call = f"{target}ws.{bound.verb}({', '.join(arguments)})"
    if bound.verb == "use":
        return f"ws = qf.open({bound.subject!r})"
    if len(call) <= LINE:
        return call
    inner = "".join(f"    {argument},\n" for argument in arguments)
    return f"{target}ws.{bound.verb}(\n{inner})"


def _subject(bound: Bound, signature: Signature) -> str:
    text = bound.subject_text or ""
    if isinstance(bound.subject, Table) and not text.isidentifier():
        return f"ws.load({text!r})"
    return repr(text) if signature.subject is str or not text.isidentifier() else text


def _value(value: Any) -> str:
    if isinstance(value, Table | Result):
        return getattr(value, "name", "table")
    return repr(value)
