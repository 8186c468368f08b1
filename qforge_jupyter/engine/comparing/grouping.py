"""Errors told apart by the values of columns, worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.comparing.judging import are_within, judge, share_of
from qforge_jupyter.engine.comparing.measuring import Measuring
from qforge_jupyter.engine.comparing.pairing import Pairing
from qforge_jupyter.engine.comparing.question import Question
from qforge_jupyter.engine.comparing.sums import FEW_BAGS, Draws, Errors
from qforge_jupyter.engine.uncertainty.student import FEWEST
from qforge_jupyter.results.compared import Compared

#: From so many groups on, whole groups are drawn: rows of one are alike, and count less.
DRAWN_FROM = FEWEST
#: The largest groups have intervals, so many of them.
MOST_INTERVALS = 500
SHOWN = ("mae", "rmse", "bias", "r2")


@dataclass(frozen=True)
class Grouping:
    """The group of each joined row: its label, and its number in order of appearance."""

    labels: pl.Series
    numbers: NDArray[np.int64]
    n: int

    @property
    def is_drawn(self) -> bool:
        """Whether resamples draw whole groups, and not rows."""
        return self.n >= DRAWN_FROM


def read_groups(rows: pl.DataFrame, names: Sequence[str]) -> Grouping | None:
    """Number the groups of joined rows; None where nobody asked."""
    if not names:
        return None
    joined = labels_of(rows, len(set(names)))
    numbers = joined.rank("dense").fill_null(0).cast(pl.Int64).to_numpy() - 1
    return Grouping(joined, numbers, joined.n_unique())


def labels_of(rows: pl.DataFrame, n: int) -> pl.Series:
    """Write the values of a group's columns as one text, in which no two groups are alike.

    Examples
    --------
    >>> labels_of(pl.DataFrame({"g0": ["a", "a / b"], "g1": ["b / c", "c"]}), 2).to_list()
    ['a / b // c', 'a // b / c']
    >>> labels_of(pl.DataFrame({"g0": ["O2/Ti"]}), 1).to_list()
    ['O2/Ti']

    """
    parts = [pl.col(f"g{at}") for at in range(n)]
    if n > 1:
        parts = [each.str.replace_all("/", "//", literal=True) for each in parts]
    return rows.select(pl.concat_str(parts, separator=" / ").alias("group")).to_series()


def by_group(
    rows: pl.DataFrame,
    pairs: Sequence[Pairing],
    compared: Sequence[Compared],
    grouping: Grouping,
    asked: Question,
) -> pl.DataFrame:
    """Measure each property in each group; the largest MAE of a property first."""
    order = np.argsort(grouping.numbers, kind="stable")
    ends = np.searchsorted(grouping.numbers[order], np.arange(grouping.n + 1))
    labels = grouping.labels.to_numpy()
    largest = set(np.argsort(-np.diff(ends), kind="stable")[:MOST_INTERVALS].tolist())
    measuring = Measuring(asked.confidence, Draws(asked.seed), FEW_BAGS)
    lines = []
    for at, (pair, whole) in enumerate(zip(pairs, compared, strict=True)):
        sides = [rows.get_column(f"{side}{at}").to_numpy() for side in "pr"]
        tolerance = asked.tolerance.get(pair.name)
        wanted = (*SHOWN, "mape") if tolerance and tolerance.is_relative else SHOWN
        for number in range(grouping.n):
            members = order[ends[number] : ends[number + 1]]
            predicted, reference = (side[members] for side in sides)
            is_pair = np.isfinite(predicted) & np.isfinite(reference)
            errors = Errors(predicted[is_pair], reference[is_pair])
            found = measuring.measure(errors, wanted, has_intervals=number in largest)
            line: dict[str, object] = {
                "property": pair.name,
                "group": labels[members[0]] if len(members) else "",
                "n": len(errors),
            }
            for name in SHOWN:
                each = found[name]
                line |= {name: each.value, f"{name}_low": each.low, f"{name}_high": each.high}
            if tolerance and whole.tolerance:
                allowed = tolerance.into(pair.unit, pair.name)
                within = share_of(are_within(errors, allowed), asked.confidence)
                found["share_within"] = within
                line["share_within"] = within.value
                line["verdict"] = judge(found, allowed, asked)[0]
            lines.append(line)
    if not lines:
        ends_of = [f"{name}{end}" for name in SHOWN for end in ("", "_low", "_high")]
        empty = {"property": pl.String, "group": pl.String, "n": pl.Int64}
        return pl.DataFrame(schema={**empty, **dict.fromkeys(ends_of, pl.Float64)})
    frame = pl.DataFrame(lines, infer_schema_length=None)
    first = {pair.name: at for at, pair in enumerate(pairs)}
    return frame.sort(
        pl.col("property").replace_strict(first, return_dtype=pl.Int64),
        pl.col("mae"),
        pl.col("group"),
        descending=[False, True, False],
        nulls_last=True,
    )
