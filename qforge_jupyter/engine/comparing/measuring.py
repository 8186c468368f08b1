"""Error statistics of pairs of numbers, each with an interval where there is a basis for one.

Means (MAE, bias, mean square, mean percent error) have bootstrap-t intervals of
a ratio of sums over bags (P. Hall, The Annals of Statistics 16, 927, 1988), RMSE the
root of those of the mean square; R² and the correlation BCa intervals (see
`engine.uncertainty.bca`); medians those of order statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.comparing.sums import (
    COLUMNS,
    MOST_BAGS,
    N_RESAMPLES,
    RATIOS,
    Draws,
    Errors,
    bags_of,
    correlation_of,
    r2_of,
)
from qforge_jupyter.engine.uncertainty.bca import (
    acceleration,
    bca_ends,
    confidence_ends,
    expanded,
)
from qforge_jupyter.engine.uncertainty.order_statistics import order_statistic_ends
from qforge_jupyter.engine.uncertainty.resampling import Floats
from qforge_jupyter.engine.uncertainty.student import FEWEST
from qforge_jupyter.results.compared import Estimate

Ends = tuple[float, float]
#: Every statistic.
NAMES = (
    "mae", "rmse", "bias", "r2", "pearson_r", "mape", "median_ape", "median_ae", "max_error",
)  # fmt: skip
#: Why there is no interval of what many resamples do not define, as where few rows differ.
UNSTEADY = "undefined in too many resamples"
#: Part of the error of all bags below which that of a resample is rounding.
LEAST_ERROR = 1e-6


@dataclass(frozen=True)
class Measuring:
    """How errors are measured: the confidence of intervals, and the draws they rest on."""

    confidence: float
    draws: Draws
    most_bags: int = MOST_BAGS

    def measure(
        self,
        errors: Errors,
        names: Sequence[str] = NAMES,
        *,
        groups: NDArray[np.int64] | None = None,
        has_intervals: bool = True,
    ) -> dict[str, Estimate]:
        """Measure how far predictions lie from their references.

        Parameters
        ----------
        errors
            Pairs of finite numbers.
        names
            Of `NAMES`: ``mae``, ``rmse``, ``bias``, ``r2``, ``pearson_r``,
            ``mape`` and ``median_ape`` (shares of the reference, where that is
            not zero), ``median_ae``, ``max_error``.
        groups
            The number of each row's group, where groups are drawn as wholes.
        has_intervals
            Whether intervals are wanted.

        Returns
        -------
        dict
            What is undefined has no value but a note.

        Examples
        --------
        >>> pairs = Errors(np.array([2.0, 1.0, 5.0]), np.array([1.0, 2.0, 3.0]))
        >>> found = Measuring(0.95, Draws(42)).measure(pairs)
        >>> found["mae"].value, round(found["r2"].value, 9), found["mae"].note
        (1.3333333333333333, -2.0, 'no interval of 3 rows, wanted 10')

        """
        if not len(errors):
            return {name: Estimate(note="nothing to compare") for name in names}
        ends = confidence_ends(self.confidence) if has_intervals else None
        with np.errstate(all="ignore"):
            sums = bags_of(errors, groups, self.draws.seed, self.most_bags)
            bags = _Bags(errors, sums, ends, self.draws, is_grouped=groups is not None)
            ways = bags.ways()
            return {name: ways[name]() for name in names}


class _Bags:
    """The sums of bags, and the statistics that are made of them."""

    def __init__(
        self, errors: Errors, sums: Floats, ends: Ends | None, draws: Draws, *, is_grouped: bool
    ) -> None:
        self.errors, self.sums, self.draws, self.n = errors, sums, draws, len(errors)
        self.ends = ends or (0.0, 1.0)
        self.is_grouped = is_grouped
        what = "groups" if is_grouped else "rows"
        self.why = ""
        if ends is None:
            self.why = "intervals are measured of the largest groups"
        elif len(sums) < FEWEST:
            self.why = f"no interval of {len(sums)} {what}, wanted {FEWEST}"

    def ways(self) -> dict[str, Callable[[], Estimate]]:
        """Say how each statistic is estimated."""
        sizes, shares = np.abs(self.errors.error), self.errors.percent
        return {
            **{name: partial(self.ratio, name) for name in ("mae", "bias", "mape")},
            "rmse": self.rmse,
            "r2": lambda: self.formula(r2_of, "the reference is constant"),
            "pearson_r": lambda: self.formula(correlation_of, "a side is constant"),
            "median_ape": lambda: self.median(shares[np.isfinite(shares)]),
            "median_ae": lambda: self.median(sizes),
            "max_error": lambda: Estimate(float(sizes.max()), n=self.n),
        }

    def column(self, name: str) -> Floats:
        """Give one sum of every bag."""
        found: Floats = self.sums[:, COLUMNS.index(name)]
        return found

    def ratio(self, name: str) -> Estimate:
        """Estimate a ratio of two sums."""
        above, below = (self.column(each) for each in RATIOS[name])
        n = int(below.sum())
        if not n:
            return Estimate(note="every reference is zero")
        value, n_bags = float(above.sum() / below.sum()), int((below > 0).sum())
        if n_bags < FEWEST and not self.why:
            return Estimate(value, n=n, note=f"no interval of {n_bags} rows, wanted {FEWEST}")
        return self._with_ends(value, n, lambda: self._student(above, below), name)

    def rmse(self) -> Estimate:
        """Estimate the root of the mean square error."""
        above, below = (self.column(each) for each in RATIOS["mse"])
        value = float(np.sqrt(above.sum() / below.sum()))

        def ends() -> Ends | None:
            found = self._student(above, below)
            return None if found is None else (max(0.0, found[0]) ** 0.5, found[1] ** 0.5)

        return self._with_ends(value, self.n, ends, "rmse")

    def formula(self, compute: Callable[[Floats], Floats], undefined: str) -> Estimate:
        """Estimate what a formula makes of all sums together."""
        value = float(compute(self.sums.sum(axis=0)))
        if not np.isfinite(value) or self.n < 2:
            return Estimate(n=self.n, note="one row" if self.n < 2 else undefined)
        return self._with_ends(value, self.n, lambda: self._bca(compute, value), "")

    def median(self, values: Floats) -> Estimate:
        """Estimate a median of rows."""
        if not len(values):
            return Estimate(note="every reference is zero")
        value = float(np.median(values))
        if self.is_grouped:
            return Estimate(value, n=len(values), note="no interval where groups are drawn")
        return self._with_ends(
            value, len(values), lambda: order_statistic_ends(values, 0.5, self.ends), ""
        )

    def _with_ends(
        self, value: float, n: int, ends: Callable[[], Ends | None], name: str
    ) -> Estimate:
        if self.why or not np.isfinite(value):
            return Estimate(
                value if np.isfinite(value) else None, n=n, note=self.why or "too large"
            )
        found = ends()
        if found is None or not np.isfinite(found).all():
            return Estimate(value, n=n, note=UNSTEADY)
        low, high = found
        if name in ("mae", "rmse", "mape"):
            low = max(0.0, low)
        return Estimate(value, min(low, value), max(high, value), n)

    def _student(self, above: Floats, below: Floats) -> Ends | None:
        """Give the ends of a ratio, each resample measured in its own standard error."""
        value = float(above.sum() / below.sum())
        rest = above - value * below
        error = float(np.sqrt((rest**2).sum()) / below.sum())
        if not error > 1e-12 * abs(value):
            return value, value  # every bag says the same
        parts = np.stack([rest, below, rest**2, rest * below, below**2], axis=1)
        moved, errors = _ratio(self.draws.counts(len(above)) @ parts)
        # A resample without the few bags that differ has an error of rounding alone: it pulls
        # without bound, and where too many do so does the end of the interval.
        is_alike = errors < LEAST_ERROR * error
        pulls = np.where(is_alike, np.copysign(np.inf, moved), moved / errors)
        pulls = pulls[~np.isnan(pulls)]
        if 2 * len(pulls) < N_RESAMPLES:
            return None
        low, high = np.quantile(pulls, self.ends)
        return float(value - high * error), float(value - low * error)

    def _bca(self, compute: Callable[[Floats], Floats], value: float) -> Ends | None:
        n_bags = len(self.sums)
        drawn = compute(self.draws.counts(n_bags) @ self.sums)
        drawn = drawn[np.isfinite(drawn)]
        if 2 * len(drawn) < N_RESAMPLES:
            return None
        if drawn.min() == drawn.max():
            return float(drawn[0]), float(drawn[0])
        ends = expanded(self.ends, n_bags)
        left_out = compute(self.sums.sum(axis=0) - self.sums)
        skew = acceleration(left_out) if np.isfinite(left_out).all() else np.nan
        low, high = np.quantile(drawn, bca_ends(value, drawn, skew, ends) or ends)
        return float(low), float(high)


def _ratio(parts: Floats) -> tuple[Floats, Floats]:
    """Give ratio and standard error of each line of Σa, Σb, Σa², Σab, Σb²."""
    a, b, aa, ab, bb = (parts[:, at] for at in range(5))
    value = a / b
    squares = aa - 2 * value * ab + value**2 * bb
    return value, np.sqrt(np.maximum(squares, 0)) / b
