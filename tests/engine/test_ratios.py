import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qforge_jupyter.engine.uncertainty.ratios import ratio_interval


def of_answers(passed: int, n: int) -> tuple[float, float, float]:
    answers = np.array([1.0] * passed + [0.0] * (n - passed))
    ratio = passed / n
    found = ratio_interval(answers - ratio, ratio)
    return found.value, found.low, found.high


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [(95, 100, 0.8882, 0.9785), (10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (1, 1, 0.2065, 1.0)],
)
def test_one_answer_a_row_gives_wilsons_interval(passed: int, n: int, low: float, high: float):
    assert (passed / n, low, high) == pytest.approx(of_answers(passed, n), abs=5e-5)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_bounds_enclose_the_score_and_stay_between_0_and_1(counts: tuple[int, int]):
    value, low, high = of_answers(*counts)
    assert 0 <= low <= value <= high <= 1


def test_answers_that_go_together_in_a_row_tell_less():
    alone = np.repeat([0.2, -0.8], [80, 20])
    together = ratio_interval(alone, 0.8)
    apart = ratio_interval(alone / 2, 0.8)
    assert together.high - together.low > apart.high - apart.low
