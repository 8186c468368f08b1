"""One record makes an array of a cut-out: drawn as in the browser, kept as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from astropy.io import fits

from qforge_jupyter.errors import CallError
from qforge_jupyter.pictures.cutouts import levels_of
from qforge_jupyter.sky.preprocessing import Preprocessing
from qforge_jupyter.sky.stretching import STRETCHES, limits_of, shares_of, stretched
from qforge_jupyter.sky.troubles import Trouble
from tests.sky.sky_images import M13, noise

#: Levels, uppermost row first, and the grey that the browser's code draws of them: the tests of
#: the widget read the same file.
DRAWN = json.loads((Path(__file__).parents[1] / "data" / "stretches.json").read_text())


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize("name", DRAWN)
def test_a_stretch_is_that_of_the_browser_to_the_last_grey(name, stretch):
    levels = np.array(DRAWN[name]["levels"], dtype=np.uint16)
    shares = shares_of(levels.astype(float), stretch, *limits_of(levels, stretch))
    assert DRAWN[name][stretch] == np.rint(255 * shares).tolist()


def test_a_cut_out_becomes_what_a_labeler_saw():
    pixels = fits.getdata(M13)[100:163, 100:163]
    levels, _, _ = levels_of(pixels, is_whole=True)
    seen = levels[::-1]
    expected = shares_of(seen.astype(float), "zscale", *limits_of(seen, "zscale"))[::-1]
    made = Preprocessing(dtype="uint8").apply(pixels)
    np.testing.assert_array_equal(np.rint(255 * expected), made)
    assert np.uint8 == made.dtype


def test_fixed_limits_scale_every_cut_out_alike():
    made = Preprocessing(size=2, stretch="asinh", limits=(0, 10))
    found = made.apply(np.array([[0.0, 1.0], [10.0, 99.0]]))
    expected = np.arcsinh(10 * np.array([[0, 0.1], [1, 1]])) / np.arcsinh(10)
    np.testing.assert_allclose(expected, found, rtol=1e-6)
    assert np.float32 == found.dtype


def test_what_has_no_value_becomes_what_was_asked():
    pixels = noise((9, 9)).astype(float)
    pixels[:2], pixels[5, 5] = np.nan, np.nan
    inside = np.ones((9, 9), dtype=bool)
    inside[:2] = False
    zero = Preprocessing(size=9).apply(pixels, inside)
    middle = Preprocessing(size=9, blanks="background").apply(pixels, inside)
    shares = stretched(pixels, "zscale", is_whole=False)
    assert (0.0, 0.0) == (zero[0, 0], zero[5, 5])
    assert pytest.approx(float(np.nanmedian(shares))) == float(middle[0, 0])
    with pytest.raises(Trouble, match="some pixels have no value"):
        Preprocessing(size=9, blanks="refuse").apply(pixels, inside)
    pixels[5, 5] = 100.0
    # What lies beyond the edge is no fault of the image.
    assert (9, 9) == Preprocessing(size=9, blanks="refuse").apply(pixels, inside).shape
    with pytest.raises(Trouble, match="no pixel has a value"):
        Preprocessing(size=9).apply(np.full((9, 9), np.nan))


def test_a_record_is_read_back_and_any_other_refused():
    made = Preprocessing(31, "linear", (1.0, 2.5), "background", "uint8")
    assert made == Preprocessing.of(made.record)
    for wrong in ("", "[]", "{}", '{"version": 2}', made.record.replace("linear", "cubic")):
        with pytest.raises(CallError):
            Preprocessing.of(wrong)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"size": 0}, "1 to 4,096 pixels"),
        ({"stretch": "zscal"}, "zscale"),
        ({"blanks": "mean"}, "No blanks named 'mean'"),
        ({"limits": (0, 1)}, "zscale finds the limits"),
        ({"limits": (2, 1), "stretch": "linear"}, "the lower one first"),
    ],
)
def test_what_cannot_be_is_refused(asked, said):
    with pytest.raises(CallError, match=said):
        Preprocessing(**asked)


def test_the_classes_of_a_mask_are_part_of_the_record():
    made = Preprocessing(9, classes=("trail", "star"))
    assert made == Preprocessing.of(made.record)
    assert ("trail", "star") == Preprocessing.of(made.record).classes
    # A record from before there were classes is read, and one without any is written as before.
    assert "classes" not in Preprocessing(9).record
    assert Preprocessing(9) == Preprocessing.of(Preprocessing(9).record)
    with pytest.raises(CallError, match="each named once"):
        Preprocessing(9, classes=("star", "star"))


def test_an_array_of_another_size_is_refused():
    with pytest.raises(CallError, match="9 × 9 pixels is wanted, and the array is 7 × 9"):
        Preprocessing(9).apply(np.zeros((7, 9)))


@pytest.mark.parametrize("kind", ["float32", "uint8"])
def test_a_model_is_given_the_same_numbers_from_an_array_and_from_a_file(tmp_path, kind):
    pixels = np.random.default_rng(2).normal(100, 5, (40, 50)).astype(np.float32)
    np.save(tmp_path / "a.npy", pixels)
    made = Preprocessing(11, "asinh", dtype=kind)
    tensor = made.read("a.npy", x=20, y=30, folder=str(tmp_path))
    assert (torch.float32, (1, 11, 11)) == (tensor.dtype, tuple(tensor.shape))
    assert torch.equal(tensor, made.tensor(pixels[25:36, 15:26]))
    assert 0.0 <= float(tensor.min()) < float(tensor.max()) <= 1.0
    with pytest.raises(Trouble, match="outside of the image"):
        made.read("a.npy", x=200, y=30, folder=str(tmp_path))
    with pytest.raises(Trouble, match="missing file"):
        made.read("b.npy", folder=str(tmp_path))
