"""A funnel: bars as wide as what is left, joined to the step before."""

import re

from qforge_jupyter.documents.blocks import Document, Funnel, Stage
from qforge_jupyter.documents.funnels import draw_funnel
from qforge_jupyter.documents.markup import Limits
from qforge_jupyter.documents.text import draw_text

LIMITS = Limits(99, 99, 99, 99)
WON = Funnel((Stage("all", 1000), Stage("won", 500, "lost"), Stage("new", 0, "known", "good")))


def test_a_bar_stands_in_the_middle_and_is_as_wide_as_its_share():
    bars = re.findall(r'<rect .*? x="(.*?)" y="0" width="(.*?)"', draw_funnel(WON, LIMITS))
    assert bars == [("0.00", "100.00"), ("25.00", "50.00")]


def test_a_neck_leads_from_the_bar_above_to_the_bar_below():
    necks = re.findall(r'class="qf-neck" d="(.*?)"', draw_funnel(WON, LIMITS))
    assert necks == [
        "M0.00 0L100.00 0L75.00 9L25.00 9Z",
        "M25.00 0L75.00 0L50.00 9L50.00 9Z",
    ]


def test_every_number_and_reason_stands_beside_the_picture():
    drawn = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", draw_funnel(WON, LIMITS))
    for said in ("1,000", "500", "50.0 %", "0 %", "&minus;500", "lost", "known"):
        assert said in drawn


def test_one_among_millions_is_still_seen():
    drawn = draw_funnel(Funnel((Stage("all", 9_000_000), Stage("left", 1))), LIMITS)
    widths = [float(w) for w in re.findall(r'y="0" width="(.*?)"', drawn)]
    assert widths[1] > 0.5


def test_a_funnel_of_nothing_is_drawn_without_bars():
    assert "<rect" not in draw_funnel(Funnel((Stage("all", 0), Stage("won", 0))), LIMITS)
    assert "<rect" not in draw_funnel(Funnel(()), LIMITS)


def test_steps_beyond_the_room_are_counted():
    many = Funnel(tuple(Stage(str(n), 9 - n) for n in range(9)))
    assert "4 more steps" in draw_funnel(many, Limits(99, 99, 5, 99))


def test_the_text_says_the_same_and_has_no_trailing_blanks():
    text = draw_text(Document("t", blocks=(WON,)))
    assert text.split("\n\n")[1].split("\n") == [
        "•  all  ########################  1,000   100 %",
        "•  won        ############          500  50.0 %  -500",
        "        lost",
        "✓  new                                0     0 %  -500",
        "        known",
    ]
