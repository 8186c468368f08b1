"""Positions on the sphere: at RA 0/360 and at the poles, against astropy's own separations."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from qforge_jupyter.errors import CallError
from qforge_jupyter.sky.positions import in_cone, in_polygon, objects_of, shared_positions
from qforge_jupyter.sky.regions import read_angle, region_of


def sky(n=400, seed=0):
    random = np.random.default_rng(seed)
    return random.uniform(0, 360, n), np.degrees(np.arcsin(random.uniform(-1, 1, n)))


@pytest.mark.parametrize("center", [(0.0, 0.0), (359.9, 12.0), (10.0, 90.0), (200.0, -89.9)])
def test_a_cone_holds_what_astropy_finds_near(center):
    ra, dec = sky()
    apart = SkyCoord(ra, dec, unit="deg").separation(SkyCoord(*center, unit="deg")).deg
    assert (apart <= 35).tolist() == in_cone(ra, dec, center, 35).tolist()


def test_a_polygon_around_a_pole_holds_the_pole():
    corners = [(ra, 80.0) for ra in (0, 90, 180, 270)]
    ra, dec = np.array([0.0, 45.0, 45.0, 0.0, 45.0]), np.array([90.0, 81.0, 70.0, -90.0, 83.5])
    # Between two corners the great circle runs nearer to the pole than the parallel does.
    assert [True, False, False, False, True] == in_polygon(ra, dec, corners).tolist()


def test_a_polygon_may_run_either_way_round_and_have_a_notch():
    corners = [(0, 0), (10, 0), (10, 10), (5, 2), (0, 10)]
    ra, dec = np.array([5.0, 5.0, 1.0, 9.0]), np.array([1.0, 6.0, 6.0, 6.0])
    for each in (corners, corners[::-1]):
        assert [True, False, True, True] == in_polygon(ra, dec, each).tolist()


def test_a_polygon_of_more_than_half_of_the_sky_is_refused():
    with pytest.raises(CallError, match="half of the sky"):
        in_polygon(np.zeros(1), np.zeros(1), [(0, 0), (120, 0), (240, 0)])


def test_objects_are_chains_of_near_positions_wherever_they_lie():
    step = 0.8 / 3600
    ra = np.array([360 - step, 0.0, step, 0.0, 180.0, 77.0, np.nan])
    dec = np.array([0.0, 0.0, 0.0, 90 - step / 2, 90 - step / 2, 10.0, 0.0])
    assert [0, 0, 0, 3, 3, 5, 6] == objects_of(ra, dec, 1.0).tolist()


def test_objects_are_those_of_every_pair_that_astropy_finds():
    ra, dec = sky(300, 3)
    ra, dec = np.concatenate([ra, ra[:80] + 0.2]), np.concatenate([dec, dec[:80]])
    places = SkyCoord(ra, dec, unit="deg")
    apart = places[:, None].separation(places[None, :]) < 2000 * u.arcsec
    first = objects_of(ra, dec, 2000)
    for row in range(len(ra)):
        assert first[row] == first[np.flatnonzero(apart[row])].min()


def test_a_position_in_two_parts_is_found():
    ra, dec = np.array([10.0, 10.0, 10.0, 50.0]), np.array([90.0, 89.9999, 10.0, 10.0])
    part = np.array([0, 1, 1, 0])
    assert [0, 1] == shared_positions(ra, dec, part, 1.0).tolist()
    assert [] == shared_positions(ra, dec, np.array([0, 0, 1, -1]), 1.0).tolist()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "A region is"),
        ({"ra": "10", "within": "1 deg"}, "A cone has a center"),
        ({"ra": "10"}, "A box has two ends"),
        ({"dec": "5 .. -5"}, "the lower declination"),
        ({"dec": "-95 .. 5"}, "between -90 and 90"),
        ({"ra": "x .. 5"}, "An angle is wanted"),
        ({"ra": "1", "dec": "1", "within": "0"}, "above 0"),
        ({"corners": [[0, 0], [1, 1]]}, "three corners"),
        ({"corners": [[0, 0], [1, 1], [2, 0]], "ra": "1"}, "leave the others away"),
    ],
)
def test_what_is_no_region_is_refused(asked, said):
    with pytest.raises(CallError, match=said):
        region_of(**asked)


def test_a_box_runs_eastwards_over_zero():
    ra, dec = np.array([355.0, 5.0, 20.0, 340.0]), np.array([0.0, 4.0, 0.0, 0.0])
    assert [True, True, False, False] == region_of("350 .. 10", "-5 .. 5").holds(ra, dec).tolist()
    assert [True, False, True, True] == region_of(dec="-5 .. 3").holds(ra, dec).tolist()
    assert read_angle("60 '") == read_angle("3600 arcsec") == 1.0
