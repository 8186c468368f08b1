"""Places of the sky on the sphere: regions, and which positions are one object.

Angles are degrees, distances arcseconds. Everything is measured along great circles, so that
nothing happens at RA 0/360 or at a pole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.errors import CallError

Angles = NDArray[np.float64]
Flags = NDArray[np.bool_]


def vectors(ra: Angles, dec: Angles) -> Angles:
    """Turn positions into unit vectors.

    Examples
    --------
    >>> vectors(np.array([0.0]), np.array([90.0])).round(12).tolist()
    [[0.0, 0.0, 1.0]]

    """
    ra, dec = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)


def in_cone(ra: Angles, dec: Angles, center: tuple[float, float], radius_deg: float) -> Flags:
    """Say which positions lie within a radius of a center.

    Examples
    --------
    >>> in_cone(np.array([359.9, 5.0]), np.array([0.0, 0.0]), (0.1, 0.0), 0.25).tolist()
    [True, False]

    """
    there = vectors(np.array(center[0]), np.array(center[1]))
    chord = np.linalg.norm(vectors(ra, dec) - there, axis=-1)
    found: Flags = chord <= _chord(radius_deg) * (1 + 1e-12)
    return found


def in_box(
    ra: Angles, dec: Angles, ra_range: tuple[float, float], dec_range: tuple[float, float]
) -> Flags:
    """Say which positions lie between two meridians, eastwards, and between two parallels.

    Examples
    --------
    >>> in_box(np.array([355.0, 5, 20]), np.zeros(3), (350.0, 10.0), (-1.0, 1.0)).tolist()
    [True, True, False]

    """
    first, last = ra_range
    width = last - first if 0 <= last - first <= 360 else (last - first) % 360
    along = (ra - first) % 360
    found: Flags = (along <= width) & (dec >= dec_range[0]) & (dec <= dec_range[1])
    return found


def in_polygon(ra: Angles, dec: Angles, corners: Sequence[tuple[float, float]]) -> Flags:
    """Say which positions lie within corners that great circles join.

    Raises
    ------
    CallError
        The corners do not lie within half of the sky.

    Examples
    --------
    >>> corners = [(350.0, -5.0), (10.0, -5.0), (10.0, 5.0), (350.0, 5.0)]
    >>> in_polygon(np.array([0.0, 180.0, 20.0]), np.zeros(3), corners).tolist()
    [True, False, False]

    """
    ends = vectors(*np.array(corners, dtype=np.float64).T)
    middle = ends.sum(axis=0)
    if np.linalg.norm(middle) < 1e-9 or (ends @ middle <= 0).any():
        raise CallError("A polygon lies within half of the sky: take a box, or two polygons")
    points = vectors(ra, dec)
    turned = np.zeros(len(points))
    for start, end in zip(ends, np.roll(ends, -1, axis=0), strict=True):
        from_, to = (each - (points @ each)[:, None] * points for each in (start, end))
        across = np.einsum("ij,ij->i", points, np.cross(from_, to))
        turned += np.arctan2(across, np.einsum("ij,ij->i", from_, to))
    found: Flags = (np.abs(turned) > math.pi) & (points @ middle > 0)
    return found


def objects_of(ra: Angles, dec: Angles, within_arcsec: float) -> NDArray[np.int64]:
    """Number the objects: positions within a distance of each other, directly or by others.

    Parameters
    ----------
    ra, dec
        Positions; one that is no number is an object of its own.
    within_arcsec
        Up to which distance two positions are one.

    Returns
    -------
    ndarray of int64
        The first row of each row's object.

    Examples
    --------
    >>> objects_of(np.array([359.9999, 0.0001, 5.0]), np.zeros(3), 1.0).tolist()
    [0, 0, 2]

    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    n = len(ra)
    known = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec))
    pairs = np.empty((0, 2), dtype=np.int64)
    if len(known):
        tree = cKDTree(vectors(ra[known], dec[known]))
        pairs = known[tree.query_pairs(_chord(within_arcsec / 3600), output_type="ndarray")]
    edges = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    label = connected_components(edges, directed=False)[1]
    first = np.full(int(label.max(initial=-1)) + 1, n, dtype=np.int64)
    np.minimum.at(first, label, np.arange(n))
    found: NDArray[np.int64] = first[label]
    return found


def shared_positions(
    ra: Angles, dec: Angles, part: NDArray[np.int64], within_arcsec: float
) -> NDArray[np.int64]:
    """Give the rows that have a position of another part within a distance.

    Examples
    --------
    >>> ra, part = np.array([0.0, 359.9999, 9.0]), np.array([0, 1, 1])
    >>> shared_positions(ra, np.zeros(3), part, 1.0).tolist()
    [0, 1]

    """
    from scipy.spatial import cKDTree

    known = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec) & (part >= 0))
    if not len(known):
        return known
    tree = cKDTree(vectors(ra[known], dec[known]))
    pairs = known[tree.query_pairs(_chord(within_arcsec / 3600), output_type="ndarray")]
    return np.unique(pairs[part[pairs[:, 0]] != part[pairs[:, 1]]])


def _chord(degrees: float) -> float:
    """Give the length of the straight line under an arc."""
    return 2 * math.sin(math.radians(min(degrees, 180.0)) / 2)
