"""Bad rows planted among good ones, of which it is known which they are.

``python -m benchmarks.collapse.planted`` prints how well rows are found; any function
``localize(candidate, reference, target) -> scores`` (high is bad) can be judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from benchmarks.collapse.damages import dependence, labels, modes, spread
from benchmarks.collapse.draw import Damage, DoesNotApply, Draw
from benchmarks.collapse.generators.catalogue import generate
from benchmarks.collapse.packages import is_installed
from benchmarks.collapse.rates import auroc
from benchmarks.collapse.tables import load, names_of
from benchmarks.collapse.view import metric

Localize = Callable[[pl.DataFrame, pl.DataFrame, str], np.ndarray]
SHARES = (0.2, 0.05)
#: Rows a side.
N = 1_200


@dataclass(frozen=True, slots=True)
class Planted:
    """A candidate, and which of its rows are bad."""

    kind: str
    table: str
    share: float
    candidate: pl.DataFrame
    reference: pl.DataFrame
    target: str
    is_bad: np.ndarray


def damaged(damage: Damage, amount: float) -> Callable[[Draw, np.ndarray], pl.DataFrame]:
    """Take the bad rows from the same rows after damage."""

    def plant(draw: Draw, rows: np.ndarray) -> pl.DataFrame:
        return damage(draw, amount)[rows]

    return plant


def copied(draw: Draw, rows: np.ndarray) -> pl.DataFrame:
    """Take rows of the reference."""
    return draw.reference[draw.rng.choice(draw.reference.height, len(rows), replace=False)]


def repeated(draw: Draw, rows: np.ndarray) -> pl.DataFrame:
    """Repeat a tenth of the rows that are replaced."""
    few = draw.rng.choice(rows, max(1, len(rows) // 10), replace=False)
    return draw.source[draw.rng.choice(few, len(rows))]


def inflated(draw: Draw, rows: np.ndarray) -> pl.DataFrame:
    """Triple the numbers' deviation from their median."""
    return spread.shrink_variance(draw, 3.0)[rows]


def generated(name: str) -> Callable[[Draw, np.ndarray], pl.DataFrame]:
    """Draw rows from a generator of the reference."""

    def plant(draw: Draw, rows: np.ndarray) -> pl.DataFrame:
        return generate(name, draw.reference, draw.numbers, len(rows), draw.rng)

    return plant


def piled_up(draw: Draw, rows: np.ndarray) -> pl.DataFrame:
    """Take fresh rows from around one single row."""
    spare = draw.pool[draw.n :]
    if spare.height < len(rows):
        raise DoesNotApply("the table has too few rows")
    view = metric(spare, draw.pool)
    away = ((view - view[int(draw.rng.integers(len(view)))]) ** 2).sum(axis=1)
    return spare[np.argsort(away, kind="stable")[: len(rows)]]


KINDS: dict[str, Callable[[Draw, np.ndarray], pl.DataFrame]] = {
    "shrunk": damaged(spread.shrink_variance, 0.2),
    "inflated": inflated,
    "drifted": damaged(spread.drift, 1.0),
    "rounded": damaged(spread.round_off, 1.0),
    "cells emptied": damaged(spread.change_nulls, 0.5),
    "scrambled": damaged(dependence.shrink_correlation, 1.0),
    "pair broken": damaged(dependence.break_pair, 1.0),
    "rank lowered": damaged(modes.lower_rank, 0.5),
    "class collapsed": damaged(labels.collapse_class, 0.1),
    "labels flipped": damaged(labels.flip_labels, 1.0),
    "copied": copied,
    "repeated": repeated,
    "piled up": piled_up,
    "autoencoder": generated("autoencoder"),
    "mixture": generated("mixture"),
    "copula": generated("copula"),
}


