"""Confidence intervals of a proportion."""

from __future__ import annotations

from statistics import NormalDist

from qforge_jupyter.errors import CallError
from qforge_jupyter.results.interval import Interval


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Give Wilson's score interval: right on average, also near 0 and 1.

    E. B. Wilson, JASA 22, 209, 1927; recommended by L. D. Brown, T. T. Cai and
    A. DasGupta, Statistical Science 16, 101, 2001.

    Parameters
    ----------
    successes, n
        How many of how many.
    confidence
        Nominal coverage.

    Raises
    ------
    CallError
        The counts or the confidence make no proportion.

    Examples
    --------
    >>> print(wilson(10, 10))
    1.000 [0.722, 1.000]

    """
    _check(successes, n, confidence)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    # At the ends rounding would leave 0 and 1 by an ulp.
    low = 0.0 if successes == 0 else centre - reach
    high = 1.0 if successes == n else centre + reach
    return Interval(share, low, high, confidence, "wilson", n)


def clopper_pearson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Give the exact interval, which covers at least as often as it says.

    C. J. Clopper and E. S. Pearson, Biometrika 26, 404, 1934.

    Parameters
    ----------
    successes, n
        How many of how many.
    confidence
        Least coverage.

    Raises
    ------
    CallError
        The counts or the confidence make no proportion.

    Examples
    --------
    >>> print(clopper_pearson(10, 10))
    1.000 [0.692, 1.000]

    """
    from scipy.special import betaincinv

    _check(successes, n, confidence)
    tail = (1 - confidence) / 2
    low = float(betaincinv(successes, n - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, n - successes, 1 - tail)) if successes < n else 1.0
    return Interval(successes / n, low, high, confidence, "clopper-pearson", n)


def _check(successes: int, n: int, confidence: float) -> None:
    if not (n > 0 and 0 <= successes <= n):
        raise CallError(f"There are {successes} successes of {n}, wanted at most n of at least 1")
    if not 0 < confidence < 1:
        raise CallError(f"The confidence is {confidence:g}, wanted one between 0 and 1")
