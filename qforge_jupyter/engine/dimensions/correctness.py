"""Correctness: labels verified by people, borne out by the outcome, and like those of their like.

Of labeled examples; three questions, each asked where a column or the data can answer it:

- *verified by people*: the column ``verified`` says so (true, a number above 0, or who did it);
- *matches the outcome*: ``target`` equals ``outcome``, in rows that have both;
- *consistent with similar examples*: among the ``neighbors`` nearest labeled examples no other
  class is more frequent than the example's own (its own label is not looked at).
"""

from __future__ import annotations

import polars as pl

from qforge_jupyter.engine.case import Case, Check, Measure
from qforge_jupyter.engine.dimensions._examples import answered, named, same, says_yes
from qforge_jupyter.results.uncertainty import NotApplicable


def measure(case: Case) -> Measure | NotApplicable:
    """Ask of each example whether its label can be relied on."""
    target, verified, outcome = (named(case, key) for key in ("target", "verified", "outcome"))
    checks: list[Check] = []
    answers: list[pl.Series] = []
    if verified:
        checks.append(
            Check(
                "verified by people", "correctness", (verified,), "a verification",
                says_yes(case, verified),
            )
        )  # fmt: skip
    if target and outcome:
        checks.append(
            Check(
                "matches the outcome", "correctness", (target, outcome),
                f"the same as {outcome}", same(case, target, outcome),
            )
        )  # fmt: skip
    if target and not isinstance(similar := case.similar, NotApplicable):
        expected = f"what most of the {case.card.examples.neighbors} most similar examples have"
        check, answer = answered(
            case,
            ("consistent with similar examples", "correctness", (target,), expected),
            similar.agrees,
            similar.is_labeled,
        )
        checks.append(check)
        answers.append(answer)
    if not checks:
        return NotApplicable(_reason(case, target))
    return Measure(tuple(checks), answers=tuple(answers))


def _reason(case: Case, target: str) -> str:
    if target and isinstance(case.similar, NotApplicable):
        return f"nothing says who verified or what came of it, and {case.similar.reason}"
    return "no column of labels, verifications or outcomes is named in `examples`"
