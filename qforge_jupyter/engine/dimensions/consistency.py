"""Consistency: cross-field rules that hold / rules that could be asked."""

from __future__ import annotations

from qforge_jupyter.engine.case import Case, Check, Measure
from qforge_jupyter.errors import blaming
from qforge_jupyter.results.uncertainty import NotApplicable
from qforge_jupyter.rules.expressions import read_rule


def measure(case: Case) -> Measure | NotApplicable:
    """Ask of each row whether the card's rules hold; null is not asked."""
    if not case.card.rules:
        return NotApplicable("no rule is given")
    return Measure(tuple(_check(case, name, text) for name, text in case.card.rules.items()))


def _check(case: Case, name: str, text: str) -> Check:
    with blaming("rules", name):
        rule = read_rule(text, case.schema, name=name, units=case.card.units)
    return Check(name, "consistency", rule.columns, rule.text, rule.expression)
