"""A line shows every point, breaks where there is none, and holds its marks."""

from __future__ import annotations

import re

from qforge_jupyter.documents.blocks import Document, Line
from qforge_jupyter.documents.html import draw_html
from qforge_jupyter.documents.text import draw_text

NAN = float("nan")


def draw(*values, **more):  # noqa: ANN002, ANN003 — the fields of Line
    labels = tuple(f"day {index}" for index in range(len(values)))
    return draw_html(Document("t", blocks=(Line(labels, values, **more),)))


def runs(page):
    return re.findall(r'class="qf-run" d="([^"]+)"', page)


def test_a_point_at_the_top_is_at_the_top_and_one_at_zero_at_the_bottom():
    assert runs(draw(0.0, 0.5, 1.0)) == ["M0.00 100.00L50.00 50.00L100.00 0.00"]


def test_values_below_zero_lower_the_scale():
    assert runs(draw(-1.0, 1.0)) == ["M0.00 100.00L100.00 0.00"]


def test_the_line_breaks_where_there_is_no_value():
    assert len(runs(draw(0.1, 0.2, None, 0.3, NAN, 0.4, 0.5))) == 2


def test_a_line_of_nothing_is_drawn_as_nothing():
    assert runs(draw()) == []
    assert runs(draw(0.5)) == []
    assert runs(draw(None, None)) == []


def test_its_band_goes_there_and_back():
    page = draw(0.5, 0.5, lows=(0.4, 0.4), highs=(0.6, 0.6))
    assert 'class="qf-band" d="M0.00 40.00L100.00 40.00L100.00 60.00L0.00 60.00Z"' in page


def test_the_text_gives_the_points_as_a_table():
    line = Line(("May", "June"), (0.5, None), (0.4, None), (0.6, None), "alpha")
    text = draw_text(Document("t", blocks=(line,)))
    assert re.search(r"May +0.5 +0.4 +0.6", text)
    assert re.search(r"June +– +– +–", text)


def test_labels_are_escaped():
    page = draw_html(Document("t", blocks=(Line(("<b>", "<i>"), (0.1, 0.2)),)))
    assert "<b>" not in re.sub(r"<b>\d", "", page)
    assert "<i>" not in page
