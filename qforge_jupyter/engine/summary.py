"""From folded answers to the report of the whole table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from qforge_jupyter.engine.bands import band_names
from qforge_jupyter.engine.case import Case, Check, Measure
from qforge_jupyter.engine.readiness import count_refusals, refused
from qforge_jupyter.engine.uncertainty.ratios import ratio_interval
from qforge_jupyter.results.failures import failing_rows
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.score import (
    HIGH_CONFIDENCE,
    UNSCORED,
    BandCount,
    CheckResult,
    DimensionScore,
    ScoreReport,
)
from qforge_jupyter.results.uncertainty import NotApplicable

#: Rows shown with their reasons in the report.
N_WORST = 12
#: Checks of which these rows' failures are listed.
N_WORST_CHECKS = 200


def summarise(  # noqa: PLR0913 - the parts of one finished state
    case: Case,
    measures: Mapping[str, Measure | NotApplicable],
    checks: Sequence[Check],
    rows: pl.DataFrame,
    n_passed: np.ndarray,
    failing: Sequence[np.ndarray],
    outliers: Mapping[str, int],
) -> ScoreReport:
    """Make the report; ``rows`` still holds the counts ``<dimension>_asked``."""
    n_rows = rows.height
    results = tuple(
        CheckResult(
            check.name,
            check.dimension,
            check.columns,
            check.expected,
            int(passed),
            len(struck),
            n_rows - int(passed) - len(struck),
            struck,
        )
        for check, passed, struck in zip(checks, n_passed, failing, strict=True)
    )
    weights = case.card.shares()
    influence: dict[str, np.ndarray] = {}
    dimensions = tuple(
        _dimension(name, weights.get(name, 0.0), measure, results, rows, influence)
        for name, measure in measures.items()
    )
    missing = _missing(dimensions, n_rows)
    kept = refused(rows.drop(name for name in rows.columns if name.endswith("_asked")), missing)
    return ScoreReport(
        name=case.table.name,
        n_rows=n_rows,
        overall=_overall(dimensions, influence),
        dimensions=tuple(sorted(dimensions, key=lambda part: -part.weight)),
        checks=results,
        bands=_bands(case, kept, results),
        refusals=count_refusals(kept),
        outliers=tuple(outliers.items()),
        card=case.card.written(),
        rows=kept.with_columns(
            _n_failed(results, n_rows),
            (pl.col("validity") >= HIGH_CONFIDENCE).alias("is_high_confidence"),
        ),
        worst=_worst(results, kept, case),
        source=case.table.lazy,
        is_lineage_approved=case.is_lineage_approved,
        missing=missing,
        notes=case.table.findings,
    )


def _dimension(  # noqa: PLR0913 - one dimension's share of the state
    name: str,
    weight: float,
    measure: Measure | NotApplicable,
    results: Sequence[CheckResult],
    rows: pl.DataFrame,
    influence: dict[str, np.ndarray],
) -> DimensionScore:
    if isinstance(measure, NotApplicable):
        return DimensionScore(name, weight, None, declined=measure.reason)
    if not measure.checks:
        return DimensionScore(name, weight, None, estimates=measure.estimates)
    own = [result for result in results if result.dimension == name]
    passed = sum(result.n_passed for result in own)
    asked = passed + sum(result.n_failed for result in own)
    if not asked:
        reason = "the table has no rows" if not rows.height else "no row could be asked"
        return DimensionScore(name, weight, None, declined=reason)
    ratio = passed / asked
    n_asked = rows[f"{name}_asked"].to_numpy().astype(np.float64)
    n_held = n_asked - rows[f"{name}_failed"].to_numpy()
    influence[name] = (n_held - ratio * n_asked) * (rows.height / asked)
    return DimensionScore(name, weight, ratio_interval(influence[name], ratio), asked, passed)


def _overall(
    dimensions: Sequence[DimensionScore], influence: Mapping[str, np.ndarray]
) -> Interval | None:
    scored = [part for part in dimensions if part.score is not None and part.weight > 0]
    held = sum(part.weight for part in scored)
    if not held:
        return None
    value = sum(part.weight * part.score.value for part in scored if part.score) / held
    joint = np.sum([part.weight / held * influence[part.name] for part in scored], axis=0)
    return ratio_interval(joint, round(value, 12))


def _missing(dimensions: Sequence[DimensionScore], n_rows: int) -> tuple[str, ...]:
    if not n_rows:
        return ("the table has no rows",)
    return tuple(
        f"{part.name}: {part.declined}" for part in dimensions if part.weight > 0 and part.declined
    )


def _bands(case: Case, rows: pl.DataFrame, results: Sequence[CheckResult]) -> tuple[BandCount, ...]:
    names = band_names(case.card.bands, case.card.lowest)
    places = rows["band"].to_physical().to_numpy()
    n_rows = np.bincount(places, minlength=len(names))
    reasons: list[list[tuple[str, int]]] = [[] for _ in names]
    for result in results:
        if not len(result.failing):
            continue
        counts = np.bincount(places[result.failing], minlength=len(names))
        for place in np.flatnonzero(counts):
            reasons[place].append((f"{result.name}: {result.expected}", int(counts[place])))
    if n_rows[-1]:
        reasons[-1] = [("no dimension could be asked", int(n_rows[-1]))]
    return tuple(
        BandCount(
            name,
            case.card.bands.get(name, 0.0),
            int(n_rows[place]),
            tuple(sorted(reasons[place], key=lambda pair: (-pair[1], pair[0]))[:3]),
        )
        for place, name in enumerate(names)
        if name != UNSCORED or n_rows[place]
    )


def _n_failed(results: Sequence[CheckResult], n_rows: int) -> pl.Series:
    struck = [result.failing for result in results if len(result.failing)]
    counts = np.zeros(n_rows, dtype=np.uint32)
    for rows in struck:
        counts[rows] += 1
    return pl.Series("n_failed", counts)


def _worst(results: Sequence[CheckResult], rows: pl.DataFrame, case: Case) -> pl.DataFrame:
    source = case.table.lazy
    keys = () if case.card.unique_by == ("*",) else case.card.unique_by[:3]
    struck = [result.failing for result in results if len(result.failing)]
    if not struck:
        return failing_rows([], source)
    failed = np.unique(np.concatenate(struck))
    order = np.argsort(rows["overall"].fill_null(0.0).to_numpy()[failed], kind="stable")
    worst = np.sort(failed[order[:N_WORST]])
    concerned = [result for result in results if np.isin(worst, result.failing).any()]
    return failing_rows(concerned[:N_WORST_CHECKS], source, worst, keys=keys)
