"""Target proxies: a feature that alone tells the target suspiciously well.

Every feature of the first part predicts the target on its own (see
`engine.strength`). Also looked for: a gap in a feature just where the target
has a value (or has none), and text in which the label is written.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.strength import Target, bins, monotone, read_target, strength
from qforge_jupyter.results.leak_outcome import Leak, Outcome

NAME = "target proxies"
SUSPICIOUS, GRAVE = 0.98, 0.999
#: From here on it is seen whether the feature is a monotone transform.
WORTH_RANKING = 0.8
LEAST_ROWS = 40
SAMPLE_ROWS = 20_000
#: Cells looked at in all; a wide table is judged by fewer of its rows.
SAMPLE_CELLS = 40_000_000
#: A label is written in the text if so many texts hold their own label, and far fewer another's.
OWN_SHARE, OTHER_SHARE = 0.9, 0.5
MOST_LEAKS = 50


def find(case: LeakCase) -> Outcome:
    """Judge every feature of the first part."""
    if case.target is None:
        return Outcome.declined(NAME, "no target is named: give target")
    rows = case.rows[case.of_part(case.filled[0])]
    gaps = _gaps(case)
    label = rows.get_column(case.target).alias("target")
    known = label.is_not_null()
    if label.dtype.is_float():
        known &= label.is_not_nan().fill_null(value=False)
    drawn = _drawn(case, known.arg_true().to_numpy())
    if len(drawn) < LEAST_ROWS:
        reason = f"{len(drawn)} rows of the first part have a target, wanted at least {LEAST_ROWS}"
        return Outcome.of(NAME, reason, gaps) if gaps else Outcome.declined(NAME, reason)
    target = read_target(label[drawn])
    if isinstance(target, str):
        return Outcome.of(NAME, target, gaps) if gaps else Outcome.declined(NAME, target)
    judged, leaks = _strong(case, rows[drawn], target)
    if target.n_classes:
        leaks += _written(case, rows[drawn], label[drawn])
    leaks.sort(key=lambda leak: -(leak.statistic or 0.0))
    said = f"{judged} features, each alone, on {len(drawn):,} rows by {target.measure}"
    thresholds = ((f"suspicious {target.measure}", SUSPICIOUS), ("grave", GRAVE))
    return Outcome.of(NAME, said, (gaps + leaks)[:MOST_LEAKS], thresholds)


def _drawn(case: LeakCase, known: NDArray[np.int64]) -> NDArray[np.int64]:
    most = int(min(SAMPLE_ROWS, max(1_000, SAMPLE_CELLS / max(1, len(case.features)))))
    if len(known) <= most:
        return known
    return np.sort(np.random.default_rng(case.seed).choice(known, most, replace=False))


def _strong(case: LeakCase, rows: pl.DataFrame, target: Target) -> tuple[int, list[Leak]]:
    shuffled = np.random.default_rng(case.seed).permutation(rows.height)
    judged, leaks = 0, []
    features = [name for name in case.features if name != case.target]
    for at, name in enumerate(features):
        case.progress(at, len(features), "target proxies")
        values = rows.get_column(name).alias("value")
        codes = bins(values)
        if codes is None:
            continue
        judged += 1
        found = strength(codes, target, shuffled)
        if found > WORTH_RANKING:
            found = max(found, monotone(values, target))
        if found > SUSPICIOUS:
            leaks.append(_leak(case, name, found, target))
    return judged, leaks


def _leak(case: LeakCase, name: str, found: float, target: Target) -> Leak:
    grave = found >= GRAVE
    return Leak(
        NAME,
        f"{name} alone tells {case.target} ({target.measure} {found:.4f})",
        "high" if grave else "medium",
        parts=(case.names[case.filled[0]],),
        column=name,
        statistic=found,
        threshold=SUSPICIOUS,
        note="a copy or a transform of the target"
        if grave
        else "is it known when a prediction is made?",
    )


def _gaps(case: LeakCase) -> list[Leak]:
    """Find features that are missing exactly where the target has a value, or has none."""
    target = case.target or ""
    without = case.column(target).is_null()
    if not 0 < without.sum() < len(without):
        return []
    leaks = []
    for name in case.features:
        gap = case.column(name).is_null()
        if name == target or not ((gap == without).all() or (gap != without).all()):
            continue
        where = "has none" if (gap == without).all() else "has a value"
        leaks.append(
            Leak(
                NAME,
                f"{name} is missing exactly where {target} {where}",
                "high",
                int(gap.sum()),
                case.names,
                column=name,
                statistic=1.0,
                note="it was filled together with the target",
            )
        )
    return leaks


def _written(case: LeakCase, rows: pl.DataFrame, label: pl.Series) -> list[Leak]:
    """Find texts that hold the label of their own row, and not that of others."""
    if label.dtype not in (pl.String, pl.Categorical, pl.Enum):
        return []
    labels = label.cast(pl.String).str.to_lowercase()
    other = labels.sample(fraction=1.0, shuffle=True, seed=case.seed)
    size = labels.str.len_chars()
    leaks = []
    for name in case.features:
        if case.schema[name] != pl.String or name == case.target:
            continue
        texts = rows.get_column(name).alias("text").str.to_lowercase()
        pairs = pl.DataFrame({"text": texts, "own": labels, "other": other}).drop_nulls()
        is_longer = int(texts.str.len_chars().sum()) > int(size.sum())
        if not (pairs.height and is_longer and int(size.to_numpy().min()) > 1):
            continue
        own, another = (
            int(pairs.select(pl.col("text").str.contains(pl.col(each), literal=True).sum()).item())
            / pairs.height
            for each in ("own", "other")
        )
        if own >= OWN_SHARE and another <= OTHER_SHARE:
            leaks.append(_text_leak(case, name, round(own * pairs.height), own, another))
    return leaks


def _text_leak(case: LeakCase, name: str, n_rows: int, own: float, another: float) -> Leak:
    return Leak(
        NAME,
        f"the text of {name} holds the label of {case.target}",
        "high",
        n_rows,
        (case.names[case.filled[0]],),
        column=name,
        statistic=own,
        threshold=OWN_SHARE,
        note=f"{own:.0%} hold their own label, {another:.0%} that of another row",
    )
