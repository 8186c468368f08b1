import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample import REPORT

from qforge_jupyter.documents.blocks import (
    Bar,
    Bars,
    Document,
    Facts,
    Funnel,
    Grid,
    Headline,
    Histogram,
    Scatter,
    Section,
    Share,
    Shares,
    Stage,
    Text,
)
from qforge_jupyter.documents.html import CAP_BYTES, draw_html

TAGS = set(
    re.findall(
        r"\w+",
        "b caption dd desc details div dl dt h3 h4 h5 h6 meter p path rect small span style"
        " summary svg table tbody td th thead title tr",
    )
)
ATTRIBUTES = set(
    re.findall(
        r"[\w-]+",
        "align aria-label class d fill height max min open preserveaspectratio role scope"
        " style tabindex title value viewbox width x y",
    )
)
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title></svg><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "javascript:alert(1)",
    "<!--",
    "<![CDATA[",
    "&lt;b&gt;&#60;",
    "\u202eabc",
    "a\0b",
    "\ud800",
    "\x1b[31m",
]


class Page(HTMLParser):
    """Reads a page: its tags and attributes, its text, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.texts, self.open = set(), set(), [], []
        self.values = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.values += [value for _, value in attrs if value]
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(self.texts)


def every_place(text):
    """Put one text into every place that a document has for text."""
    blocks = (
        Text(text, "bad"),
        Facts(((text, text),)),
        Grid((text, "n"), ((text, 1),), text, tones=("bad",)),
        Bars((Bar(text, 0.5, 0.4, 0.6, "good", text),), text),
        Shares((Share(text, 1, "good", text), Share(text, 2)), text),
        Funnel((Stage(text, 2), Stage(text, 1, text, "good"), Stage(text, 0, text)), text),
        Histogram((1, 2), 0.0, 1.0, text, ((text, 0.5),)),
        Scatter((1.0, 2.0), (1.0, 2.0), text, text, text, is_parity=True),
    )
    return Document(text, text, "bad", (*blocks, Section(text, blocks)), Headline(text, text))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text):
    page = Page(draw_html(every_place(text)))
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert not set("\u202e\0\ud800\x1b") & set(page.text)


@given(st.text(st.characters(codec=None), max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_is_text(text):
    html = draw_html(every_place(text))
    page = Page(html)
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert len(html.encode()) <= CAP_BYTES


def test_a_text_is_shown_as_it_is():
    assert "<b>&\"'" in Page(draw_html(Document("<b>&\"'"))).text


def test_nothing_comes_from_outside_and_nothing_runs():
    html = draw_html(REPORT)
    assert re.search(r"https?:|//|url\(|@import|<script|<link|\son\w+=", html) is None


def test_has_no_ids_so_that_outputs_do_not_collide():
    assert re.search(r"\s(id|for|name|href|xlink:href|aria-labelledby)=", draw_html(REPORT)) is None


def test_every_class_and_every_rule_is_ours():
    html = draw_html(REPORT)
    classes = {name for names in re.findall(r'class="([^"]*)"', html) for name in names.split()}
    assert all(name.startswith("qf-") for name in classes)
    style = re.sub(
        r"@container[^{]*\{|@media[^{]*\{", "", html.split("<style>")[1].split("</style>")[0]
    )
    selectors = [part for rule in re.findall(r"([^{}]+)\{", style) for part in rule.split(",")]
    assert all(".qf-" in selector for selector in selectors)


def test_the_same_document_is_the_same_page():
    assert draw_html(REPORT) == draw_html(REPORT)


def huge_documents():
    wide = 10_000
    mega = "<\U000e0001&" * 350_000
    full = Grid(("a",) * 30, (("&\U000e0001" * 300,) * 30,) * 100)
    nested = Text("x" * 5000)
    for _ in range(12):
        nested = Section("s" * 500, (nested, nested, nested))
    many = tuple(map(float, range(wide)))
    figures = (
        Bars((Bar(mega, 0.5, 0.1, 0.9, note=mega),) * wide, mega),
        Shares((Share(mega, 1, note=mega),) * wide, mega),
        Funnel((Stage(mega, 1, mega),) * wide, mega),
        Histogram(tuple(range(wide)), 0.0, 1.0, mega, ((mega, 0.5),) * wide),
        Scatter(many, many, mega, mega, mega),
        Facts(((mega, mega),) * wide),
    )
    return {
        "100,000 rows": (Grid(("a", "b"), tuple((i, "<x>" * 9) for i in range(100_000))),),
        "10,000 columns": (Grid(tuple(map(str, range(wide))), (tuple(range(wide)),) * 50),),
        "cells of a megabyte": (Grid((mega,) * 30, ((mega,) * 30,) * 200),),
        "500 full grids": (full,) * 500,
        "500 full grids in a section": (Section("s", (full,) * 500),),
        "sections in sections": (nested,),
        "figures of everything": figures,
        "figures after grids": (full,) * 3 + figures,
    }


@pytest.mark.parametrize("name", huge_documents())
def test_a_page_is_small_whatever_the_data(name):
    html = draw_html(Document("t" * 10**6, "v" * 10**6, blocks=huge_documents()[name]))
    assert len(html.encode()) <= CAP_BYTES
    Page(html)
    assert "… and " in html


def test_every_row_left_out_is_counted():
    grid = Grid(("a",), tuple((i,) for i in range(100_000)), n_more=7)
    assert "… and 99,907 more rows" in Page(draw_html(Document("t", blocks=(grid,)))).text


def test_every_column_left_out_is_counted():
    grid = Grid(tuple(map(str, range(10_000))), (tuple(range(10_000)),))
    assert "… and 9,980 more columns" in Page(draw_html(Document("t", blocks=(grid,)))).text


def test_without_style_and_drawings_every_number_is_left():
    stripped = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", draw_html(REPORT), flags=re.DOTALL)
    text = Page(stripped).text
    for number in ("0.9008", "0.9312", "[0.9204, 0.941]", "50.7 %", "188", "4.211", "r = 0.9958"):
        assert number in text


def test_headings_keep_their_order():
    levels = [int(n) for n in re.findall(r"<h(\d)\b", draw_html(REPORT))]
    assert levels[0] == 3
    assert set(levels[1:]) == {4}


def test_a_closed_section_starts_folded():
    page = Document("t", blocks=(Section("a", ()), Section("b", (), is_open=False)))
    assert re.findall(r"<details[^>]*>", draw_html(page)) == ["<details open>", "<details>"]


def test_numbers_are_marked_for_the_right_without_a_style_sheet():
    html = draw_html(Document("t", blocks=(Grid(("a", "b"), ((1, "x"),)),)))
    assert '<td class="qf-num" align="right">1</td><td style="text-align:left">x</td>' in html


def test_empty_blocks_break_nothing():
    blocks = (
        Text(""),
        Facts(()),
        Grid((), ()),
        Grid(("a",), ()),
        Bars(()),
        Shares(()),
        Shares((Share("a", 0),)),
        Histogram((), 0.0, 1.0),
        Histogram((0, 0), 0.0, 0.0),
        Histogram((1, 2), float("nan"), float("inf"), marks=(("m", float("nan")),)),
        Scatter((), (), "", ""),
        Scatter((1.0,), (float("nan"),), "a", "b"),
        Section("", ()),
    )
    Page(draw_html(Document("", blocks=blocks)))
