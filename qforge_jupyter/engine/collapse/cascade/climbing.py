"""Climb a cascade: train small proxies on both sides, larger ones as long as it is unclear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.cascade.case import CascadeCase
from qforge_jupyter.engine.collapse.cascade.extrapolating import decide, extrapolate
from qforge_jupyter.engine.collapse.cascade.metrics import TITLES, Worth, worth_of
from qforge_jupyter.engine.collapse.cascade.proxies import predict, proxies_on
from qforge_jupyter.engine.collapse.cascade.rungs import LEAST_ROWS, Step, steps_of
from qforge_jupyter.engine.collapse.cascade.targets import Target, targets_of
from qforge_jupyter.engine.collapse.estimates import Estimate, share_of, spread_of
from qforge_jupyter.engine.collapse.keys import smallest
from qforge_jupyter.engine.collapse.passes import SAMPLED_ROWS
from qforge_jupyter.engine.collapse.rows import Rows
from qforge_jupyter.engine.collapse.sides import Sides, sides_of
from qforge_jupyter.engine.one_thread import one_thread
from qforge_jupyter.errors import DataError
from qforge_jupyter.results.cascade import Cascade, Rung

Floats = NDArray[np.float64]
#: Every so-manieth bucket of the reference is held out, and rows that are judged by at most.
HELD_OUT, JUDGED_ROWS = 3, 5_000
#: Of each estimate: sum of squares times the rows trained on, and its degrees of freedom.
Spreads = dict[str, tuple[float, int]]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Ground:
    """Rows to train on and to judge by, as features and targets.

    Parameters
    ----------
    targets
        What is predicted.
    features
        Of the candidate's rows, the reference's training rows, and those held out.
    truths
        Of each of the three, the values of each target.
    buckets
        Of the rows held out.

    """

    targets: list[Target]
    features: tuple[NDArray[np.float32], ...] = field(repr=False)
    truths: tuple[list[Floats], ...] = field(repr=False)
    buckets: NDArray[np.int64] = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Rows that both sides can be trained on."""
        return min(len(self.features[0]), len(self.features[1]))


def climb(case: CascadeCase) -> Cascade:
    """Say what training on the candidate instead of real data would cost.

    Raises
    ------
    DataError
        A side has too few rows, or the target cannot be predicted.

    Examples
    --------
    >>> import polars as pl
    >>> from qforge_jupyter.frames import Table
    >>> chance = np.random.default_rng(0)
    >>> def rows(n, name, sign):
    ...     x = chance.normal(size=n)
    ...     y = np.where(sign * x + 0.5 * chance.normal(size=n) > 0, "yes", "no")
    ...     return Table.of_frame(name, pl.DataFrame({"x": x, "buys": y}))
    >>> flipped = CascadeCase(rows(600, "flipped", -1), rows(900, "real", 1), "buys")
    >>> climb(flipped).verdict
    'costs'

    """
    import sklearn.ensemble  # noqa: F401 — its threads can be limited only after it is loaded

    with one_thread():
        return _climb(case)


def _climb(case: CascadeCase) -> Cascade:
    ground = ground_of(case)
    steps = steps_of(ground.n)
    tolerance = _tolerance(case, ground)
    # It may be looked at once at each rung but the first.
    strict = 1 - (1 - CONFIDENCE) / max(len(steps) - 1, 1)
    rungs: list[Rung] = []
    gaps: list[Estimate] = []
    spreads: Spreads = {}
    found = None
    is_interrupted = False
    for done, step in enumerate(steps):
        try:
            rung, gap = _rung(case, ground, step, spreads)
            case.progress(done + 1, len(steps), f"models of {step.size:,} rows")
        except KeyboardInterrupt:
            if not rungs:
                raise
            is_interrupted = True
            break
        rungs.append(rung)
        gaps.append(gap)
        found = extrapolate([each.size for each in rungs], gaps, ground.n, strict)
        if decide(found, tolerance) != "not clear":
            break
    n_models = len(proxies_on(case.device, case.models)) * len(ground.targets)
    return Cascade(
        case.candidate.name,
        case.reference.name,
        case.target,
        tuple(each.name for each in ground.targets),
        TITLES[ground.targets[0].metric],
        decide(found, tolerance),
        tolerance,
        tuple(rungs),
        extrapolate([each.size for each in rungs], gaps, ground.n),
        ground.n,
        len(ground.buckets),
        2 * n_models * sum(step.n_rows for step in steps[: len(rungs)]),
        2 * n_models * ground.n,
        notes=(*ground.notes, *_stopped(rungs, steps, is_interrupted=is_interrupted)),
        is_interrupted=is_interrupted,
    )


