"""When to stop, against scikit-learn's kappa and the rule as it was published."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from qforge_jupyter.engine.active_learning.stopping import kappa, stop_by_stability

RNG = np.random.default_rng(0)
BASE = RNG.integers(0, 3, 1_000)


def changed(n):
    other = BASE.copy()
    other[:n] = (other[:n] + 1) % 3
    return other


@given(st.integers(0, 10_000), st.integers(2, 6))
def test_kappa_is_that_of_the_reference(seed, n_classes):
    first, second = np.random.default_rng(seed).integers(0, n_classes, (2, 60))
    assert cohen_kappa_score(first, second) == pytest.approx(kappa(first, second), abs=1e-12)


def test_it_stops_from_point_ninety_nine_over_the_last_three_pairs():
    assert stop_by_stability([changed(300), BASE, BASE, BASE, BASE]).should_stop is True
    assert stop_by_stability([BASE, BASE, BASE, changed(300)]).should_stop is False
    assert stop_by_stability([BASE, changed(5), BASE, changed(5)]).should_stop is True


def test_three_models_or_few_rows_cannot_tell():
    assert stop_by_stability([BASE] * 3).should_stop is None
    assert stop_by_stability([BASE[:20]] * 6).should_stop is None
    assert stop_by_stability([]).should_stop is None
