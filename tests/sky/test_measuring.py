"""What is measured of a cut-out, against stars and skies that are known."""

from __future__ import annotations

import numpy as np
import pytest

from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.cutting import Wanted, cut_outs
from qforge_jupyter.sky.measuring import background_of, fwhm_of, measure
from tests.sky.sky_images import write_image

SIGMA_OF_FWHM = 2.3548


def star(fwhm, at=(0.0, 0.0), size=41):
    rows, columns = np.mgrid[:size, :size] - size // 2
    sigma = fwhm / SIGMA_OF_FWHM
    return 1000 * np.exp(-((rows - at[1]) ** 2 + (columns - at[0]) ** 2) / (2 * sigma**2))


@pytest.mark.parametrize("fwhm", [2.4, 4.0, 7.0, 12.0])
def test_a_star_is_as_wide_as_it_was_made(fwhm):
    random = np.random.default_rng(0)
    found = [
        fwhm_of(star(fwhm, random.uniform(-0.5, 0.5, 2)) + random.normal(0, 2, (41, 41)), 0.0, 2.0)
        for _ in range(20)
    ]
    assert pytest.approx(fwhm, rel=0.02) == np.mean(found)


def test_no_star_has_no_width():
    assert fwhm_of(np.random.default_rng(0).normal(0, 2, (41, 41)), 0.0, 2.0) is None
    assert fwhm_of(np.zeros((5, 5)), 0.0, 0.0) is None


def test_sources_do_not_raise_the_background():
    sky = np.random.default_rng(1).normal(100, 5, (200, 200))
    for x, y in np.random.default_rng(2).integers(0, 160, (12, 2)):
        sky[y : y + 41, x : x + 41] += star(5.0)
    level, scatter = background_of(sky.ravel())
    assert (pytest.approx(100, abs=0.5), pytest.approx(5, rel=0.05)) == (level, scatter)
    assert background_of(np.empty(0)) == (None, None)
    assert background_of(np.full(9, 3.0)) == (3.0, 0.0)


def test_shares_are_of_the_pixels_inside(tmp_path):
    pixels = np.random.default_rng(3).normal(100, 5, (40, 40)).astype(np.float32)
    pixels[:2, :5] = np.nan
    pixels[10:13, 10:13] = 900.0
    write_image(tmp_path / "a.fits", pixels)

    def of(x, y, level=None):
        cut = next(cut_outs([Wanted(0, "a.fits", x, y)], 9, Pictures([tmp_path])))
        return measure(cut, level)

    corner = of(1, 1)  # six by six pixels of it lie inside
    assert pytest.approx(10 / 36) == corner.blank
    assert pytest.approx(1 - 36 / 81) == corner.beyond
    flat = of(11, 11)
    assert (pytest.approx(9 / 81), pytest.approx(9 / 81)) == (
        flat.saturated,
        of(11, 11, 500).saturated,
    )
    assert 0.0 == of(30, 30).saturated
    assert flat.digest == of(11, 11).digest
    assert flat.digest != of(11, 12).digest