def _stopped(rungs: list[Rung], steps: Sequence[Step], *, is_interrupted: bool) -> tuple[str, ...]:
    if not is_interrupted:
        return ()
    return (f"Interrupted after {len(rungs)} of {len(steps)} rungs; what is said rests on them.",)


def ground_of(case: CascadeCase) -> Ground:
    """Hold rows of the reference out, and turn all into features and targets."""
    sides = sides_of(
        case.candidate,
        case.reference,
        ignore=case.ignore,
        keep=(case.target,) if case.target else (),
        groups=case.groups,
        seed=case.seed,
        # A part of the reference is held out.
        sampled=max(SAMPLED_ROWS, 2 * case.rows),
    )
    own, real, held = _parts(case, sides)
    targets = targets_of(
        sides.encoder, real.frame, case.target, case.metric, case.reference.name, case.seed
    )
    if case.target:
        own, real, held = (_with(each, targets[0]) for each in (own, real, held))
    parts = (own, real, held)
    for rows, name in zip(parts, (case.candidate.name, *[case.reference.name] * 2), strict=True):
        _need(len(rows.keys), name, case)
    return Ground(
        targets,
        tuple(sides.encoder.encode(each.frame).features for each in parts),
        tuple([target.values(each.frame) for target in targets] for each in parts),
        parts[2].buckets,
        _notes(case, *parts),
    )


def _parts(case: CascadeCase, sides: Sides) -> tuple[Rows, Rows, Rows]:
    assert sides.reference is not None  # noqa: S101 — a cascade has two sides
    reference = sides.reference.sample
    is_held = reference.buckets % HELD_OUT == 0
    held = reference.at(np.flatnonzero(is_held)).sample(JUDGED_ROWS)
    real = reference.at(np.flatnonzero(~is_held)).sample(case.rows)
    return sides.candidate.sample.sample(case.rows), real, held


def _with(rows: Rows, target: Target) -> Rows:
    """Keep the rows whose target is known."""
    return rows.at(np.flatnonzero(~np.isnan(target.values(rows.frame))))


def _need(n: int, name: str, case: CascadeCase) -> None:
    if n < LEAST_ROWS:
        known = f" with a known {case.target!r}" if case.target else ""
        raise DataError(
            f"{name} gives {n} rows{known} to learn from or to judge by: a cascade needs at "
            f"least {LEAST_ROWS} of the candidate and {3 * LEAST_ROWS} of real data"
        )


def _notes(case: CascadeCase, own: Rows, real: Rows, held: Rows) -> tuple[str, ...]:
    """Say where the candidate knows rows that it will be judged by."""
    n = min(len(own.keys), len(real.keys))
    shares = [
        share_of(np.isin(held.words, each.words[smallest(each.keys, n)]), held.buckets)
        for each in (own, real)
    ]
    apart = shares[0].value - shares[1].value
    if apart <= 3 * float(np.hypot(shares[0].error, shares[1].error)):
        return ()
    said = (
        f"{shares[0].value:.0%} of the rows that models are judged by are rows of "
        f"{case.candidate.name}: it may have been made from them, and costs more than is seen"
    )
    return (said,)


def _tolerance(case: CascadeCase, ground: Ground) -> float:
    if case.tolerance is not None:
        return case.tolerance
    if ground.targets[0].metric != "mae":
        return 0.02
    truth = ground.truths[2][0]
    return float(0.05 * np.abs(truth - np.median(truth)).mean())


