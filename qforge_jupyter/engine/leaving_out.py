"""Take back what a named scorecard brings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from qforge_jupyter.errors import CallError, RuleError, blaming, nearest
from qforge_jupyter.rules.tokens import read_tokens

if TYPE_CHECKING:
    from qforge_jupyter.engine.scorecard import Scorecard

#: Parts of a card that speak of one field each.
BY_FIELD = ("units", "ranges", "values", "patterns", "accuracy")
#: Parts of a card that list fields.
LISTS = ("required", "optional", "unique_by")
#: In place of a range: this field has none.
NO_RANGE = "none"


def leave_out(card: Scorecard, names: Iterable[str]) -> Scorecard:
    """Give the card without some of its fields and rules.

    A field's name takes back all that the card says of it, the rules that read
    it among that; a rule's name takes back the rule.

    Raises
    ------
    CallError
        The card speaks of no such field and has no such rule.

    Examples
    --------
    >>> from qforge_jupyter.engine.scorecard import Scorecard
    >>> card = Scorecard(required=["gap", "forces"], ranges={"forces": "0 .. 100"})
    >>> leave_out(card, ["forces"]).required
    ('gap',)

    """
    for name in names:
        changes = {**_without_field(card, name), **_without_rules(card, name)}
        if not changes:
            with blaming("without"):
                raise CallError(
                    f"`without` names {name!r}, of which the card says nothing"
                    f"{nearest(name, _known(card))}"
                )
        card = card.model_copy(update=changes)
    return card


def without_ranges(ranges: dict[str, str], base: dict[str, str]) -> dict[str, str]:
    """Drop the ranges that are taken back by ``none``.

    Raises
    ------
    CallError
        There was none to take back.

    Examples
    --------
    >>> without_ranges({"gap": "0 .. 9", "homo": "none"}, {"homo": ".. 0"})
    {'gap': '0 .. 9'}

    """
    for field in (name for name, text in ranges.items() if text.strip().lower() == NO_RANGE):
        if field not in base:
            with blaming("ranges", field):
                raise CallError(
                    f"The card has no range of {field!r} to take back{nearest(field, base)}"
                )
    return {name: text for name, text in ranges.items() if text.strip().lower() != NO_RANGE}


def _field(text: str) -> str:
    """Give the field of ``gap when has_lumo``."""
    return text.partition(" when ")[0].strip()


def _without_field(card: Scorecard, name: str) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for part in LISTS:
        listed = getattr(card, part)
        changes[part] = tuple(text for text in listed if name not in (text, _field(text)))
    for part in BY_FIELD:
        changes[part] = {key: each for key, each in getattr(card, part).items() if key != name}
    judged = card.outliers.columns
    if judged and name in judged:
        left = tuple(column for column in judged if column != name)
        changes["outliers"] = card.outliers.model_copy(update={"columns": left})
    return {part: value for part, value in changes.items() if value != getattr(card, part)}


def _without_rules(card: Scorecard, name: str) -> dict[str, Any]:
    left = {
        key: text for key, text in card.rules.items() if key != name and name not in _reads(text)
    }
    return {"rules": left} if left != card.rules else {}


def _reads(rule: str) -> set[str]:
    """Name what a rule reads, whatever the table's columns are."""
    try:
        operands = read_tokens(rule).operands.values()
    except RuleError:  # It is told, with its place, where the rule is compiled.
        return set()
    return {str(each.value) for each in operands if each.kind == "name"}


def _known(card: Scorecard) -> set[str]:
    fields = {_field(text) for part in LISTS for text in getattr(card, part)}
    fields |= {field for part in BY_FIELD for field in getattr(card, part)}
    return fields | set(card.rules)
