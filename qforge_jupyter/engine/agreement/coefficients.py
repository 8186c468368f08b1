"""The coefficients of one question: which there are, and with which reason one is not."""

from __future__ import annotations

from functools import partial

import numpy as np

from qforge_jupyter.engine.agreement.bootstrap import Resampling, Statistic, resampled
from qforge_jupyter.engine.agreement.cohen import Joint, cohen_kappa, joint_of
from qforge_jupyter.engine.agreement.fleiss import fleiss_kappa
from qforge_jupyter.engine.agreement.gwet import gwet_ac
from qforge_jupyter.engine.agreement.krippendorff import krippendorff_alpha
from qforge_jupyter.engine.agreement.levels import Level
from qforge_jupyter.engine.agreement.moments import alpha_of_numbers
from qforge_jupyter.engine.agreement.patterns import Patterns, countable, patterns_of
from qforge_jupyter.engine.agreement.percent import percent_agreement
from qforge_jupyter.engine.agreement.ratings import Ratings
from qforge_jupyter.engine.agreement.weighting import Weighting, similarities
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.progress import Progress, silent
from qforge_jupyter.results.uncertainty import NotApplicable

Found = dict[str, Interval | NotApplicable]

PERCENT, FLEISS, AC1, AC2 = "percent agreement", "Fleiss' kappa", "Gwet's AC1", "Gwet's AC2"
COHEN: dict[Weighting, str] = {
    "unweighted": "Cohen's kappa",
    "linear": "Cohen's kappa, linear",
    "quadratic": "Cohen's kappa, quadratic",
}


def alpha_name(level: Level) -> str:
    """Name Krippendorff's alpha at a level.

    Examples
    --------
    >>> alpha_name("ordinal")
    "Krippendorff's alpha, ordinal"

    """
    return f"Krippendorff's alpha, {level}"


def coefficients_of(
    ratings: Ratings, resampling: Resampling | None = None, progress: Progress = silent
) -> Found:
    """Give every coefficient that fits the ratings, with its interval over items.

    Cohen's kappas where there are two labelers; AC2 and weighted kappas, which
    give partial credit, where the answers have an order.

    Parameters
    ----------
    ratings
        Of one question.
    resampling
        How intervals are wanted; without, their ends are NaN.
    progress
        Told how far the work is.

    Examples
    --------
    >>> import polars as pl
    >>> from qforge_jupyter.engine.agreement.ratings import read_ratings
    >>> frame = pl.DataFrame({"item": [1, 1, 2, 2], "labeler": [1, 2] * 2, "value": list("aabb")})
    >>> found = coefficients_of(read_ratings(frame))
    >>> found["Cohen's kappa"].value, found["Krippendorff's alpha, nominal"].value
    (1.0, 1.0)

    """
    wanted = resampling or Resampling(method="none")
    level = ratings.scale.level
    names = [PERCENT, FLEISS, alpha_name(level), AC1]
    if reason := why_not(ratings):
        return {name: NotApplicable(reason, ratings.n_items) for name in names}
    patterns = countable(ratings)
    if patterns is None and level == "interval":
        return _of_numbers(ratings, names, wanted, progress)
    patterns = patterns or patterns_of(ratings)
    if not patterns.n_pairable:
        reason = "no item was rated by two labelers"
        return {name: NotApplicable(reason, ratings.n_items) for name in names}
    found = resampled(_statistics(patterns, level), patterns.n_items, wanted, progress)
    if patterns.points.min() < 0 and level == "ratio":
        reason = "some values are below zero, which a ratio scale does not have"
        found[alpha_name(level)] = NotApplicable(reason, ratings.n_items)
    if ratings.n_labelers == 2:
        found |= _of_two(ratings, wanted, progress)
    return found


def why_not(ratings: Ratings) -> str:
    """Say why there is nothing to compare, or nothing."""
    if not len(ratings):
        return "there is no rating"
    if ratings.n_labelers < 2:
        return "only one labeler rated, wanted at least two"
    return ""


def _statistics(patterns: Patterns, level: Level) -> dict[str, Statistic]:
    statistics: dict[str, Statistic] = {
        PERCENT: partial(percent_agreement, patterns),
        FLEISS: partial(fleiss_kappa, patterns),
        alpha_name(level): partial(krippendorff_alpha, patterns, level=level),
        AC1: partial(gwet_ac, patterns),
    }
    if level != "nominal" and patterns.counts.shape[1] > 2:
        credit = similarities(patterns.points, "quadratic")
        statistics[AC2] = partial(gwet_ac, patterns, similarity=credit)
    return statistics


def _of_numbers(
    ratings: Ratings, names: list[str], wanted: Resampling, progress: Progress
) -> Found:
    reason = f"{ratings.n_categories:,} different values hardly ever match exactly: round them"
    found: Found = {name: NotApplicable(reason, ratings.n_items) for name in names}
    found[alpha_name("interval")] = alpha_of_numbers(ratings, wanted, progress)
    return found


def _of_two(ratings: Ratings, wanted: Resampling, progress: Progress) -> Found:
    joint = joint_of_two(ratings)
    weightings: list[Weighting] = ["unweighted"]
    if ratings.scale.level != "nominal" and ratings.n_categories > 2:
        weightings += ["linear", "quadratic"]
    statistics: dict[str, Statistic] = {
        COHEN[weighting]: partial(cohen_kappa, joint, weighting=weighting)
        for weighting in weightings
    }
    return resampled(statistics, joint.n_items, wanted, progress)


def joint_of_two(ratings: Ratings) -> Joint:
    """Set the answers of the two labelers beside each other, item by item."""
    is_paired = np.bincount(ratings.items, minlength=ratings.n_items)[ratings.items] == 2
    answers = ratings.categories[is_paired].reshape(-1, 2)
    return joint_of(answers[:, 0], answers[:, 1], ratings.scale.points)
