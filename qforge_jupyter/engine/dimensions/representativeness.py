"""Representativeness: classes in balance, every kind of row covered, edge cases in each class.

Of labeled examples; three questions, each asked where a column can answer it:

- *class balance*: the example's class has at most one and a half times its fair share of the
  labels (an example of a class that crowds out others adds little);
- *coverage*: at least ``least`` examples share its values in the ``cover`` columns (numbers in
  four quantile bins);
- *edge cases*: some example of its class is marked by ``edge_case``.
"""

from __future__ import annotations

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.engine.case import Case, Check, Measure
from qforge_jupyter.engine.dimensions._examples import answered, exists, named, says_yes, text_of
from qforge_jupyter.results.uncertainty import NotApplicable

#: A class may have so many times its fair share, and numbers are cut into so many bins.
MOST_OF_FAIR, N_BINS = 1.5, 4


def measure(case: Case) -> Measure | NotApplicable:
    """Ask of each example whether its kind is there in the right number."""
    target, edge = named(case, "target"), named(case, "edge_case")
    checks: list[Check] = []
    answers: list[pl.Series] = []
    if target:
        checks.append(_balance(case, target))
    if target and edge:
        has_edge = case.table.lazy.filter(says_yes(case, edge)).select(text_of(target)).collect()
        known = has_edge.to_series().drop_nulls().unique().to_list()
        expected = "an edge case of this class"
        checks.append(
            Check(
                "edge cases",
                "representativeness",
                (target,),
                expected,
                text_of(target).is_in(known),
            )
        )
    if case.card.examples.cover:
        check, answer = _coverage(case)
        checks.append(check)
        answers.append(answer)
    if not checks:
        return NotApplicable("no column of labels, and none to cover, is named in `examples`")
    return Measure(tuple(checks), answers=tuple(answers))


def _balance(case: Case, target: str) -> Check:
    counts = (
        case.table.lazy.select(text_of(target).alias("label"))
        .drop_nulls()
        .group_by("label")
        .len("n")
        .collect()
    )
    most = MOST_OF_FAIR * int(counts["n"].sum()) / max(1, counts.height)
    fair = counts.filter(pl.col("n") <= most)["label"].to_list()
    # Of one class alone there is no balance.
    within = text_of(target).is_in(fair if counts.height > 1 else [])
    expected = f"a class of at most {MOST_OF_FAIR:g} times its fair share"
    return Check("class balance", "representativeness", (target,), expected, within)


def _coverage(case: Case) -> tuple[Check, pl.Series]:
    names, least = case.card.examples.cover, case.card.examples.least
    for name in names:
        exists(case, "cover", name)
    cells = case.table.lazy.select(
        _binned(case, name).alias(f"c{place}") for place, name in enumerate(names)
    ).collect()
    n_alike = cells.select(pl.len().over(cells.columns)).to_series() if cells.height else None
    enough = (
        n_alike >= least if n_alike is not None else pl.Series([], dtype=pl.Boolean)
    ).to_numpy()
    expected = f"at least {least} examples of its kind"
    check = ("coverage", "representativeness", tuple(names), expected)
    return answered(case, check, enough, enough | ~enough)


def _binned(case: Case, name: str) -> pl.Expr:
    cell = column(name)
    if not case.schema[name].is_numeric():
        return cell.cast(pl.String) if not case.schema[name].is_nested() else cell
    rank = cell.rank("min") - 1
    return (rank * N_BINS / cell.count()).floor()