def _rung(case: CascadeCase, ground: Ground, step: Step, spreads: Spreads) -> tuple[Rung, Estimate]:
    """Train every proxy on every set of rows; the one that is best on real data speaks."""
    tried = {
        proxy: [_trained(case, ground, step, proxy, side) for side in (0, 1)]
        for proxy in proxies_on(case.device, case.models)
    }
    best = max(tried, key=lambda proxy: float(np.mean([each.value for each in tried[proxy][1]])))
    estimates = {}
    for proxy, (own, real) in tried.items():
        lost = [Worth(b.value - a.value, b.added - a.added) for a, b in zip(own, real, strict=True)]
        for name, held in ((f"{proxy} own", own), (f"{proxy} real", real), (proxy, lost)):
            estimates[name] = _estimate(held, ground.buckets, step.size, spreads, name)
    gap = estimates[best]
    sign = -1 if ground.targets[0].metric == "mae" else 1
    curves = [
        Estimate(sign * each.value, each.error, each.freedom)
        for each in (estimates[f"{best} own"], estimates[f"{best} real"])
    ]
    return Rung(
        step.size,
        step.repeats,
        best,
        curves[0].interval(),
        curves[1].interval(),
        gap.interval(),
        {proxy: estimates[proxy].interval() for proxy in tried},
    ), gap


def _trained(case: CascadeCase, ground: Ground, step: Step, proxy: str, side: int) -> list[Worth]:
    """Judge a proxy trained on each set of rows: a mean over the targets."""
    found = []
    for repeat in range(step.repeats):
        part = slice(repeat * step.size, (repeat + 1) * step.size)
        worths = [
            _judged(case, ground, proxy, side, part, index) for index in range(len(ground.targets))
        ]
        value = float(np.mean([each.value for each in worths]))
        found.append(Worth(value, np.mean([each.added for each in worths], axis=0)))
    return found


def _judged(  # noqa: PLR0913 — which model, of which rows, for which target
    case: CascadeCase, ground: Ground, proxy: str, side: int, part: slice, index: int
) -> Worth:
    target = ground.targets[index]
    truth, asked = ground.truths[side][index][part], ground.truths[2][index]
    rows = ground.features[side][part][:, target.inputs]
    is_known, is_asked = ~np.isnan(truth), ~np.isnan(asked)
    added = np.zeros(len(asked))
    if not is_known.any() or not is_asked.any():
        return Worth(0.0, added)
    predicted = predict(
        proxy,
        target,
        rows[is_known],
        truth[is_known],
        ground.features[2][:, target.inputs][is_asked],
        seed=case.seed,
        device=case.device,
    )
    found = worth_of(target.metric, asked[is_asked], predicted)
    added[is_asked] = found.added * len(asked) / is_asked.sum()
    return Worth(found.value, added)


def _estimate(
    held: list[Worth], buckets: NDArray[np.int64], size: int, spreads: Spreads, name: str
) -> Estimate:
    """Join both errors: that of the rows trained on, and that of the rows judged by.

    The first is seen between separate training sets. Its variance falls with the rows, so all
    rungs so far are pooled, each times its rows.
    """
    values = np.array([each.value for each in held])
    judged, freedom = spread_of(np.mean([each.added for each in held], axis=0), buckets)
    squares, own = spreads.get(name, (0.0, 0))
    squares += float(((values - values.mean()) ** 2).sum()) * size
    own += len(values) - 1
    spreads[name] = squares, own
    # One training set alone says nothing of its spread: the whole value stands for it.
    variance = squares / own / size if own else float((values**2).mean())
    trained = variance / len(values)
    whole = trained + judged**2
    # Satterthwaite's degrees of freedom of a sum of two variances.
    parts = trained**2 / max(own, 1) + judged**4 / max(freedom, 1)
    return Estimate(float(values.mean()), float(np.sqrt(whole)), whole**2 / max(parts, 1e-300))
