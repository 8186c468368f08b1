import contextlib
import threading

import pytest

from qforge_jupyter.magics.progress import ProgressLine, show_in_notebook
from qforge_jupyter.results.pace import say_duration
from qforge_jupyter.results.progress import Progress


class Watch:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> object:
        return self.now_s


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def shown():
    return []


@pytest.fixture
def line(watch: Watch, shown: list[tuple[str, str]]):
    return ProgressLine("scoring", show=lambda text, page: shown.append((text, page)), clock=watch)


def test_it_is_what_a_verb_takes_for_progress(line: ProgressLine):
    progress: Progress = line
    progress(1, 2)


def test_a_line_says_how_far_how_fast_and_how_long(
    line: ProgressLine, watch: Watch, shown: list[tuple[str, str]]
):
    with line:
        watch.now_s = 2
        line(500_000, 2_000_000)
    text = "scoring: 500,000 of 2,000,000 rows (25 %), 250,000 rows/s, about 6 s left"
    assert text == shown[0][0]
    assert 'value="0.250"' in shown[0][1]


def test_a_line_without_a_total_says_what_is_done(
    line: ProgressLine, watch: Watch, shown: list[tuple[str, str]]
):
    with line:
        watch.now_s = 2
        line(500, None)
    assert [t for t, _ in shown] == ["scoring: 500 rows, 250 rows/s", "scoring: done, 500 rows"]


def test_short_work_shows_nothing(line: ProgressLine, watch: Watch, shown: list[tuple[str, str]]):
    with line:
        for step in range(1, 7):
            watch.now_s = step / 10
            line(step, 6)
    assert shown == []


def test_a_line_is_drawn_at_most_ten_times_a_second(
    line: ProgressLine, watch: Watch, shown: list[tuple[str, str]]
):
    with line:
        for step in range(3_000):
            watch.now_s = step / 1_000
            line(step, 3_000)
    assert 20 <= len(shown) <= 25


def test_work_that_ended_says_so_without_a_time(
    line: ProgressLine, watch: Watch, shown: list[tuple[str, str]]
):
    with line:
        watch.now_s = 1
        line(5, 10)
        line(10, 10)
    assert shown[-1][0] == "scoring: done, 10 rows"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_work_that_stopped_says_how_far_it_came(
    line: ProgressLine, watch: Watch, shown: list[tuple[str, str]], stop: type[BaseException]
):
    with contextlib.suppress(stop), line:
        watch.now_s = 1
        line(4, 10)
        raise stop
    assert shown[-1][0] == "scoring: stopped at 4 of 10 rows"


def test_a_second_phase_counts_its_own_speed(
    line: ProgressLine, watch: Watch, shown: list[tuple[str, str]]
):
    with line:
        watch.now_s = 10
        line(100, 100, "first pass")
        line(0, 100, "second pass")
        watch.now_s = 11
        line(50, 100, "second pass")
    assert shown[-2][0] == "scoring, second pass: 50 of 100 rows (50 %), 50 rows/s, about 1 s left"


def test_reports_that_overtake_each_other_never_go_back(
    line: ProgressLine, watch: Watch, shown: list[tuple[str, str]]
):
    with line:
        watch.now_s = 1
        line(8, 10)
        watch.now_s = 2
        line(7, 10)
    assert shown[-2][0].startswith("scoring: 8 of 10 rows")


def test_many_threads_may_report(line: ProgressLine, watch: Watch, shown: list[tuple[str, str]]):
    with line:
        watch.now_s = 1
        threads = [threading.Thread(target=line, args=(step, 8)) for step in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert shown[-1][0] == "scoring: done, 8 rows"


def test_a_line_that_is_off_draws_nothing(watch: Watch, shown: list[tuple[str, str]]):
    line = ProgressLine("x", silent=True, show=lambda *pair: shown.append(pair), clock=watch)
    with line:
        watch.now_s = 9
        line(1, 2)
    assert shown == []


def test_a_report_after_the_end_draws_nothing(
    line: ProgressLine, watch: Watch, shown: list[tuple[str, str]]
):
    with line:
        pass
    watch.now_s = 9
    line(1, 2)
    assert shown == []


@pytest.mark.parametrize(("done", "total"), [(0, 0), (5, 0), (12, 10), (-1, 10)])
def test_odd_counts_are_drawn_all_the_same(
    line: ProgressLine, watch: Watch, shown: list[tuple[str, str]], done: int, total: int
):
    with line:
        watch.now_s = 1
        line(done, total)
    assert all(text.startswith("scoring: ") for text, _ in shown)


def test_a_note_is_text_and_no_html(line: ProgressLine, watch: Watch, shown: list[tuple[str, str]]):
    with line:
        watch.now_s = 1
        line(1, 2, "<b>")
    assert "&lt;b&gt;" in shown[0][1]
    assert "<b>" not in shown[0][1]


def test_in_a_notebook_one_output_is_updated(capsys: pytest.CaptureFixture[str]):
    show = show_in_notebook()
    show("first", "<p>first</p>")
    show("second", "<p>second</p>")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 s"), (59.4, "59 s"), (60, "1 min"), (3_599, "59 min 59 s"), (86_400, "24 h")],
)
def test_a_duration_is_said_in_one_or_two_units(seconds: float, words: str):
    assert words == say_duration(seconds)
