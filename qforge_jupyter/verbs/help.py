"""Say what a verb does, what it takes, and show an example."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from qforge_jupyter.context import Context
from qforge_jupyter.documents.blocks import Block, Grid, Section, Text
from qforge_jupyter.results.page import Page
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs import VERBS, Signature, purpose_of, signature_of

#: Parameters of `sql` that the cell itself gives.
GIVEN = frozenset({"tables", "values", "known"})

EXAMPLE = """\
%qforge help score
"""


def run(context: Context | None, subject: str | None = None) -> Page:  # noqa: ARG001 - one shape
    """Show the verbs, or one verb with its options and an example.

    Parameters
    ----------
    context
        Not needed: help works before a workspace is open.
    subject
        A verb.

    """
    return _verb_page(subject) if subject else _overview()


def rehearse(settings: Settings, subject: str | None = None) -> None:  # noqa: ARG001 - one shape
    """Check that there is such a verb."""
    if subject:
        VERBS.get(subject)


def _overview() -> Page:
    rows = tuple((name, purpose_of(module)) for name, module in VERBS.members().items())
    grid = Grid(("verb", "what it does"), rows)
    more = Text("`%qforge help VERB` shows its options and an example; `%qforge VERB?` does too.")
    content = {"verbs": [list(row) for row in rows]}
    return Page(
        "Q-Forge",
        "%qforge VERB SUBJECT (word VALUE)* (--option VALUE)*",
        "neutral",
        (grid, more),
        content,
    )


@dataclass(frozen=True)
class Description:
    """What there is to say of a verb beside its purpose and its example."""

    subject: str
    options: tuple[tuple[str, str, str], ...]
    keys: tuple[tuple[str, str], ...]


def describe(verb: str) -> Description:
    """Read a verb's options and body keys with what its docstring says of them."""
    signature = signature_of(verb)
    said = _said(VERBS.get(verb).run.__doc__ or "")
    options = tuple(
        (f"--{name}", _type_name(option.annotation), said.get(name, ""))
        for name, option in signature.options.items()
        if name not in GIVEN
    )
    return Description(said.get("subject", ""), options, body_keys(signature))


def _verb_page(verb: str) -> Page:
    module = VERBS.get(verb)
    shown = describe(verb)
    blocks: list[Block] = [Text(purpose_of(module)), Text(module.EXAMPLE.strip())]
    if shown.subject:
        blocks.append(Text(f"SUBJECT: {shown.subject}"))
    if shown.options:
        blocks.append(Grid(("option", "takes", "what it says"), shown.options))
    if shown.keys:
        blocks.append(Section("Body", (Grid(("key", "what it says"), shown.keys),)))
    content = {
        "verb": verb,
        "options": [list(row) for row in shown.options],
        "body": [list(key) for key in shown.keys],
        "example": module.EXAMPLE,
    }
    return Page(f"%qforge {verb}", "", "neutral", tuple(blocks), content)


def body_keys(signature: Signature) -> tuple[tuple[str, str], ...]:
    """Name the keys of a verb's body with what each says."""
    model = signature.model
    if model is None:
        return ()
    return tuple(
        (name.replace("_", " "), field.description or "")
        for name, field in model.model_fields.items()
    )


def _type_name(annotation: Any) -> str:
    parts = [each for each in get_args(annotation) if each is not type(None)]
    if get_origin(annotation) is not None and parts:
        return " or ".join(
            _type_name(each) if not isinstance(each, str) else each for each in parts
        )
    names = {bool: "", str: "text", int: "whole number", float: "number", type(...): "more"}
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _said(docstring: str) -> dict[str, str]:
    """Read what a numpydoc docstring says of each parameter."""
    section = docstring.partition("Parameters\n")[2]
    section = re.split(r"\n\s*\n\s+\w+\n\s+-+\n", section)[0]
    said: dict[str, str] = {}
    for name, text in re.findall(r"^    (\w+)\n((?:        .*\n?)+)", section, re.MULTILINE):
        said[name.rstrip("_").replace("_", "-")] = " ".join(text.split())
    return said
