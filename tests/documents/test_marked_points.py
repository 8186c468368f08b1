"""Points that are marked on a map."""

from qforge_jupyter.documents.blocks import Document, Scatter
from qforge_jupyter.documents.html import draw_html
from qforge_jupyter.documents.text import draw_text


def page(marked, label="<b>wrong</b>"):
    scatter = Scatter((0.0, 1.0), (0.0, 2.0), "x", "y", marked=marked, marked_label=label)
    return Document("t", blocks=(scatter,))


def test_marked_points_are_drawn_over_the_others_and_counted():
    drawn = draw_html(page(((1.0, 2.0),)))
    assert 'class="qf-dots qf-marked" d="M100.00 0.00h0"' in drawn
    assert "<b>wrong</b>" not in drawn
    assert "1 <b>wrong</b>" in draw_text(page(((1.0, 2.0),)))


def test_a_map_without_marks_says_so_and_tells_no_correlation():
    assert "n = 2, 0 wrong" in draw_text(page((), "wrong"))
    assert "r = " not in draw_html(page((), "wrong"))
