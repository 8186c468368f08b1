import math
import re

import pytest

from qforge_jupyter.documents.blocks import Bar, Histogram, Scatter, Share, Shares
from qforge_jupyter.documents.charts import (
    N_BINS,
    N_POINTS,
    draw_bar,
    draw_histogram,
    draw_scatter,
    draw_shares,
    place_of,
)


def boxes(svg, tone=r"\w+"):
    """Read x, y, width and height of the filled shapes."""
    found = re.findall(
        rf'class="qf-fill-{tone}" x="(.*?)" y="(.*?)" width="(.*?)" height="(.*?)"', svg
    )
    return [tuple(map(float, box)) for box in found]


def dots(svg):
    path = re.search(r'class="qf-dots" d="(.*?)"', svg)[1]
    return [tuple(map(float, dot)) for dot in re.findall(r"M(\S+) (\S+)h0", path)]


def test_a_bar_is_as_long_as_its_value_and_its_whisker_as_its_interval():
    svg = draw_bar(Bar("validity", 0.93, 0.91, 0.95, "good"))
    assert boxes(svg) == [(0.0, 3.0, 93.0, 8.0)]
    assert 'd="M91.00 3V11M91.00 7H95.00M95.00 3V11"' in svg


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_a_bar_without_a_value_is_its_empty_track(value):
    svg = draw_bar(Bar("accuracy", value))
    assert boxes(svg) == []
    assert "qf-track" in svg


def test_a_value_outside_the_scale_ends_at_its_end():
    assert [boxes(draw_bar(Bar("a", v)))[0][2] for v in (-3.0, 7.0)] == [0.0, 100.0]


def test_a_bar_is_named_with_its_numbers():
    label = 'role="img" aria-label="a&lt;b: 0.5 [0.4, 0.6]"'
    assert label in draw_bar(Bar("a<b", 0.5, 0.4, 0.6))


def test_shares_fill_the_whole_in_order():
    counts = (611, 322, 97, 121, 53)
    drawn = boxes(draw_shares(Shares(tuple(Share(str(n), n) for n in counts))))
    lefts = [sum(counts[:i]) / 12.04 for i in range(5)]
    assert [box[0] for box in drawn] == pytest.approx(lefts, abs=0.006)
    assert [box[2] for box in drawn] == pytest.approx([n / 12.04 for n in counts], abs=0.006)


def test_shares_of_nothing_draw_nothing():
    assert boxes(draw_shares(Shares((Share("a", 0), Share("b", 0))))) == []


def test_columns_stand_on_the_ground_and_are_as_high_as_their_counts():
    drawn = boxes(draw_histogram(Histogram((1, 0, 4, 2), 0.0, 1.0)))
    assert drawn == [(0, 75, 25, 25), (50, 0, 25, 100), (75, 50, 25, 50)]


def test_many_bins_are_added_together_and_lose_no_count():
    svg = draw_histogram(Histogram((1,) * 1000, 0.0, 1.0))
    assert len(boxes(svg)) <= N_BINS
    assert "1,000 values between 0 and 1" in svg


def test_a_mark_stands_at_its_value_and_one_outside_is_not_drawn():
    svg = draw_histogram(Histogram((1, 2), 0.5, 1.0, "", (("in", 0.8), ("out", 2.0))))
    assert re.findall(r'class="qf-mark" d="(.*?)"', svg) == ["M60.00 0V100"]


def test_points_stand_at_their_values():
    svg = draw_scatter(Scatter((0.0, 5.0, 10.0), (1.0, 2.0, 3.0), "x", "y"))
    assert dots(svg) == [(0, 100), (50, 50), (100, 0)]


def test_parity_has_one_scale_for_both_axes_and_a_diagonal():
    svg = draw_scatter(Scatter((0.0, 1.0), (2.0, 4.0), "x", "y", is_parity=True))
    assert dots(svg) == [(0, 50), (25, 0)]
    assert 'class="qf-diagonal" d="M0 100L100 0"' in svg


def test_points_that_are_not_finite_are_left_out_and_not_counted():
    svg = draw_scatter(Scatter((0.0, math.nan, 1.0), (0.0, 1.0, math.inf), "x", "y"))
    assert len(dots(svg)) == 1
    assert "<desc>1 points" in svg


def test_thinning_keeps_the_outermost_points_and_is_the_same_each_time():
    x = tuple(float(i % 997) for i in range(20_000))
    y = (*x[:7321], 5000.0, *x[7322:])
    svg = draw_scatter(Scatter(x, y, "x", "y"))
    assert 300 < len(dots(svg)) <= N_POINTS
    assert 0.0 in {top for _, top in dots(svg)}
    assert svg == draw_scatter(Scatter(x, y, "x", "y"))


@pytest.mark.parametrize(
    "svg",
    [
        draw_shares(Shares((Share("a", 1),), "Bands")),
        draw_histogram(Histogram((1,), 0.0, 1.0, "Bands")),
        draw_scatter(Scatter((1.0,), (1.0,), "x", "y", "Bands")),
    ],
    ids=["shares", "histogram", "scatter"],
)
def test_a_drawing_has_a_role_a_title_and_a_description(svg):
    assert re.match(r'<svg [^>]*role="img"[^>]*><title>Bands</title>: <desc>.+</desc>', svg)


def test_the_largest_numbers_have_a_place():
    assert place_of(0.0, -1.7e308, 1.7e308) == 50.0
