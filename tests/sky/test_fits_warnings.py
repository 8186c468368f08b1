"""What a notebook wants to be warned of is not changed by reading FITS files."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from astropy.io import fits

from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.cutting import CutOut, Wanted, cut_outs
from qforge_jupyter.sky.image_files import open_image
from tests.sky.sky_images import noise, write_compressed, write_image


@pytest.fixture
def folders(tmp_path):
    for name in ("a.fits", "b.fits"):
        write_image(tmp_path / name, noise((20, 20)))
    write_compressed(tmp_path / "c.fits", [noise((20, 20))])
    return Pictures([tmp_path])


def test_an_open_image_leaves_the_filters_as_they_were(folders):
    before = list(warnings.filters)
    first, second = open_image("a.fits", folders), open_image("b.fits", folders)
    first.__enter__()
    second.__enter__()
    assert before == list(warnings.filters)
    first.__exit__(None, None, None)  # crosswise, as two threads or two generators close them
    second.__exit__(None, None, None)
    assert before == list(warnings.filters)


def test_a_cut_out_in_hand_leaves_the_filters_as_they_were(folders):
    before = list(warnings.filters)
    for made in cut_outs([Wanted(0, "a.fits", 9, 9), Wanted(1, "c.fits", 9, 9)], 5, folders):
        assert isinstance(made, CutOut)
        assert before == list(warnings.filters)
        assert made.sky_position is not None
        assert made.wcs.has_celestial
    assert before == list(warnings.filters)


def test_threads_that_cut_at_the_same_time_leave_the_filters_as_they_were(folders):
    before = list(warnings.filters)
    asked = [Wanted(i, f"{'abc'[i % 3]}.fits", 9, 9) for i in range(30)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda one: len(list(cut_outs([one], 5, folders))), asked))
    assert [1] * 30 == made
    assert before == list(warnings.filters)


def test_what_astropy_warns_of_a_header_does_not_end_a_cut_out(tmp_path):
    """Here warnings are errors: an old keyword, a wrong card and blank values raise none."""
    unit = fits.PrimaryHDU(np.arange(400, dtype=np.int16).reshape(20, 20))
    unit.header.update({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 10.0, "CRVAL2": 5.0})
    unit.header.update({"CRPIX1": 1.0, "CRPIX2": 1.0, "CDELT1": -0.001, "CDELT2": 0.001})
    unit.header.update({"EPOCH": 2000.0, "RADECSYS": "FK5", "DATE-OBS": "31/12/98"})
    unit.header["BLANK"] = 7
    unit.writeto(tmp_path / "a.fits")
    data = (tmp_path / "a.fits").read_bytes()
    (tmp_path / "a.fits").write_bytes(data[: 2880 + 850])
    (made,) = cut_outs([Wanted(0, "a.fits", 9, 9)], 5, Pictures([tmp_path]))
    assert isinstance(made, CutOut)
    assert made.sky_position is not None
