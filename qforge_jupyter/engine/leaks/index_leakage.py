"""Index leakage: where a row stands, or its id, tells its target or its part.

The order (of the rows of a part, or of an id) is cut into ten equal pieces. A
chi-square test of classes, or a Kruskal-Wallis test of a number, asks whether
the target is the same in all of them, at a level divided by the number of
tests (Bonferroni); what is significant and explains at least five per cent is
a leak.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.strength import Target, read_target
from qforge_jupyter.results.leak_outcome import Leak, Outcome
from qforge_jupyter.results.run import Severity

NAME = "index leakage"
LEVEL = 0.01
#: Share of the variation that must be explained; from there on medium, and high.
LEAST_EFFECT, MEDIUM_EFFECT, GRAVE_EFFECT = 0.05, 0.1, 0.5
N_PIECES = 10
LEAST_ROWS = 50
POSITION = "the position of a row"


def find(case: LeakCase) -> Outcome:
    """Test positions and ids against the target and the part."""
    tests = [*_position_tests(case), *_id_tests(case)]
    tests = [test for test in tests if len(test[2]) >= LEAST_ROWS]
    if not tests:
        return Outcome.declined(
            NAME, f"neither a target nor ids of at least {LEAST_ROWS} rows are there to be tested"
        )
    leaks = []
    for what, aim, order, target, part in tests:
        effect, p_value = _association(order, target)
        if p_value < LEVEL / len(tests) and effect >= LEAST_EFFECT:
            leaks.append(_leak(case, what, aim, effect, part))
    told = sorted({aim for _, aim, *_ in tests})
    said = f"{len(tests)} tests of positions and ids against {' and '.join(told)}"
    thresholds = (("level of each test", LEVEL / len(tests)), ("least effect", LEAST_EFFECT))
    return Outcome.of(NAME, said, leaks, thresholds)


Test = tuple[str, str, NDArray[np.float64], Target, str]


def _position_tests(case: LeakCase) -> list[Test]:
    found: list[Test] = []
    if case.is_one_table and case.time is None:
        position = case.position.astype(np.float64)
        parts = _parts(case, np.arange(len(position)))
        found.append((POSITION, "the part", position, parts, ""))
    for part in case.filled:
        rows = case.of_part(part)
        known, target = _target(case, rows)
        if target is not None:
            position = case.position[known].astype(np.float64)
            found.append((POSITION, "the target", position, target, case.names[part]))
    return found


def _id_tests(case: LeakCase) -> list[Test]:
    found: list[Test] = []
    for name in case.identifiers:
        order = case.column(name).rank("average")
        rows = order.is_not_null().arg_true().to_numpy()
        ranks = order.to_numpy().astype(np.float64)
        if case.time is None and len(rows):
            found.append((name, "the part", ranks[rows], _parts(case, rows), ""))
        known, target = _target(case, rows)
        if target is not None:
            found.append((name, "the target", ranks[known], target, ""))
    return found


def _parts(case: LeakCase, rows: NDArray[np.int64]) -> Target:
    return Target(case.part[rows].astype(np.float64), len(case.names))


def _target(case: LeakCase, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Target | None]:
    if case.target is None:
        return rows, None
    label = case.column(case.target)[rows]
    is_known = label.is_not_null()
    if label.dtype.is_float():
        is_known &= label.is_not_nan().fill_null(value=False)
    known = is_known.arg_true().to_numpy()
    if len(known) < LEAST_ROWS:
        return rows, None
    target = read_target(label[known])
    return rows[known], None if isinstance(target, str) else target


def _association(order: NDArray[np.float64], target: Target) -> tuple[float, float]:
    """Give the share of the variation that the pieces of the order explain, and the p-value."""
    from scipy.stats import chi2

    ranks = np.argsort(np.argsort(order, kind="stable"), kind="stable")
    piece = ranks * N_PIECES // len(ranks)
    n_rows = len(order)
    if not target.n_classes:
        sums = np.bincount(piece, target.values, minlength=N_PIECES)
        sizes = np.bincount(piece, minlength=N_PIECES)
        between = float(((sums / sizes - target.values.mean()) ** 2 * sizes).sum())
        total = float(((target.values - target.values.mean()) ** 2).sum())
        effect = between / total if total else 0.0
        return effect, float(chi2.sf((n_rows - 1) * effect, N_PIECES - 1))
    codes = piece * target.n_classes + target.values.astype(np.int64)
    counts = np.bincount(codes, minlength=N_PIECES * target.n_classes)
    table = counts.reshape(N_PIECES, -1).astype(np.float64)
    table = table[:, table.any(axis=0)]
    if table.shape[1] < 2:
        return 0.0, 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / n_rows
    statistic = float(((table - expected) ** 2 / expected).sum())
    freedom = (N_PIECES - 1) * (table.shape[1] - 1)
    effect = statistic / (n_rows * min(N_PIECES - 1, table.shape[1] - 1))
    return effect, float(chi2.sf(statistic, freedom))


def _leak(case: LeakCase, what: str, aim: str, effect: float, part: str) -> Leak:
    severity: Severity = "low"
    note = "the rows were not shuffled before they were parted"
    if aim == "the target":
        severity = "medium" if effect >= MEDIUM_EFFECT else "low"
        is_id = what != POSITION
        if effect >= GRAVE_EFFECT and is_id:
            severity = "high"
        note = "keep it out of the features" if is_id else "the rows are sorted by the target"
    within = f" of {part}" if part else ""
    return Leak(
        NAME,
        f"{what}{within} tells {aim} ({effect:.0%} of its variation)",
        severity,
        parts=(part,) if part else case.names,
        column="" if what == POSITION else what,
        statistic=effect,
        threshold=LEAST_EFFECT,
        note=note,
    )
