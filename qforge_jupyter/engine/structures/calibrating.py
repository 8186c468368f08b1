"""Intervals and domain of predictions, measured on structures whose values are known.

Split-conformal intervals (V. Vovk et al., Algorithmic Learning in a Random
World, 2005; J. Lei et al., J. Am. Stat. Assoc. 113, 1094 (2018)): of n
absolute errors the one of rank ``ceil((n + 1) * level)`` is half the width.
Where new structures are exchangeable with these, intervals hold between
``level`` and ``level + 1/(n + 1)`` of them on average, whatever the model.

Where members of an ensemble answer, errors are counted in their spread, so that
an interval is as wide as they differ (H. Papadopoulos et al., Neural Networks 24,
842 (2011)): half of it is ``q * (spread + b)``, where ``q`` is that rank among
``|error| / (spread + b)``. What keeps a chance agreement from an interval of
nothing, ``b``, is the median spread of the calibration structures and the asked
one together, which treats all of them alike, so that the same promise holds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.models import SPREAD
from qforge_jupyter.engine.structures.predicting import Made
from qforge_jupyter.results.calibration import Calibration

#: Structures with features that a domain needs.
FEWEST_FOR_DOMAIN = 20
#: Share of the calibration structures that count as like each other.
INSIDE = 0.95
Features = NDArray[np.float64]


def conformal_width(errors: Sequence[float], level: float) -> float | None:
    """Give half the width of the interval; None where the errors are too few for the level.

    Examples
    --------
    >>> conformal_width([0.1, -0.5, 0.2, 0.3, -0.4, 0.9, 0.6, 0.7, -0.8], 0.9)
    0.9
    >>> conformal_width([0.1, 0.2], 0.9) is None
    True

    """
    # A hair less, since 0.9 * 10 is 9 and not the 9.000000000000002 that doubles make of it.
    rank = math.ceil((len(errors) + 1) * level - 1e-9)
    if not errors or rank > len(errors):
        return None
    return float(np.sort(np.abs(np.asarray(errors, dtype=float)))[max(rank, 1) - 1])


def spread_widths(
    errors: Sequence[float], spreads: Sequence[float], asked: Sequence[float], level: float
) -> list[float] | None:
    """Give half the width of each interval; None where there are too few, or no spread at all.

    Parameters
    ----------
    errors, spreads
        Of the calibration structures.
    asked
        Spreads of the structures asked for; where one is missing so is its width.

    Examples
    --------
    >>> errors, spreads = [0.1] * 5 + [0.4] * 5, [1.0] * 5 + [4.0] * 5
    >>> [round(each, 2) for each in spread_widths(errors, spreads, [1.0, 4.0, 8.0], 0.9)]
    [0.16, 0.4, 0.6]

    """
    if conformal_width(errors, level) is None:
        return None
    sizes, known = np.abs(np.asarray(errors, dtype=float)), np.asarray(spreads, dtype=float)
    widths = []
    for own in asked:
        floor = float(np.median([*known, own]))
        if not floor > 0 and math.isfinite(own):
            return None
        rank = conformal_width((sizes / (known + floor)).tolist(), level)
        widths.append(math.nan if rank is None else rank * (own + floor))
    return widths


def calibrated(
    made: Made, known: Made, references: Mapping[str, pl.Series], level: float
) -> tuple[Made, Calibration | None]:
    """Add intervals and the flag of the domain to predictions.

    Parameters
    ----------
    made
        The predictions.
    known
        Those of the calibration structures; where they were stopped, nothing is added.
    references
        By property, the true values of these.
    level
        Share of exchangeable structures that an interval is to hold.

    Returns
    -------
    tuple
        The predictions, whose frame has ``PROPERTY_low`` and ``PROPERTY_high``,
        and ``domain_distance`` and ``is_outside_domain`` where there is a domain;
        and what they rest on.

    """
    new = {key: (structure, key, values) for structure, key, values in (*known.new, *made.new)}
    joined = replace(
        made, new=tuple(new.values()), is_interrupted=made.is_interrupted or known.is_interrupted
    )
    if joined.is_interrupted:
        return joined, None
    frame, widths, declined, ranges = made.frame, {}, {}, {}
    for name, truth in references.items():
        errors, spreads = _errors(known.frame, name, truth)
        width = conformal_width(errors, level)
        if width is None:
            least = math.ceil(level / (1 - level) - 1e-9)
            declined[name] = f"{len(errors)} structures have both values, wanted {least}"
            continue
        each = spread_widths(errors, spreads, _asked(frame, name), level) if spreads else None
        half = pl.lit(width) if each is None else pl.Series(each, dtype=pl.Float64)
        if each is not None:
            there = [value for value in each if math.isfinite(value)]
            width = float(np.median(there)) if there else width
            ranges[name] = (min(there, default=width), max(there, default=width))
        widths[name] = width, len(errors), float(np.abs(errors).mean())
        low, high = pl.col(name) - half, pl.col(name) + half
        frame = frame.with_columns(low.alias(f"{name}_low"), high.alias(f"{name}_high"))
    distances, limit, why = _domain(made.features, known.features)
    if limit is not None:
        column = pl.Series("domain_distance", distances, dtype=pl.Float64)
        frame = frame.with_columns(column, (column > limit).alias("is_outside_domain"))
    n_outside = 0 if limit is None else int(frame["is_outside_domain"].sum())
    both = set(made.frame["structure_hash"]) & set(known.frame["structure_hash"]) - {None}
    said = Calibration(level, widths, declined, limit, why, n_outside, len(both), ranges)
    return replace(joined, frame=frame), said


def _errors(frame: pl.DataFrame, name: str, truth: pl.Series) -> tuple[list[float], list[float]]:
    """Give the errors where both values are known, and the spreads of an ensemble beside them."""
    difference = frame[name].cast(pl.Float64) - truth.cast(pl.Float64)
    there = difference.is_finite().fill_null(value=False)
    spread = f"{name}{SPREAD}"
    beside = frame[spread].filter(there).to_list() if spread in frame.columns else []
    return difference.filter(there).to_list(), beside


def _asked(frame: pl.DataFrame, name: str) -> list[float]:
    return frame[f"{name}{SPREAD}"].fill_null(math.nan).to_list()


def _domain(
    asked: Sequence[Sequence[float] | None], known: Sequence[Sequence[float] | None]
) -> tuple[list[float | None], float | None, str]:
    """Give each structure's distance to the nearest calibration structure, and the limit."""
    basis = [each for each in known if each is not None]
    if not basis and known:
        return [], None, "the model gives no features, so nothing is said"
    if len(basis) < FEWEST_FOR_DOMAIN:
        why = f"{len(basis)} calibration structures have features, wanted {FEWEST_FOR_DOMAIN}"
        return [], None, why
    points = np.asarray(basis, dtype=float)
    centre, spread = points.mean(axis=0), points.std(axis=0)
    spread[spread <= 1e-9 * np.abs(centre)] = 1.0  # of equal numbers, rounding is left
    scaled = (points - centre) / spread
    among = _nearest(scaled, scaled, skipped=1)
    limit = float(np.quantile(among, INSIDE))
    rows = [at for at, each in enumerate(asked) if each is not None]
    distances: list[float | None] = [None] * len(asked)
    if rows:
        given = (np.asarray([asked[at] for at in rows], dtype=float) - centre) / spread
        for at, distance in zip(rows, _nearest(given, scaled, skipped=0), strict=True):
            distances[at] = float(distance)
    return distances, limit, ""


def _nearest(points: Features, basis: Features, *, skipped: int) -> Any:
    from scipy.spatial import cKDTree

    found, _ = cKDTree(basis).query(points, k=[skipped + 1])
    return found[:, 0]
