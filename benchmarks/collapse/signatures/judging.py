"""How often the vote of the nearest cases names the right mode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from benchmarks.collapse.rates import Share
from benchmarks.collapse.signatures.cases import Signed
from qforge_jupyter.engine.collapse.signatures.metric import Metric
from qforge_jupyter.engine.collapse.signatures.voting import POWER, VOTERS


@dataclass(frozen=True)
class Told:
    """Cases with the modes that were voted for, the likeliest first."""

    frame: pl.DataFrame

    def rate(self, at: int = 1) -> float:
        """Give the share whose mode is among the first."""
        return float(self.hits(at).mean()) if self.frame.height else float("nan")

    def hits(self, at: int) -> np.ndarray:
        """Say of which cases the mode is among the first."""
        pairs = zip(self.frame["mode"], self.frame["voted"], strict=True)
        return np.array([mode in voted[:at] for mode, voted in pairs])


def leave_tables_out(library: Signed) -> Told:
    """Ask the cases of each table of a library made of all other tables."""
    parts = [
        told(library.where(pl.col("table") != table), library.where(pl.col("table") == table))
        for table in library.frame["table"].unique().sort()
    ]
    return Told(pl.concat([each.frame for each in parts]))


def told(library: Signed, queries: Signed) -> Told:
    """Ask cases of a library: its metric is fitted to it, and it votes."""
    modes = library.frame["mode"].to_numpy()
    metric = Metric.fit(library.values, list(modes))
    near = metric.place(queries.values) @ metric.place(library.values).T
    voted, nearest = [], []
    for similarities in near:
        first = np.argsort(-similarities, kind="stable")[:VOTERS]
        weights = np.maximum(similarities[first], 0.0) ** POWER
        names, place = np.unique(modes[first], return_inverse=True)
        order = np.argsort(-np.bincount(place, weights=weights), kind="stable")
        voted.append(list(names[order]))
        nearest.append(float(similarities[first[0]]))
    frame = queries.frame.drop("signature")
    return Told(frame.with_columns(voted=pl.Series(voted, dtype=pl.List(pl.String)),
                                   nearest=pl.Series(nearest, dtype=pl.Float64)))  # fmt: skip


def unknown_modes(library: Signed) -> np.ndarray:
    """Give how near the nearest case is where neither the table nor the mode is known."""
    found = []
    for mode in library.frame["mode"].unique().sort():
        rest = library.where(pl.col("mode") != mode)
        metric = Metric.fit(rest.values, list(rest.frame["mode"]))
        asked = library.where(pl.col("mode") == mode)
        near = metric.place(asked.values) @ metric.place(rest.values).T
        same = asked.frame["table"].to_numpy()[:, None] == rest.frame["table"].to_numpy()[None, :]
        found.append(np.where(same, -1, near).max(axis=1))
    return np.concatenate(found)


def line(name: str, result: Told) -> str:
    """Print one line: top 1 with its interval, top 3 and top 5, cases."""
    n = result.frame.height
    if not n:
        return f"| {name} | – | – | – | 0 |"
    rate = Share(int(result.hits(1).sum()), n)
    rates = [f"{result.rate(at):.3f}" for at in (1, 3, 5)]
    return (
        f"| {name} | {rates[0]} [{rate.low:.3f}–{rate.high:.3f}] | {rates[1]} | {rates[2]} | {n} |"
    )


def by(name: str, column: str, result: Told) -> list[str]:
    """Print a line for each value of a column, with what it is taken for."""
    lines = [f"| {name}: {column} | top 1 | top 3 | top 5 | cases |", "|---|---|---|---|---|"]
    for value in result.frame[column].unique().sort():
        some = Told(result.frame.filter(pl.col(column) == value))
        wrong = [
            v[0] for m, v in zip(some.frame["mode"], some.frame["voted"], strict=True) if v[0] != m
        ]
        counts = pl.Series("for", wrong, dtype=pl.String).value_counts(sort=True).head(2)
        for_ = ", ".join(f"{mode} {n}" for mode, n in counts.rows())
        lines.append(line(f"{value}{f' (taken for {for_})' if for_ else ''}", some))
    return lines
