"""Errors are carried as the textbook says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qforge_jupyter.engine.uncertainty.propagation import propagate, weighted_mean
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.results.uncertainty import Measured, NotApplicable


def test_a_weighted_mean_is_the_one_by_hand():
    # w = 1, 1/4: mean (10 + 12/4)/1.25, error 1/sqrt(1.25), chi² = .4² + (1.6/2)²
    found = weighted_mean([10.0, 12.0], [1.0, 2.0])
    assert found.value == pytest.approx(10.4)
    assert found.sigma_internal == pytest.approx(1.25**-0.5)
    assert found.chi_squared == pytest.approx(0.8)
    assert found.birge_ratio == pytest.approx(0.8**0.5)
    assert found.sigma == found.sigma_internal


def test_values_that_scatter_too_much_widen_the_error():
    found = weighted_mean([10.0, 14.0], [1.0, 1.0])
    assert found.birge_ratio == pytest.approx(8**0.5)
    assert found.sigma == pytest.approx(2.0)
    assert found.p_value == pytest.approx(math.erfc(2.0))


def test_missing_pairs_are_left_out_and_nothing_left_declines():
    assert weighted_mean([1.0, float("nan"), 3.0], [1.0, 1.0, float("inf")]).n == 1
    assert isinstance(weighted_mean([float("nan")], [1.0]), NotApplicable)


def test_tiny_errors_do_not_overflow():
    assert weighted_mean([1.0, 1.0], [1e-200, 1e-200]).sigma == pytest.approx(1e-200 / 2**0.5)


def test_an_error_of_zero_is_refused():
    with pytest.raises(DataError, match="leave that value out"):
        weighted_mean([1.0, 2.0], [0.0, 1.0])


@pytest.mark.parametrize(
    ("operation", "value", "sigma"),
    [
        ("sum", 11.0, 0.5),
        ("difference", 5.0, 0.5),
        ("product", 24.0, math.hypot(0.3 * 3, 0.4 * 8)),
        ("quotient", 8 / 3, math.hypot(0.3 / 3, 0.4 * 8 / 9)),
    ],
)
def test_the_four_operations_are_those_by_hand(operation, value, sigma):
    found = propagate(operation, Measured(8.0, 0.3), Measured(3.0, 0.4))
    assert (found.value, found.sigma) == pytest.approx((value, sigma))


def test_a_quantity_minus_itself_has_no_error_when_the_correlation_says_so():
    gap = Measured(3.0, 0.2)
    assert propagate("difference", gap, gap, correlation=[[1, 1], [1, 1]]).sigma == pytest.approx(
        0, abs=1e-9
    )


def test_a_formula_is_propagated_by_its_slope():
    found = propagate(lambda x, y: math.exp(x) * y, Measured(1.0, 0.1), Measured(2.0, 0.0))
    assert found.sigma == pytest.approx(0.1 * 2 * math.e, rel=1e-8)


def test_linear_propagation_agrees_with_drawing_where_errors_are_small():
    rng = np.random.default_rng(1)
    drawn = rng.normal(5, 0.02, 200_000) ** 3 / rng.normal(2, 0.01, 200_000)
    found = propagate(lambda a, b: a**3 / b, Measured(5, 0.02), Measured(2, 0.01))
    assert found.sigma == pytest.approx(drawn.std(), rel=0.01)


def test_a_quotient_by_zero_is_refused():
    with pytest.raises(DataError, match="undefined"):
        propagate("quotient", Measured(1.0, 0.1), Measured(0.0, 0.1))


def test_an_unknown_operation_names_the_nearest():
    with pytest.raises(CallError, match="did you mean 'product'"):
        propagate("produkt", Measured(1.0, 0.1))


def test_a_matrix_that_is_no_correlation_is_refused():
    with pytest.raises(CallError, match="no matrix of 2 by 2"):
        propagate("sum", Measured(1, 1), Measured(1, 1), correlation=[[1, 2], [2, 1]])
