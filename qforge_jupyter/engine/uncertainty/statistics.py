"""Statistics of a sample, each with the fastest exact way to resample it.

A statistic gives its value, its replicates under resampling, and its jackknife
values (each value left out once), of which BCa takes the acceleration.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from qforge_jupyter.engine.uncertainty.resampling import (
    Floats,
    draw_ranks,
    draw_statistic,
    draw_sums,
)
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.results.progress import Progress

#: Above so many values the jackknife leaves groups out, so many of them.
JACKKNIFE_GROUPS = 200


class Statistic(Protocol):
    """What the bootstrap asks of a statistic."""

    @property
    def is_paired(self) -> bool:
        """Whether it is of pairs of numbers."""

    @property
    def probability(self) -> float | None:
        """Of a quantile; None of all else."""

    def of(self, values: Floats) -> float:
        """Compute it."""

    def replicates(
        self, values: Floats, n_resamples: int, rng: np.random.Generator, progress: Progress
    ) -> Floats:
        """Compute it of so many resamples."""

    def jackknife(self, values: Floats, rng: np.random.Generator) -> Floats:
        """Compute it without each value, or each group of values."""


@dataclass(frozen=True)
class Moment:
    """A function of n, the mean and the sum of squared deviations.

    ``formula(n, mean, squares)`` works on arrays.
    """

    formula: Callable[[int, Any, Any], Any]
    needs_squares: bool
    is_paired: bool = False
    probability: float | None = None

    def of(self, values: Floats) -> float:
        """Compute it."""
        centre = values.mean()
        return float(self.formula(len(values), centre, ((values - centre) ** 2).sum()))

    def replicates(
        self, values: Floats, n_resamples: int, rng: np.random.Generator, progress: Progress
    ) -> Floats:
        """Compute it from sums of resampled deviations."""
        n, centre = len(values), values.mean()
        sums, squares = draw_sums(
            values - centre,
            squares=self.needs_squares,
            n_resamples=n_resamples,
            rng=rng,
            progress=progress,
        )
        found: Floats = self.formula(n, centre + sums / n, squares - sums**2 / n)
        return found

    def jackknife(self, values: Floats, _rng: np.random.Generator) -> Floats:
        """Take every value out of the sums."""
        n, centre = len(values), values.mean()
        deviations = values - centre
        squares = (deviations**2).sum() - n / (n - 1) * deviations**2
        left: Floats = self.formula(n - 1, centre - deviations / (n - 1), squares)
        return left


@dataclass(frozen=True)
class Ranked:
    """A weighted sum of a few order statistics; ``weights(n)`` maps rank to weight."""

    weights: Callable[[int], dict[int, float]]
    is_paired: bool = False
    probability: float | None = None

    def of(self, values: Floats) -> float:
        """Compute it."""
        ordered, weights = np.sort(values), self.weights(len(values))
        return float(sum(weight * ordered[rank] for rank, weight in weights.items()))

    def replicates(
        self, values: Floats, n_resamples: int, rng: np.random.Generator, progress: Progress
    ) -> Floats:
        """Compute it from drawn order statistics."""
        weights = self.weights(len(values))
        ranks = sorted(weights)
        drawn = draw_ranks(np.sort(values), ranks, n_resamples, rng)
        progress(n_resamples, n_resamples, "resamples")
        found: Floats = drawn @ np.array([weights[rank] for rank in ranks])
        return found

    def jackknife(self, values: Floats, _rng: np.random.Generator) -> Floats:
        """Shift the ranks above every value left out."""
        ordered, left_out = np.sort(values), np.arange(len(values))
        left = np.zeros(len(values))
        for rank, weight in self.weights(len(values) - 1).items():
            left += weight * np.where(left_out > rank, ordered[rank], ordered[rank + 1])
        return left


@dataclass(frozen=True)
class General:
    """Any function of an array along an axis."""

    function: Callable[..., Any]
    is_paired: bool = False
    probability: float | None = None

    def of(self, values: Floats) -> float:
        """Compute it."""
        return float(self._each(values[np.newaxis])[0])

    def replicates(
        self, values: Floats, n_resamples: int, rng: np.random.Generator, progress: Progress
    ) -> Floats:
        """Compute it of whole resamples."""
        return draw_statistic(values, self._each, n_resamples, rng, progress)

    def jackknife(self, values: Floats, rng: np.random.Generator) -> Floats:
        """Leave single values out, or random groups where there are many."""
        n = len(values)
        order = rng.permutation(n) if n > JACKKNIFE_GROUPS else np.arange(n)
        groups = np.array_split(order, min(n, JACKKNIFE_GROUPS))
        return np.array([self.of(np.delete(values, group, axis=0)) for group in groups])

    def _each(self, samples: Floats) -> Floats:
        with np.errstate(all="ignore"):
            found = np.asarray(self.function(samples, axis=1), dtype=np.float64)
        if found.shape != (len(samples),):
            raise CallError(
                f"The statistic gave shape {found.shape}, wanted one number a resample: "
                "let it reduce the given axis"
            )
        return found


def named(name: str) -> Statistic:
    """Find a statistic by what it is called, as in ``median`` or ``quantile(0.9)``.

    Raises
    ------
    CallError
        There is no such statistic, or its number is missing or out of range.

    Examples
    --------
    >>> named("quantile(0.9)").of(np.arange(11.0))
    9.0

    """
    written = re.fullmatch(r"\s*([\w-]+)\s*(?:\(\s*([^()]+?)\s*\))?\s*", name)
    word = written[1].replace("_", "-") if written else name
    if word in {"min", "max"}:
        raise CallError(
            f"The bootstrap says nothing true of the {word} (Bickel & Freedman 1981): "
            "take a quantile, as in quantile(0.01)"
        )
    if word in SIMPLE:
        return SIMPLE[word]
    if word not in WITH_NUMBER:
        raise CallError(f"No statistic named {word!r}{nearest(word, [*SIMPLE, *WITH_NUMBER])}")
    make, most = WITH_NUMBER[word]
    try:
        number = float(written[2]) if written and written[2] else math.nan
    except ValueError:
        number = math.nan
    if not 0 <= number <= most:
        raise CallError(
            f"The statistic {word!r} wants a number from 0 to {most:g}, as in {word}(0.1)"
        )
    return make(number)


def _quantile(probability: float) -> Ranked:
    return Ranked(lambda n: _quantile_weights(n, probability), probability=probability)


def _quantile_weights(n: int, probability: float) -> dict[int, float]:
    # Linear between order statistics, as numpy.quantile does.
    at = (n - 1) * probability
    rank = min(int(at), n - 1)
    above = at - rank
    return {rank: 1 - above, rank + 1: above} if above > 0 else {rank: 1.0}


def _iqr_weights(n: int) -> dict[int, float]:
    weights = _quantile_weights(n, 0.75)
    for rank, weight in _quantile_weights(n, 0.25).items():
        weights[rank] = weights.get(rank, 0.0) - weight
    return weights


def _mad(values: Floats, axis: int) -> Any:
    centre = np.median(values, axis=axis, keepdims=True)
    return np.median(np.abs(values - centre), axis=axis)


def _trimmed_mean(share: float) -> General:
    def trimmed(values: Floats, axis: int) -> Any:
        n_cut = int(share * values.shape[axis])
        ordered = np.sort(values, axis=axis)
        return ordered[:, n_cut : values.shape[axis] - n_cut].mean(axis=axis)

    return General(trimmed)


def _correlation(pairs: Floats, axis: int) -> Any:
    centred = pairs - pairs.mean(axis=axis, keepdims=True)
    first, second = centred[..., 0], centred[..., 1]
    spread = np.sqrt((first**2).sum(axis=axis) * (second**2).sum(axis=axis))
    return (first * second).sum(axis=axis) / spread


def _variance(n: int, _mean: Any, squares: Any) -> Any:
    return np.maximum(squares, 0) / (n - 1) if n > 1 else squares * math.nan


_MEAN = Moment(lambda _n, mean, _squares: mean, needs_squares=False)
SIMPLE: dict[str, Statistic] = {
    "mean": _MEAN,
    "proportion": _MEAN,
    "sum": Moment(lambda n, mean, _squares: n * mean, needs_squares=False),
    "var": Moment(_variance, needs_squares=True),
    "std": Moment(lambda n, mean, squares: np.sqrt(_variance(n, mean, squares)), True),
    "median": _quantile(0.5),
    "iqr": Ranked(_iqr_weights),
    "mad": General(_mad),
    "correlation": General(_correlation, is_paired=True),
}
WITH_NUMBER: dict[str, tuple[Callable[[float], Statistic], float]] = {
    "quantile": (_quantile, 1.0),
    "trimmed-mean": (_trimmed_mean, 0.49),
}
