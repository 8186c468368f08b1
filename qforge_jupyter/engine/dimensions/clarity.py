"""Clarity: examples away from the decision boundary, unambiguous labels, explained edge cases.

Of labeled examples; four questions, each asked where a column or the data can answer it:

- *clear of the boundary*: among the nearest labeled examples the most frequent class leads by a
  fifth of them at least;
- *boundary explained*: the column ``boundary`` says why the label is this one;
- *labelers agree*: two thirds of those in ``labelers`` who answered (two or more) say the same;
- *edge case documented*: an example that ``edge_case`` marks has a text in ``documentation``.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.engine.case import Case, Check, Measure
from qforge_jupyter.engine.dimensions._examples import answered, exists, named, says_yes, text_of
from qforge_jupyter.results.uncertainty import NotApplicable

#: By so much the nearest examples' first class has to lead, and so many labelers have to agree.
LEAD, AGREED = 0.2, 2 / 3


def measure(case: Case) -> Measure | NotApplicable:
    """Ask of each example whether its label is plain to see, or explained."""
    target, boundary = named(case, "target"), named(case, "boundary")
    edge, said = named(case, "edge_case"), named(case, "documentation")
    checks: list[Check] = []
    answers: list[pl.Series] = []
    for found in (_boundary(case, target), _agreement(case)):
        if found is not None:
            checks.append(found[0])
            answers.append(found[1])
    if boundary:
        explained = text_of(boundary).is_not_null()
        checks.append(
            Check("boundary explained", "clarity", (boundary,), "a reason for the label", explained)
        )
    if edge and said:
        documented = pl.when(says_yes(case, edge)).then(text_of(said).is_not_null())
        checks.append(Check("edge case documented", "clarity", (edge, said), "a text", documented))
    if not checks:
        return NotApplicable(_reason(case, target))
    return Measure(tuple(checks), answers=tuple(answers))


def _boundary(case: Case, target: str) -> tuple[Check, pl.Series] | None:
    if not target or isinstance(similar := case.similar, NotApplicable):
        return None
    expected = f"one class that leads by {LEAD:.0%} among similar examples"
    return answered(
        case,
        ("clear of the boundary", "clarity", (target,), expected),
        similar.lead >= LEAD - 1e-9,
        similar.is_labeled,
    )


def _agreement(case: Case) -> tuple[Check, pl.Series] | None:
    from qforge_jupyter.engine.active_learning.labels import Labels
    from qforge_jupyter.engine.active_learning.voting import answers_of

    labelers = case.card.examples.labelers
    for name in labelers:
        exists(case, "labelers", name)
    if len(labelers) < 2 or not case.table.n_rows:
        return None
    nothing = Labels((), np.empty(0, dtype=np.int64))
    given, n_classes = answers_of(case.table.frame, labelers, nothing)
    counts = np.stack([(given == place).sum(axis=1) for place in range(n_classes)], axis=1)
    n_given = counts.sum(axis=1)
    share = counts.max(axis=1) / np.maximum(n_given, 1)
    return answered(
        case,
        ("labelers agree", "clarity", labelers, "two thirds of the labelers say the same"),
        share >= AGREED - 1e-9,
        n_given >= 2,
    )


def _reason(case: Case, target: str) -> str:
    if target and isinstance(case.similar, NotApplicable):
        return f"no column holds labelers' answers or reasons, and {case.similar.reason}"
    return "no column of labels, labelers' answers or reasons is named in `examples`"
