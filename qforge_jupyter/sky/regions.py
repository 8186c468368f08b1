"""A region of the sky as a body writes it: a cone, a box, or corners."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qforge_jupyter.errors import CallError
from qforge_jupyter.sky.positions import Angles, Flags, in_box, in_cone, in_polygon

_ANGLE = re.compile(
    r"\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>[a-z°'\"]*)\s*"
)
#: Degrees in one of each unit.
_UNITS = {
    "": 1.0, "deg": 1.0, "degree": 1.0, "degrees": 1.0, "°": 1.0,
    "arcmin": 1 / 60, "'": 1 / 60, "arcsec": 1 / 3600, '"': 1 / 3600, "mas": 1 / 3_600_000,
}  # fmt: skip


@dataclass(frozen=True)
class SkyRegion:
    """Where positions may lie: exactly one of a cone, a box and corners; in degrees."""

    cone: tuple[float, float, float] | None = None
    box: tuple[tuple[float, float], tuple[float, float]] | None = None
    corners: tuple[tuple[float, float], ...] = ()

    def holds(self, ra: Angles, dec: Angles) -> Flags:
        """Say which positions lie inside; one that is no number does not.

        Examples
        --------
        >>> region_of(ra="350 .. 10").holds(np.array([5.0, np.nan]), np.zeros(2)).tolist()
        [True, False]

        """
        with np.errstate(invalid="ignore"):
            if self.cone is not None:
                return in_cone(ra, dec, self.cone[:2], self.cone[2])
            if self.box is not None:
                return in_box(ra, dec, *self.box)
            return in_polygon(ra, dec, self.corners)


def read_angle(text: str) -> float:
    """Read an angle in degrees.

    Raises
    ------
    CallError
        It is none.

    Examples
    --------
    >>> read_angle("30 arcmin"), read_angle("-5")
    (0.5, -5.0)

    """
    found = _ANGLE.fullmatch(text)
    if not found or found["unit"] not in _UNITS:
        raise CallError(
            f"An angle is wanted and {text[:60]!r} came: write it as 10.68, 2 deg, 30 arcmin "
            "or 5 arcsec"
        )
    return float(found["number"]) * _UNITS[found["unit"]]


def region_of(
    ra: str = "", dec: str = "", within: str = "", corners: Sequence[Sequence[float]] = ()
) -> SkyRegion:
    """Read a region.

    Raises
    ------
    CallError
        It is none, or two at once.

    Examples
    --------
    >>> region_of(ra="10.68", dec="41.27", within="2 deg").cone
    (10.68, 41.27, 2.0)

    """
    if corners:
        if ra or dec or within:
            raise CallError("A region is a cone, a box or corners: leave the others away")
        if len(corners) < 3 or any(len(each) != 2 for each in corners):
            raise CallError("A region has three corners or more, each as [ra, dec]")
        return SkyRegion(corners=tuple((float(x), _declination(float(y))) for x, y in corners))
    if within:
        if not (ra and dec):
            raise CallError(
                "A cone has a center: write  region: {ra: 10.68, dec: 41.27, within: 2 deg}"
            )
        radius = read_angle(within)
        if not 0 < radius <= 180:
            raise CallError("The radius of a cone lies above 0 and at most at 180 degrees")
        return SkyRegion(cone=(read_angle(ra), _declination(read_angle(dec)), radius))
    if not (ra or dec):
        raise CallError(
            "A region is {ra: 10.68, dec: 41.27, within: 2 deg}, {ra: 350 .. 10, dec: -5 .. 5}, or "
            "{corners: [[ra, dec], …]}"
        )
    low, high = _ends(dec, (-90.0, 90.0))
    if _declination(low) > _declination(high):
        raise CallError("A box runs from the lower declination to the higher one: dec: -5 .. 5")
    return SkyRegion(box=(_ends(ra, (0.0, 360.0)), (low, high)))


def _ends(text: str, whole: tuple[float, float]) -> tuple[float, float]:
    if not text:
        return whole
    low, dots, high = text.partition("..")
    if not dots:
        raise CallError(
            f"A box has two ends and {text[:60]!r} came: write  350 .. 10,  or add  within: 2 deg"
        )
    return (
        read_angle(low) if low.strip() else whole[0],
        read_angle(high) if high.strip() else whole[1],
    )


def _declination(degrees: float) -> float:
    if not (math.isfinite(degrees) and -90 <= degrees <= 90):
        raise CallError(f"A declination lies between -90 and 90 degrees, and {degrees:g} came")
    return degrees
