"""Intervals hold what they promise, and there is none where there is no basis."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

from qforge_jupyter.engine.structures.calibrating import _domain, conformal_width


def real_errors():
    """Give the errors of a linear model on rows that it has not seen."""
    x, y = load_diabetes(return_X_y=True)
    model = LinearRegression().fit(x[:100], y[:100])
    return model.predict(x[100:]) - y[100:]


def coverage(level, n_known, rounds=300):
    errors, rng = real_errors(), np.random.default_rng(5)
    held = []
    for _ in range(rounds):
        dealt = rng.permutation(errors)
        width = conformal_width(dealt[:n_known].tolist(), level)
        held.append(np.mean(np.abs(dealt[n_known:]) <= width))
    return np.mean(held)


def test_ninety_percent_hold_between_88_and_92_percent_of_real_rows():
    assert 0.88 <= coverage(0.9, 170) <= 0.92


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_other_levels_hold_theirs_even_on_few_rows(level):
    """The theorem: at least the level, at most 1/(n + 1) more."""
    assert level - 0.01 <= coverage(level, 40) <= level + 1 / 41 + 0.01


def test_there_is_no_interval_on_too_few_rows():
    assert conformal_width([0.1] * 8, 0.9) is None
    assert conformal_width([0.1] * 9, 0.9) == 0.1
    assert conformal_width([], 0.5) is None


def test_rows_far_from_all_that_is_known_are_outside_the_domain():
    rng = np.random.default_rng(0)
    known = rng.normal(size=(200, 5)).tolist()
    like, unlike = rng.normal(size=(300, 5)).tolist(), [[9.0] * 5, None]
    distances, limit, _ = _domain([*like, *unlike], known)
    outside = [each is not None and each > limit for each in distances]
    # Of rows of the same kind about 5 % lie as far from the others as the farthest 5 % do.
    assert 0.01 < np.mean(outside[:300]) < 0.10
    assert [True, False] == outside[300:]


def test_a_feature_that_hardly_varies_among_known_rows_is_not_blown_up():
    """The deviation of twenty times .1 is rounding: .11 lies .01 away, and not 10¹⁴."""
    known = [[0.1, float(at)] for at in range(20)]
    distances, _, _ = _domain([[0.11, 3.0]], known)
    assert 0.01 == pytest.approx(distances[0])


def test_without_features_or_enough_of_them_nothing_is_said_of_a_domain():
    assert "gives no features" in _domain([None], [None, None])[2]
    assert "wanted 20" in _domain([[1.0]], [[1.0]] * 3)[2]
