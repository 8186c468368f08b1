"""A call in words that can be opened again, after the kernel that made it is gone."""

from __future__ import annotations

import os
import re
import typing
from collections.abc import Mapping
from typing import Any

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.convert import is_tabular
from qforge_jupyter.redaction import redact
from qforge_jupyter.verbs import VERBS, signature_of
from qforge_jupyter.verbs._stored import Stored

#: A user's name in a URL, which is no secret as a password is.
_USER = re.compile(r"://[A-Za-z_][A-Za-z_-]{0,31}@")
_PLAIN = (str, int, float, bool, type(None))


def is_long(verb: str) -> bool:
    """Say whether a verb may take so long that it can run as a job."""
    return bool(getattr(VERBS.get(verb), "IS_LONG", False))


def require_long(verb: str) -> None:
    """Refuse a verb that is over at once, or that works on what only a kernel has.

    Raises
    ------
    CallError
        It does not run as a job.

    """
    if not is_long(verb):
        known = ", ".join(name for name in VERBS.names() if is_long(name))
        raise CallError(f"`{verb}` does not run as a job; these do: {known}")


def words_of(
    context: Context,
    verb: str,
    subject: Any,
    options: Mapping[str, Any],
    body: Any,
    texts: Mapping[str, str],
    *,
    is_repeated: bool = False,
) -> dict[str, Any]:
    """Write a call down.

    Parameters
    ----------
    context
        The open workspace.
    verb, subject, options, body
        The call, with values.
    texts
        What was written for the subject and for each option, by name.
    is_repeated
        Whether it runs by a schedule, and so reads what is newest each time. Else a stored
        dataset is kept as the version that it is now.

    Raises
    ------
    CallError
        A value is one of this kernel alone, or holds a secret.

    """
    signature = signature_of(verb)

    def word(value: Any, annotation: Any, name: str) -> Any:
        return _word(context, value, annotation, (name, texts.get(name, "")), is_repeated)

    made = {
        "verb": verb,
        "subject": word(subject, signature.subject, "subject"),
        "subject_text": texts.get("subject") or (subject if isinstance(subject, str) else ""),
        "options": {
            name: word(value, signature.options[written(name)].annotation, name)
            for name, value in options.items()
            if value is not None
        },
        "body": _body(body),
        "seed": context.seed,
        "device": context.device,
        "folder": os.getcwd(),  # noqa: PTH109 — as text
        "into": list(context.place.into),
        "notebook": context.place.notebook,
        "cell": context.place.cell,
        "cell_sha256": context.place.cell_sha256,
    }
    said = _USER.sub("://", f"{made['subject']} {made['options']} {made['body']}")
    if redact(said) != said:
        raise CallError(
            "A job keeps its call, and this one holds a secret: leave it out, and let the "
            "database's own variables or its password file say it (PGPASSWORD, PGPASSFILE)"
        )
    return made


def _word(
    context: Context, value: Any, annotation: Any, named: tuple[str, str], is_repeated: bool
) -> Any:
    name, text = named
    if isinstance(value, Table) and value.version is not None:
        is_newest = is_repeated and bool(text)
        return text if is_newest else f"{value.version.dataset}@{value.version.commit}"
    takes_tables = Table in (annotation, *typing.get_args(annotation))
    if isinstance(value, Table):
        stored = Stored(lambda: context)
        if text and (stored.table(text) is not None or _is_file(text)):
            return text
    elif isinstance(value, str) and takes_tables and not is_repeated:
        table = Stored(lambda: context).table(value)
        if table is not None and table.version is not None:
            return f"{table.version.dataset}@{table.version.commit}"
        return value
    elif isinstance(value, _PLAIN):
        return value
    elif isinstance(value, list | tuple) and all(isinstance(each, _PLAIN) for each in value):
        return list(value)
    said = (text or name)[:60]
    what = "variable" if isinstance(value, Table) or is_tabular(value) else type(value).__name__
    raise CallError(
        f"{said!r} is a {what} of this kernel, which a job cannot open again once the kernel is "
        "gone: " + (f"store it (`%qforge commit {said} to NAME`)" if what == "variable" else
        "name a stored dataset") + " or a file"
    )  # fmt: skip


def _is_file(text: str) -> bool:
    """Say whether a text names a file, a glob or an address."""
    from pathlib import Path

    return any(mark in text for mark in "/\\*:") or bool(Path(text).suffix)


def _body(body: Any) -> Any:
    if body is None or type(body) is str:
        return body
    if hasattr(body, "model_dump"):
        return body.model_dump(mode="json", exclude_unset=True)
    if isinstance(body, Mapping):
        return dict(body)
    raise CallError("A job keeps its call, and this body is code of its cell: run it as a cell")


def written(name: str) -> str:
    """Name of an option as it is written in a cell."""
    return name.rstrip("_").replace("_", "-")


def reopened(context: Context, call: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Give subject and options of a call that was written down.

    Raises
    ------
    CallError
        The process works in another folder, in which paths mean other files.

    """
    if call["folder"] != os.getcwd():  # noqa: PTH109 — as text
        raise CallError(
            "The job was begun in another folder, where its paths mean other files: "
            "change into it (its row of `job` in `%%qforge sql` names it) and resume it there"
        )
    signature = signature_of(call["verb"])
    options = {
        name: _opened(context, value, signature.options[written(name)].annotation)
        for name, value in call["options"].items()
    }
    return _opened(context, call["subject"], signature.subject), options


def _opened(context: Context, value: Any, annotation: Any) -> Any:
    kinds = (annotation, *typing.get_args(annotation))
    if not isinstance(value, str) or Table not in kinds:
        return value
    table = Stored(lambda: context).table(value)
    if table is not None or str in kinds:
        return table or value
    from qforge_jupyter.formats import load

    return load(value)
