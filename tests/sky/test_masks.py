"""What labelers marked, drawn on the grid of a cut-out."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qforge_jupyter.labeling.marks import check_brush, check_shapes
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.cutting import Wanted, cut_outs
from qforge_jupyter.sky.masks import mask_of
from qforge_jupyter.sky.troubles import Trouble
from tests.sky.sky_images import noise, write_image

#: Height and width of the image.
SHAPE = (40, 60)


@pytest.fixture
def cut(tmp_path):
    write_image(tmp_path / "a.fits", noise(SHAPE))

    def made(x, y, size=11):
        return next(cut_outs([Wanted(0, "a.fits", x, y)], size, Pictures([tmp_path])))

    return made


def on_image(marks, classes=()):
    """Draw marks on the whole image in another way: every pixel on its own."""
    found = np.zeros(SHAPE, dtype=np.uint8)
    for mark in marks:
        for row in range(SHAPE[0]):
            for column in range(SHAPE[1]):
                x, y = column + 0.5, SHAPE[0] - row - 0.5
                if "radius" in mark:
                    is_in = np.hypot(x - mark["x"], y - mark["y"]) <= mark["radius"]
                else:
                    is_in = (
                        0 <= x - mark["x"] < mark["width"] and 0 <= y - mark["y"] < mark["height"]
                    )
                if is_in:
                    found[row, column] = classes.index(mark["label"]) + 1 if classes else 1
    return found


MARKS = [
    {"x": 20.0, "y": 12.0, "width": 9.0, "height": 4.0, "label": "trail"},
    {"x": 22.5, "y": 14.5, "radius": 3.2, "label": "star"},
]


@pytest.mark.parametrize("place", [(22, 25), (18, 28), (25, 32), (24, 24)])
def test_boxes_and_circles_cover_the_pixels_whose_middle_they_hold(cut, place):
    boxes = check_shapes("q", "boxes", MARKS[:1], ["trail"])
    circles = check_shapes("q", "circles", MARKS[1:], ["star"])
    made = cut(*place)
    whole = np.pad(on_image(MARKS, ["trail", "star"]), 11)
    expected = whole[made.bottom + 11 : made.bottom + 22, made.left + 11 : made.left + 22]
    assert expected.any()
    np.testing.assert_array_equal(expected, mask_of([*boxes, *circles], made, ["trail", "star"]))
    np.testing.assert_array_equal(expected > 0, mask_of(json.dumps(MARKS), made))


def test_a_polygon_covers_what_lies_inside(cut):
    made = cut(25, 25)
    mask = mask_of([{"points": [[20.3, 10], [30, 10], [30, 20]], "label": "galaxy"}], made)
    x = made.left + np.arange(11) + 0.5
    y = 40 - (made.bottom + np.arange(11))[:, None] - 0.5
    # A right angle in the upper right corner; the long side falls from left to right.
    expected = (x < 30) & (y > 10) & (x - 20.3 > (y - 10) * 0.97)
    assert 50 == pytest.approx(int(expected.sum()), abs=5)
    np.testing.assert_array_equal(expected, mask)


def test_painted_pixels_run_from_the_uppermost_row(cut):
    brush = check_brush(
        "q", {"width": 60, "height": 40, "label": "x", "runs": [0, 3, 60, 1]}, ["x"]
    )
    made = cut(3, 37)
    mask = mask_of(brush, made)
    rows, columns = np.nonzero(mask)
    at = {(made.bottom + int(r), made.left + int(c)) for r, c in zip(rows, columns, strict=True)}
    assert {(39, 0), (39, 1), (39, 2), (38, 0)} == at


def test_nothing_marked_by_somebody_is_an_empty_mask(cut):
    assert 0 == mask_of([], cut(20, 20)).sum()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "no mask"),
        ("no json", "no mask"),
        ("3", "no mask"),
        ([{"x": 1.0, "label": "a"}], "no mask"),
        ([{"x": 61.0, "y": 3.0, "radius": 1.0}], "mask outside of the image"),
        ([{"x": -9.0, "y": 3.0, "width": 5.0, "height": 5.0}], "mask outside of the image"),
        ([{"points": [[70, 50], [80, 50], [80, 60]]}], "mask outside of the image"),
        ([{"width": 60, "height": 40, "runs": [2399, 2]}], "mask outside of the image"),
        ([{"width": 61, "height": 40, "runs": [0, 2]}], "mask outside of the image"),
        ([{"x": 1.0, "y": 1.0, "radius": 1.0}], "mask outside of the image"),
    ],
)
def test_what_is_no_mask_is_told_by_kind(cut, value, kind):
    with pytest.raises(Trouble) as told:
        mask_of(value, cut(40, 20))
    assert kind == told.value.kind


def test_a_label_that_is_no_class_is_told(cut):
    with pytest.raises(Trouble, match="none of the classes"):
        mask_of(MARKS, cut(22, 25), ["star"])
