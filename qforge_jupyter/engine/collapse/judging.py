"""From statistics beside their null to scores and a verdict.

The verdict is a rule, not a learned model: *collapsed* where the joint p-value is at most the
false-alarm rate and the lower bound of some effect reaches its tolerance; *fit* where that is
not so and nothing is left open (see `unsettled`); else there is not enough data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from qforge_jupyter.engine.collapse.dimensions import COLLAPSE_DIMENSIONS
from qforge_jupyter.engine.collapse.readings import Judged, highs_by_chance
from qforge_jupyter.engine.collapse.unsettled import unsettled
from qforge_jupyter.results.collapse import Copying, DimensionScore, Statistic, Word

#: The order in which people expect the dimensions, and the weight of each.
WEIGHTS = {
    "distribution": 0.25,
    "correlation": 0.15,
    "entropy": 0.15,
    "gradient": 0.05,
    "landscape": 0.05,
    "spectrum": 0.10,
    "generalization": 0.15,
    "consistency": 0.10,
}
#: Share of sound candidates whose bar stays within the band that chance is given.
BAND = 0.95


@dataclass(frozen=True)
class Conclusion:
    """What follows from the statistics; see `results.collapse.Verdict`."""

    word: Word
    score: float
    low: float
    high: float
    p_value: float
    dimensions: tuple[DimensionScore, ...]
    statistics: tuple[Statistic, ...]
    because: tuple[str, ...]
    unsettled: tuple[str, ...]
    n_needed: int | None


def conclude(
    judged: Sequence[Judged],
    declined: dict[str, str],
    copying: Copying,
    *,
    n: int,
    false_alarms: float,
) -> Conclusion:
    """Draw the conclusion of a check.

    Parameters
    ----------
    judged
        Statistics beside their null.
    declined
        Dimensions with nothing to say, and why.
    copying
        What is copied.
    n
        Rows of the smaller side.
    false_alarms
        Share of sound candidates that may be called collapsed.

    """
    worst = np.max([each.z for each in judged], axis=0)
    p_value = _at_least(worst, worst[0])
    is_shown = p_value <= false_alarms
    dimensions = tuple(_dimension(name, judged, declined, is_shown=is_shown) for name in WEIGHTS)
    score = overall([(each.name, excess_of(each.score)) for each in dimensions if each.score])
    low = overall([(each.name, excess_of(each.low)) for each in dimensions if each.low])
    shown = sorted(judged, key=lambda each: -each.excess)
    is_damaged = is_shown and shown[0].excess >= 1
    statistics = tuple(_statistic(each, worst) for each in judged)
    word: Word = "collapsed" if is_damaged or copying.is_flagged else "fit"
    left = unsettled(judged, worst, n, false_alarms) if word == "fit" else []
    if left:
        word = "not enough data to say"
    return Conclusion(
        word,
        score,
        low,
        score if is_damaged else 100.0,
        p_value,
        dimensions,
        statistics,
        tuple(_because(shown, copying, is_damaged=is_damaged)),
        tuple(each.said for each in left),
        max((each.n_needed for each in left), default=None),
    )


def score_of(excess: float) -> float:
    """Give the score of an effect in tolerances: 100 for none, 80 at the tolerance's edge.

    Examples
    --------
    >>> [score_of(excess) for excess in (0, 1, 2, 4)]
    [100.0, 80.0, 50.0, 20.0]

    """
    return 100.0 / (1 + (excess / 2) ** 2)


def excess_of(score: float) -> float:
    """Give the effect in tolerances that a score stands for; the reverse of `score_of`."""
    return 2 * float(np.sqrt(max(0.0, 100.0 / max(score, 1e-9) - 1)))


def overall(excesses: Iterable[tuple[str, float]]) -> float:
    """Score all dimensions together: half by the worst, half by their weighted mean square."""
    held = list(excesses)
    if not held:
        return 100.0
    weights = np.array([WEIGHTS[name] for name, _ in held])
    values = np.array([excess for _, excess in held])
    typical = float(np.sqrt((weights * values**2).sum() / weights.sum()))
    return score_of((float(values.max()) + typical) / 2)


def _at_least(draws: np.ndarray, value: float) -> float:
    return (1 + int((draws[1:] >= value).sum())) / len(draws)


def _dimension(
    name: str, judged: Sequence[Judged], declined: dict[str, str], *, is_shown: bool
) -> DimensionScore:
    """Score a dimension by its worst statistic, where anything is shown at all."""
    question = str(COLLAPSE_DIMENSIONS.get(name).QUESTION)
    own = [each for each in judged if each.dimension == name]
    if not own:
        return DimensionScore(name, question, declined=declined.get(name, "nothing to compare"))
    worst = max(own, key=lambda each: each.excess)
    high = max(each.high / each.tolerance for each in own)
    score = score_of(worst.excess) if is_shown else 100.0
    return DimensionScore(
        name,
        question,
        score,
        score_of(high),
        score,
        worst.name,
        worst.at,
        worst.excess,
        min(each.least / each.tolerance for each in own),
        by_chance=_by_chance(own),
    )


def _by_chance(own: Sequence[Judged]) -> float:
    """Give the score down to which the bars of sound candidates reach."""
    highs = np.max([highs_by_chance(each) / each.tolerance for each in own], axis=0)
    return score_of(float(np.quantile(highs, BAND)))


def _statistic(judged: Judged, worst: np.ndarray) -> Statistic:
    """Give one statistic with its p-value, corrected for all the others."""
    return Statistic(
        judged.dimension,
        judged.name,
        judged.at,
        judged.value,
        judged.expected,
        judged.spread,
        judged.low,
        judged.high,
        judged.tolerance,
        judged.least,
        judged.excess,
        _at_least(worst, float(judged.z[0])),
        judged.reading.columns or tuple(filter(None, [judged.at])),
    )


def _because(shown: Sequence[Judged], copying: Copying, *, is_damaged: bool) -> list[str]:
    reasons = []
    if is_damaged:
        reasons = [
            f"{each.dimension}: {each.name}{f' ({each.at})' if each.at else ''} "
            f"at least {each.low:.2g}, tolerated {each.tolerance:.2g}"
            for each in shown
            if each.excess >= 1
        ][:5]
    if copying.is_flagged:
        if copying.least_copied > copying.tolerated:
            reasons.append(f"{copying.share_copied:.0%} of the rows are rows of the reference")
        if copying.least_repeated > copying.tolerated:
            reasons.append(f"{copying.share_repeated:.0%} of the rows are repeated")
        if copying.least_near > copying.tolerated:
            reasons.append(f"{copying.share_near:.0%} of the rows nearly are rows of the reference")
        if copying.least_alike > copying.tolerated:
            reasons.append(f"{copying.share_alike:.0%} of the rows nearly are other rows")
    return reasons
