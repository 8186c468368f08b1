"""How far work is, as its reports say it: never backwards, and honest where nobody knows."""

import pytest

from qforge_jupyter.results.pace import Pace

STAGES = {"learned": (0.2, 0.2), "draws": (0.2, 0.8), "pictures": (0.8, 1.0)}


def test_stages_weigh_and_never_run_backwards():
    pace = Pace(STAGES, began_s=0.0)
    shares = []
    for now_s, report in enumerate(
        [(1, 5, "learned"), (50, 100, "draws"), (100, 100, "draws"), (0, 4, "draws"),
         (1, 2, "pictures"), (1, 5, "learned"), (2, 2, "pictures")]
    ):  # fmt: skip
        pace.take(*report, now_s=float(now_s))
        shares.append(pace.share)
    assert pytest.approx([0.2, 0.5, 0.8, 0.8, 0.9, 0.9, 1.0]) == shares


def test_a_stage_is_known_by_how_its_note_begins():
    pace = Pace({"models of": (0.0, 0.6)}, began_s=0.0)
    pace.take(1, 2, "models of 500 rows", now_s=1.0)
    assert 0.3 == pace.share


def test_a_note_that_is_no_stage_moves_nothing():
    pace = Pace(STAGES, began_s=0.0)
    pace.take(9, 10, "something else", now_s=1.0)
    assert (pace.share, pace.left_s) == (None, None)


def test_even_work_is_told_its_remaining_time():
    pace = Pace(began_s=0.0)
    for second in range(1, 8):
        pace.take(second, 10, "", now_s=float(second))
    assert pytest.approx(3.0) == pace.left_s
    assert pytest.approx(1.0) == pace.rate


def test_the_remaining_time_of_work_that_slows_down_follows_smoothly():
    pace = Pace(began_s=0.0)
    for second in range(1, 6):
        pace.take(second * 10, 100, "", now_s=float(second))
    before = pace.left_s
    pace.take(51, 100, "", now_s=6.0)
    guess = (100 - 51) / (51 / 6)
    assert before - 1 < pace.left_s < guess
    for second in range(7, 40):
        pace.take(51 + second // 8, 100, "", now_s=float(second))
    assert pace.left_s > 10


def test_without_a_total_nobody_knows_how_long():
    pace = Pace(began_s=0.0)
    pace.take(500, None, "", now_s=2.0)
    assert (pace.share, pace.left_s, pace.rate) == (None, None, 250.0)


def test_before_a_fiftieth_of_staged_work_nothing_is_promised():
    pace = Pace({"draws": (0.0, 1.0)}, began_s=0.0)
    pace.take(1, 100, "draws", now_s=5.0)
    assert pace.left_s is None
    pace.take(2, 100, "draws", now_s=10.0)
    assert pytest.approx(490.0) == pace.left_s
