"""Values with their errors, and the answer when there is none to give (Q5)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

from qforge_jupyter.results.interval import Interval


@dataclass(frozen=True)
class NotApplicable:
    """A question that this data cannot answer, and why.

    Parameters
    ----------
    reason
        One sentence without a full stop.
    n
        How many usable values there were.

    """

    reason: str
    n: int = 0

    def __str__(self) -> str:
        return f"not applicable: {self.reason}"


@dataclass(frozen=True)
class Measured:
    """A value with its standard error, in the same unit.

    Examples
    --------
    >>> print(Measured(1.5, 0.25))
    1.5 ± 0.25

    """

    value: float
    sigma: float

    def __str__(self) -> str:
        return f"{self.value:.6g} ± {self.sigma:.2g}"

    def interval(self, confidence: float = 0.95) -> Interval:
        """Give the interval of a normal error."""
        reach = NormalDist().inv_cdf((1 + confidence) / 2) * self.sigma
        return Interval(
            self.value, self.value - reach, self.value + reach, confidence, "propagated", 1
        )


@dataclass(frozen=True)
class WeightedMean(Measured):
    """The mean of measurements weighed by their errors.

    Parameters
    ----------
    value, sigma
        Σwx/Σw with w = 1/σ², and its error; the larger of the next two.
    sigma_internal
        1/√Σw: what the stated errors promise.
    sigma_external
        The same times the Birge ratio: what the scatter shows.
    chi_squared, p_value
        Of the scatter around the mean, with n - 1 degrees of freedom.
    birge_ratio
        √(χ²/(n - 1)); 1 where the stated errors explain the scatter.
    n
        How many measurements took part.

    """

    sigma_internal: float
    sigma_external: float
    chi_squared: float
    p_value: float
    birge_ratio: float
    n: int

    def interval(self, confidence: float = 0.95) -> Interval:
        """Give the interval of a normal error."""
        reach = NormalDist().inv_cdf((1 + confidence) / 2) * self.sigma
        return Interval(
            self.value, self.value - reach, self.value + reach, confidence, "weighted mean", self.n
        )
