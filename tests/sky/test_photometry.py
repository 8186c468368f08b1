"""What is measured of cut-outs, against SExtractor's catalogue of a real field, and SEP's maps."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import sep

from qforge_jupyter.engine.sky_quality import assess
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.cutting import CutOut, Wanted, cut_outs
from qforge_jupyter.sky.measuring import Measured, measure

FIELD = Path(__file__).parent / "sep_field"
#: Columns of the catalogue; places count from 1 there.
X, Y, FLUX, HALF_LIGHT, FLAGS = 1, 2, 15, 18, 20
SATURATED = 4
#: The level from which SExtractor was told that pixels are saturated.
LEVEL = 50_000.0


@pytest.fixture(scope="module")
def catalogue() -> np.ndarray:
    held = (FIELD / "image.cat").read_bytes()
    assert "5e6aca1a259afa6957c156da04d5ecf74f2e31d6f5b81e1e707d633fc04c2ff6" == (
        hashlib.sha256(held).hexdigest()
    )
    return np.loadtxt(held.decode().splitlines())


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    (whole,) = cut_outs([Wanted(0, "image.fits.gz")], 256, Pictures([FIELD]))
    assert isinstance(whole, CutOut)
    assert whole.inside.all()
    return whole.pixels


def measured(catalogue: np.ndarray, size: int) -> list[Measured]:
    """Measure the cut-out around every source of the catalogue."""
    asked = [
        Wanted(row, "image.fits.gz", each[X] - 1, each[Y] - 1) for row, each in enumerate(catalogue)
    ]
    found = {}
    for cut in cut_outs(asked, size, Pictures([FIELD])):
        assert isinstance(cut, CutOut)
        found[cut.wanted.row] = measure(cut, LEVEL)
    return [found[row] for row in range(len(asked))]


def test_background_and_noise_are_those_of_the_map_of_sextractor(catalogue, image):
    # The same mesh that the catalogue was made with; SEP's map equals SExtractor's.
    known = sep.Background(image, bw=64, bh=64, fw=3, fh=3)
    at = tuple(np.rint(catalogue[:, [Y, X]] - 1).astype(int).T)
    found = measured(catalogue, 63)
    level = np.array([each.background for each in found])
    noise = np.array([each.noise for each in found])
    assert 65 == len(found)
    assert np.abs(level - known.back()[at]).max() < 0.25 * known.globalrms
    assert pytest.approx(known.rms()[at], rel=0.1) == noise
    assert pytest.approx(1.0, abs=0.02) == float(np.median(noise / known.rms()[at]))


def test_the_width_of_stars_is_twice_their_half_light_radius(catalogue):
    """So it is for a Gaussian; real stars have wings, which make it a little more than a width."""
    is_star = (catalogue[:, FLAGS] == 0) & (catalogue[:, FLUX] > 5_000)
    is_star &= catalogue[:, HALF_LIGHT] < 1.6
    found = measured(catalogue, 31)
    widths = np.array([found[row].fwhm for row in np.flatnonzero(is_star)], dtype=float)
    ratio = widths / (2 * catalogue[is_star, HALF_LIGHT])
    assert 9 == len(ratio)
    assert pytest.approx(1.0, abs=0.1) == float(np.median(ratio))
    assert pytest.approx(np.ones(9), abs=0.25) == ratio


def test_saturated_sources_are_those_that_the_catalogue_flags(catalogue):
    flagged = catalogue[:, FLAGS].astype(int) & SATURATED > 0
    assert 2 == flagged.sum()
    assert flagged.tolist() == [each.saturated > 0 for each in measured(catalogue, 31)]


def test_a_real_field_is_of_good_quality_and_a_spoiled_one_is_not(catalogue):
    found = measured(catalogue, 31)
    frame = pl.DataFrame([vars(each) for each in found]).with_columns(
        field=pl.lit("NA36"), survey=pl.lit("EMMI")
    )
    good = assess(frame).image_quality_score
    assert good is not None
    assert good > 0.95
    spoiled = frame.with_columns(noise=pl.col("noise") * 9, blank=pl.lit(0.5))
    torn = assess(pl.concat([frame, spoiled]))
    assert torn.image_quality_score is not None
    assert torn.image_quality_score < good - 0.1
    assert any("twice as noisy" in each for each in torn.issues)
