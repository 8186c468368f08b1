from pathlib import Path
from textwrap import dedent

import pytest
from sample import REPORT

from qforge_jupyter.documents.blocks import (
    Bar,
    Bars,
    Block,
    Document,
    Facts,
    Grid,
    Headline,
    Histogram,
    Scatter,
    Section,
    Share,
    Shares,
    Text,
)
from qforge_jupyter.documents.text import WIDTH, draw_text


def body_of(*blocks: Block):
    """Draw blocks and drop the title above them."""
    return draw_text(Document("t", blocks=blocks)).removeprefix("t\n=").lstrip("\n")


def lines(text):
    return dedent(text).strip("\n")


def test_the_sample_report_reads_as_stored():
    stored = (Path(__file__).parent / "sample.txt").read_text(encoding="utf-8")
    assert stored == draw_text(REPORT) + "\n"


def test_the_head_has_title_verdict_and_number():
    page = Document("calcs", "ready", "good", headline=Headline(0.9, "overall", 0.8, 0.95))
    assert "calcs\n=====\n✓ ready\noverall: 0.9 [0.8, 0.95]" == draw_text(page)


def test_numbers_stand_on_the_right_and_words_on_the_left():
    grid = Grid(("check", "failed"), (("gap", 1204), ("energy", 3)))
    expected = """
        check   failed
        ------  ------
        gap      1,204
        energy       3
    """
    assert lines(expected) == body_of(grid)


def test_a_column_with_gaps_is_still_a_column_of_numbers():
    expected = """
        score
        -----
          0.5
            –
    """
    assert lines(expected) == body_of(Grid(("score",), ((0.5,), (None,))))


def test_a_judged_row_has_a_sign():
    grid = Grid(("check",), (("gap",), ("mass",)), tones=("bad", "good"))
    expected = """
           check
        -  -----
        ✕  gap
        ✓  mass
    """
    assert lines(expected) == body_of(grid)


def test_rows_left_out_are_counted_with_those_that_never_came():
    grid = Grid(("row",), tuple((i,) for i in range(25)), n_more=10)
    assert body_of(grid).endswith("19\n… and 15 more rows")


def test_columns_left_out_are_counted():
    grid = Grid(tuple(f"column {i:04}" for i in range(1000)), (tuple(range(1000)),))
    drawn = body_of(grid).splitlines()
    assert drawn[-1] == "… and 993 more columns"
    assert max(map(len, drawn)) <= WIDTH


def test_a_ragged_row_is_filled_with_dashes():
    assert body_of(Grid(("a", "b"), ((1,), (1, 2, 3)))).splitlines()[-2:] == ["1  –", "1  2"]


def test_a_bar_shows_its_tenths_value_and_interval():
    bars = Bars((Bar("validity", 0.93, 0.91, 0.95), Bar("accuracy", None, note="no reference")))
    expected = """
        validity  #########.  0.93  [0.91, 0.95]
        accuracy  ..........  –                   no reference
    """
    assert lines(expected) == body_of(bars)


@pytest.mark.parametrize(
    ("drawn", "value"),
    [
        ("#########.", 0.99),
        ("##########", 1.0),
        ("#.........", 0.003),
        ("..........", 0.0),
        ("..........", -1.0),
        ("##########", 7.0),
        ("..........", float("nan")),
    ],
)
def test_only_a_whole_bar_is_full_and_only_nothing_is_empty(drawn, value):
    assert drawn == body_of(Bars((Bar("a", value),))).split()[1]


def test_shares_show_counts_and_per_cent():
    shares = Shares((Share("good", 3, "good"), Share("exclude", 1, "bad", "energy > 0")))
    expected = """
        ✓  good     3  75.0 %
        ✕  exclude  1  25.0 %  energy > 0
    """
    assert lines(expected) == body_of(shares)


def test_a_histogram_is_one_line_in_which_no_count_is_invisible():
    histogram = Histogram((0, 1, 100, 50), 0.0, 1.0, "Score", (("ready", 0.8),))
    assert "Score\n0 | .@+| 1  n = 151\n^ ready at 0.8" == body_of(histogram)


def test_a_scatter_is_its_count_and_its_correlation():
    scatter = Scatter((1.0, 2.0, 3.0), (1.0, 2.0, float("nan")), "dft", "xtb")
    assert body_of(scatter) == "xtb against dft: n = 2, r = 1"


def test_sections_are_headed():
    section = Section("Checks", (Text("one"), Section("More", (Text("two", "bad"),))))
    assert body_of(section) == "Checks\n------\none\n\n[More]\n✕ two"


def test_facts_are_aligned():
    assert (
        body_of(Facts((("rows", 1204), ("checks run", None)))) == "rows        1,204\nchecks run  –"
    )


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[2Jb", "a\u202eb", "a\rb", "a\ud800b", "a\u2028b"])
def test_hostile_text_stays_on_its_line(text):
    blocks = (
        Text(text),
        Facts(((text, text),)),
        Grid((text,), ((text,),), text),
        Bars((Bar(text, 0.5, note=text),), text),
        Shares((Share(text, 1, note=text),), text),
        Histogram((1,), 0.0, 1.0, text, ((text, 0.5),)),
        Scatter((1.0,), (1.0,), text, text, text),
    )
    page = Document(text, text, blocks=blocks, headline=Headline(text, text))
    plain = Document("ab", "ab", blocks=blocks_of_plain(), headline=Headline("ab", "ab"))
    drawn = draw_text(page)
    assert len(drawn.splitlines()) == len(draw_text(plain).splitlines())
    assert not set("\x1b\u202e\r\ud800\u2028") & set(drawn)


def blocks_of_plain():
    return (
        Text("ab"),
        Facts((("ab", "ab"),)),
        Grid(("ab",), (("ab",),), "ab"),
        Bars((Bar("ab", 0.5, note="ab"),), "ab"),
        Shares((Share("ab", 1, note="ab"),), "ab"),
        Histogram((1,), 0.0, 1.0, "ab", (("ab", 0.5),)),
        Scatter((1.0,), (1.0,), "ab", "ab", "ab"),
    )


def test_a_page_of_any_size_is_at_most_400_lines():
    grid = Grid(("a",), tuple((i,) for i in range(100)))
    drawn = draw_text(Document("t", blocks=(grid,) * 500)).splitlines()
    assert len(drawn) == 401
    assert drawn[-1].startswith("… and ")


def test_empty_blocks_draw_nothing_and_break_nothing():
    blocks = (Facts(()), Grid((), ()), Bars(()), Shares(()), Section("", ()), Text(""))
    assert draw_text(Document("", blocks=blocks)).strip() == ""
