"""How a number is written: the same in the text, the page and the charts.

Four significant digits, never fewer than the whole part; commas between
thousands; a dash for nothing. A value below 1 is never rounded up to 1 and a
share that is neither nothing nor all is never written as 0 % or 100 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real

import numpy as np

DASH = "–"
_LARGEST_PLAIN = 10**15


def show_number(value: object) -> str:
    """Write one number, a truth value or nothing.

    Parameters
    ----------
    value
        None, bool, int, float or what behaves like one (numpy scalars).

    Examples
    --------
    >>> [show_number(value) for value in (None, True, 12345, 0.93, 1234.56, 0.999999)]
    ['–', 'yes', '12,345', '0.93', '1,235', '0.9999']
    >>> [show_number(value) for value in (1.5e-7, 2e20, float("nan"), -0.0)]
    ['1.5e-7', '2e20', 'NaN', '0']

    """
    if value is None:
        return DASH
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return _show_integer(int(value))
    if isinstance(value, Real):
        return _show_float(float(value))
    raise TypeError(f"{type(value).__name__} is not a number")


def _show_integer(value: int) -> str:
    if abs(value) < _LARGEST_PLAIN:
        return f"{value:,}"
    exponent = math.log10(abs(value))
    mantissa = 10 ** (exponent - math.floor(exponent))
    sign = "-" if value < 0 else ""
    return f"{sign}{mantissa:.4g}e{math.floor(exponent)}"


def _show_float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    size = abs(value)
    if size >= _LARGEST_PLAIN or 0 < size < 1e-4:
        digits, exponent = f"{value:.3e}".split("e")
        return f"{digits.rstrip('0').rstrip('.')}e{int(exponent)}"
    if value.is_integer() or size >= 1000:
        return f"{round(value):,}"
    if 0.9999 < size < 1:
        return "0.9999" if value > 0 else "-0.9999"
    return f"{value:.4g}"


def show_interval(low: float | None, high: float | None) -> str:
    """Write an interval, or nothing where it has no end.

    Examples
    --------
    >>> show_interval(0.91, 0.95)
    '[0.91, 0.95]'
    >>> show_interval(None, 0.95)
    ''

    """
    if low is None or high is None:
        return ""
    return f"[{show_number(low)}, {show_number(high)}]"


def show_percent(part: float, whole: float) -> str:
    """Write a share with one decimal; a small one is not nothing.

    Examples
    --------
    >>> [show_percent(part, 10_000) for part in (0, 1, 4117, 9999, 10_000)]
    ['0 %', '<0.1 %', '41.2 %', '>99.9 %', '100 %']
    >>> show_percent(0, 0)
    '–'

    """
    if whole <= 0:
        return DASH
    percent = 100 * part / whole
    if part <= 0:
        return "0 %"
    if part >= whole:
        return "100 %"
    if percent < 0.1:
        return "<0.1 %"
    if percent > 99.9:
        return ">99.9 %"
    return f"{percent:.1f} %"


def correlation(x: Sequence[float], y: Sequence[float]) -> tuple[int, float | None]:
    """Count the finite pairs and give their Pearson correlation.

    None stands for a correlation that does not exist: fewer than two pairs,
    or a side that does not vary.

    Examples
    --------
    >>> correlation((1.0, 2.0, 3.0), (2.0, 4.0, float("nan")))
    (2, 1.0)
    >>> correlation((1.0, 1.0), (2.0, 4.0))
    (2, None)

    """
    pairs = finite_pairs(x, y)
    if len(pairs) < 2:
        return len(pairs), None
    scale = np.abs(pairs).max(axis=0)
    scaled = pairs / np.where(scale > 0, scale, 1.0)
    centred = scaled - scaled.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    if not (spread > 1e-12).all():
        return len(pairs), None
    r = float((centred[:, 0] * centred[:, 1]).sum() / (spread[0] * spread[1]))
    return len(pairs), max(-1.0, min(1.0, round(r, 12)))


def finite_pairs(x: Sequence[float], y: Sequence[float]) -> np.ndarray:
    """Give the pairs of which both sides are finite, as an (n, 2) array.

    Examples
    --------
    >>> finite_pairs((1.0, 2.0), (3.0, float("inf"))).tolist()
    [[1.0, 3.0]]

    """
    n_pairs = min(len(x), len(y))
    pairs = np.column_stack(
        [np.asarray(x[:n_pairs], dtype=np.float64), np.asarray(y[:n_pairs], dtype=np.float64)]
    )
    return pairs[np.isfinite(pairs).all(axis=1)]


def merge_bins(counts: tuple[int, ...], n_most: int) -> tuple[int, ...]:
    """Add neighbouring bins together until there are at most ``n_most``.

    Examples
    --------
    >>> merge_bins((1, 2, 3, 4, 5), 3)
    (3, 7, 5)

    """
    step = max(1, math.ceil(len(counts) / n_most))
    return tuple(max(0, sum(counts[i : i + step])) for i in range(0, len(counts), step))


def say_more(n_more: int, noun: str) -> str:
    """Count what is not shown.

    Examples
    --------
    >>> say_more(1, "rows"), say_more(1200, "rows")
    ('… and 1 more row', '… and 1,200 more rows')

    """
    return f"… and {show_number(n_more)} more {noun[:-1] if n_more == 1 else noun}"
