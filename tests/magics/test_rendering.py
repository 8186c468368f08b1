from typing import Never

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

from qforge_jupyter.errors import (
    CallError,
    InternalError,
    ModelError,
    QForgeError,
    QualityError,
    ResourceError,
    TimeoutExceeded,
)
from qforge_jupyter.magics.rendering import WIDTH, Interrupted, as_shown, draw_error

QUICKLY = settings(max_examples=300, deadline=20_000)


def test_an_error_in_the_body_shows_its_line_and_a_caret():
    error = CallError("No key 'rowz' in score", line=3, column=2)
    drawn = draw_error(error, "score calcs\nranges:\n  rowz: 3")
    assert drawn == [
        "DataError: line 3: No key 'rowz' in score",
        "      rowz: 3",
        "      ^",
    ]


def test_an_error_in_the_header_counts_the_magic_in():
    error = CallError("No verb 'scor'", line=1, column=0)
    drawn = draw_error(error, "scor calcs", "%qforge")
    assert drawn == ["DataError: No verb 'scor'", "    %qforge scor calcs", "            ^"]


def test_an_error_without_a_place_is_its_sentence():
    assert draw_error(CallError("No rows"), "score calcs\na: b") == ["DataError: No rows"]


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (CallError("x"), "DataError"),
        (ModelError("x"), "ModelError"),
        (ResourceError("x"), "ResourceError"),
        (TimeoutExceeded("x"), "TimeoutError"),
        (InternalError("x"), "InternalError"),
    ],
)
def test_the_first_word_is_the_category(error: QForgeError, word: str):
    assert [f"{word}: x"] == draw_error(error, "")


@pytest.mark.parametrize(
    ("line", "column", "under"),
    [
        ("\ta", 1, "a"),
        ("日本 a", 3, "a"),
        ("e\u0301 a", 3, "a"),
        ("x" * 500 + "!" + "y" * 500, 500, "!"),
        ("\x1b[31m!", 5, "!"),
    ],
    ids=["tab", "wide", "combining", "long", "control"],
)
def test_the_caret_stands_under_the_place(line: str, column: int, under: str):
    _, shown, caret = draw_error(CallError("x", line=2, column=column), "score\n" + line)
    place = caret.index("^")
    cells = "".join(c + "\0" * (c in "日本") for c in shown if c != "\u0301")
    assert under == cells[place]
    assert "\x1b" not in shown


def test_a_password_in_the_line_is_not_shown():
    source = "use postgresql://me:hunter2@host/db?password=hunter2 --x"
    drawn = "\n".join(draw_error(CallError("No", line=1, column=4), source))
    assert "hunter2" not in drawn
    assert "postgresql://me:*******@host" in drawn


def test_a_sentence_stays_one_line():
    assert draw_error(CallError("a\nb\x1b[0m"), "") == ["DataError: a b [0m"]


def test_a_shown_error_is_the_same_object_with_what_it_carries():
    error = QualityError("The gate said no", result={"overall": 0.5})
    shown = as_shown(error, "check synth")
    assert shown is error
    assert shown._render_traceback_() == ["DataError: The gate said no"]


@pytest.mark.parametrize(
    ("error", "debug"),
    [(ValueError("x"), False), (CallError("x"), True), (InternalError("x"), True)],
    ids=["foreign", "debug", "ours under debug"],
)
def test_what_is_foreign_and_everything_under_debug_keep_their_traceback(
    error: QForgeError, debug: bool
):
    assert not hasattr(as_shown(error, "", debug=debug), "_render_traceback_")


def test_debug_takes_an_earlier_drawing_back():
    error = as_shown(CallError("x"), "")
    assert not hasattr(as_shown(error, "", debug=True), "_render_traceback_")


@pytest.mark.parametrize(
    "raised",
    [as_shown(CallError("No rows"), ""), Interrupted("stopped after 3 of 9; 3 are kept")],
    ids=["error", "interrupt"],
)
def test_the_notebook_shows_the_drawing_alone(
    raised: BaseException, capsys: pytest.CaptureFixture[str]
):
    shell = InteractiveShell()

    def fail() -> Never:
        raise raised

    shell.user_ns["fail"] = fail
    result = shell.run_cell("fail()")
    shell.history_manager.end_session()
    assert raised is result.error_in_exec
    assert "\n".join(raised._render_traceback_()) == capsys.readouterr().out.strip()


@QUICKLY
@given(st.text(), st.integers(0, 300), st.integers(-1, 5), st.booleans())
def test_any_source_is_drawn_within_the_width(source: str, column: int, line: int, is_long: bool):
    error = QForgeError("x", line=line, column=column)
    for part in draw_error(error, source * (20 if is_long else 1))[1:]:
        assert len(part.replace("\u0301", "")) <= 4 * WIDTH
        assert "\n" not in part
