"""What labelers marked, drawn on the grid of a cut-out."""

from __future__ import annotations

import json

import numpy as np
import pytest
import sep
import shapely

from qforge_jupyter.labeling.marks import check_brush, check_shapes
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.cutting import Wanted, cut_outs
from qforge_jupyter.sky.masks import marks_of, mask_of
from qforge_jupyter.sky.run_lengths import Runs, runs_of
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
        ([{"size": [40, 60], "counts": [2399, 2]}], "mask outside of the image"),
        ([{"size": [60, 40], "counts": [2398, 2]}], "mask outside of the image"),
        ([{"size": [40, 60], "counts": [5, -3, 2]}], "no mask"),
        ([{"size": [40, 60], "counts": "no counts"}], "no mask"),
        ([{"size": [40, 60], "counts": [2**70, 2]}], "no mask"),
        ([{"segmentation": [[1, 2, 3, 4]]}], "no mask"),
    ],
)
def test_what_is_no_mask_is_told_by_kind(cut, value, kind):
    with pytest.raises(Trouble) as told:
        mask_of(value, cut(40, 20))
    assert kind == told.value.kind


def test_a_label_that_is_no_class_is_told(cut):
    with pytest.raises(Trouble, match="none of the classes"):
        mask_of(MARKS, cut(22, 25), ["star"])


RANDOM = np.random.default_rng(11)


@pytest.mark.parametrize("number", range(8))
def test_polygons_boxes_and_circles_are_those_of_other_rasterisers(cut, number):
    """GEOS says what is in a polygon or a box, and SEP what is in a circle."""
    made = cut(*RANDOM.uniform([5, 5], [55, 35]), 21)
    x0, y0 = made.left, SHAPE[0] - made.bottom - 21  # the upper left corner, as it is seen
    columns, rows = np.meshgrid(x0 + np.arange(21) + 0.5, y0 + np.arange(21) + 0.5)
    n = 3 + number
    angles = np.sort(RANDOM.uniform(0, 2 * np.pi, n))
    reach = RANDOM.uniform(2, 14, n)  # a star around the middle, seldom convex
    points = np.stack(
        [x0 + 10 + reach * np.cos(angles), y0 + 10 + reach * np.sin(angles)], axis=1
    ).tolist()
    left, top, wide, tall = RANDOM.uniform([x0, y0, 2, 2], [x0 + 12, y0 + 12, 12, 12])
    x, y, radius = RANDOM.uniform([x0, y0, 1], [x0 + 21, y0 + 21, 9])
    round_one = np.zeros((21, 21), dtype=bool)
    sep.mask_ellipse(round_one, x - x0 - 0.5, y - y0 - 0.5, radius, radius, 0.0)
    marks = [
        {"points": points, "label": "galaxy"},
        {"x": left, "y": top, "width": wide, "height": tall, "label": "trail"},
        {"x": x, "y": y, "radius": radius, "label": "star"},
    ]
    seen = np.zeros((21, 21), dtype=np.uint8)
    seen[shapely.contains_xy(shapely.Polygon(points), columns, rows)] = 3
    seen[shapely.contains_xy(shapely.box(left, top, left + wide, top + tall), columns, rows)] = 1
    seen[round_one] = 2
    expected = np.where(made.inside, seen[::-1], 0)
    np.testing.assert_array_equal(expected, mask_of(marks, made, ["trail", "star", "galaxy"]))


def test_segments_count_columns_as_coco_does(cut):
    """Two columns of three pixels, seven rows down; the text is that of pycocotools 2.0.11."""
    counts = [40 * 20 + 7, 3, 37, 3]
    marks = [
        {"segmentation": {"size": [40, 60], "counts": counts}, "label": "a"},
        {"size": [40, 60], "counts": "Wi03U10Y_1", "label": "b"},
    ]
    made = cut(22, 31, 11)
    expected = np.zeros((11, 11), dtype=np.uint8)
    row, column = 40 - 1 - 9 - made.bottom, 20 - made.left
    expected[row : row + 3, column : column + 2] = 1
    for mark in marks:
        np.testing.assert_array_equal(expected, mask_of([mark], made, [mark["label"]]))


def test_every_painted_class_is_a_class_of_the_mask(cut):
    """The widget writes one mask a label; where two labels are painted, the later one counts."""
    first = {"width": 60, "height": 40, "label": "halo", "runs": [60 * 5 + 10, 6, 60 * 6 + 10, 6]}
    second = {"width": 60, "height": 40, "label": "core", "runs": [60 * 5 + 12, 2]}
    masks = check_brush("q", [first, second], ["core", "halo"])
    made = cut(12, 33, 11)
    mask = mask_of(masks, made, ["core", "halo"])
    expected = np.zeros((11, 11), dtype=np.uint8)
    expected[33 - made.bottom : 35 - made.bottom, 10 - made.left : 16 - made.left] = 2
    expected[34 - made.bottom, 12 - made.left : 14 - made.left] = 1
    np.testing.assert_array_equal(expected, mask)


def test_a_large_image_is_unrolled_only_where_the_cut_out_is():
    runs = Runs(60_000, 60_000, np.array([60_000 * 30_000 + 5]), np.array([60_000 * 30_001]))
    seen = runs.unrolled(29_999, 30_002, 0, 8)
    assert [[0] * 8, [0] * 5 + [1] * 3, [0] * 8] == seen.astype(int).tolist()


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, "no JSON", "9" * 5000])
def test_a_text_that_is_no_marks_is_a_bad_row(text):
    with pytest.raises(Trouble, match="no mask"):
        marks_of(text)


def test_a_run_whose_end_wraps_around_is_not_inside(cut):
    mark = {"width": 60, "height": 40, "runs": [2**62, 2**62, 5, 2], "label": "a"}
    painted = {"width": 60, "height": 40, "runs": [60, 2**63 - 1], "label": "a"}
    for each in (mark, painted):
        assert not runs_of(each).is_inside
        with pytest.raises(Trouble, match="mask outside of the image"):
            mask_of([each], cut(9, 9))