def plant(kind: str, table: str, share: float, seed: int, n: int = N) -> Planted:
    """Plant a share of bad rows; refuse where the kind does not apply to the table."""
    real = load(table)
    n = min(n, real.frame.height // 2)
    rng = np.random.default_rng([seed, n])
    order = rng.permutation(real.frame.height)
    pool = real.frame[order[n : 5 * n]]
    draw = Draw(pool, real.frame[order[:n]], n, real.target, seed, rng)
    rows = np.sort(rng.choice(n, round(share * n), replace=False))
    bad = KINDS[kind](draw, rows)
    if bad.height < len(rows):
        raise DoesNotApply("the table has too few rows")
    source = draw.source
    is_bad = np.zeros(n, dtype=bool)
    is_bad[rows] = changed(source[rows], bad)
    if is_bad.sum() < max(5, len(rows) // 4):
        raise DoesNotApply("hardly a row changed")
    place = np.arange(n)
    place[rows] = n + np.arange(len(rows))
    mixed = pl.concat([source, bad])[place]
    shuffled = rng.permutation(n)
    return Planted(
        kind, table, share, mixed[shuffled], draw.reference, real.target, is_bad[shuffled]
    )


def changed(before: pl.DataFrame, after: pl.DataFrame) -> np.ndarray:
    """Say which rows differ in any cell."""
    off = [before[name].ne_missing(after[name]).to_numpy() for name in before.columns]
    return np.any(off, axis=0)


def judge(
    localize: Localize, tables: Iterable[str], kinds: Iterable[str] = tuple(KINDS), seed: int = 0
) -> pl.DataFrame:
    """Give AUROC and the precision in the first hundredth of every case."""
    rows = []
    for table in tables:
        for kind in kinds:
            for share in SHARES:
                try:
                    case = plant(kind, table, share, seed)
                except DoesNotApply:
                    continue
                scores = np.asarray(localize(case.candidate, case.reference, case.target))
                first = np.argsort(-scores, kind="stable")[: max(1, len(scores) // 100)]
                rows.append({
                    "kind": kind, "table": table, "share": share,
                    "auroc": auroc(scores[~case.is_bad], scores[case.is_bad]),
                    "precision": float(case.is_bad[first].mean()),
                })  # fmt: skip
    return pl.DataFrame(rows)


def c2st(candidate: pl.DataFrame, reference: pl.DataFrame, _target: str) -> np.ndarray:
    """Score rows by a classifier between the tables, five folds crossed: the rival."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    from benchmarks.collapse.rivals import booster
    from benchmarks.collapse.view import codes

    x = codes(pl.concat([candidate, reference]))
    y = np.arange(len(x)) < candidate.height
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    guess = cross_val_predict(booster(0), x, y, cv=folds, method="predict_proba")
    return np.asarray(guess[: candidate.height, 1])


def show(name: str, found: pl.DataFrame) -> str:
    """Lay out means by kind and share."""
    from benchmarks.collapse.report import table

    rows = []
    for kind in [*found["kind"].unique(maintain_order=True), None]:
        own = found.filter(pl.col("kind") == kind) if kind else found
        cells: list[object] = [kind or "mean of kinds", own["table"].n_unique()]
        for share in SHARES:
            part = (
                own.filter(pl.col("share") == share)
                .group_by("kind")
                .agg(pl.col("auroc", "precision").mean())
            )
            cells += [
                "" if value is None else f"{value:.2f}"
                for value in part.select(pl.col("auroc", "precision").mean()).row(0)
            ]
        rows.append(cells)
    head = [
        "planted",
        "tables",
        *(f"{what} at {share:.0%}" for share in SHARES for what in ("AUROC", "top 1 %")),
    ]
    return table(f"{name}: bad rows found", head, rows)


def main() -> None:
    """Judge the localizer, where it can be imported, beside the rival."""
    import argparse

    ask = argparse.ArgumentParser(prog="python -m benchmarks.collapse.planted")
    ask.add_argument("--part", choices=["dev", "held"], default="dev")
    ask.add_argument("--tables", type=int, default=6, help="tables at most")
    given = ask.parse_args()
    tables = [name for name in names_of(given.part) if load(name).frame.width <= 30][: given.tables]
    for name, localize in localizers().items():
        print(show(name, judge(localize, tables)), flush=True)


def localizers() -> dict[str, Localize]:
    """List what can be judged."""
    found: dict[str, Localize] = {}
    if is_installed("qforge_jupyter.engine.collapse.localizing.judging"):
        from benchmarks.collapse.ours import localize

        found["localize"] = localize
    return found | {"C2ST": c2st}


if __name__ == "__main__":
    main()
