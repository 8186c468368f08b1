import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qforge_jupyter.documents.numbers import correlation, show_number, show_percent


@pytest.mark.parametrize(
    ("shown", "value"),
    [
        ("–", None),
        ("yes", True),
        ("no", False),
        ("0", 0),
        ("0", -0.0),
        ("1,204", 1204),
        ("-1,204", -1204),
        ("0.9312", 0.93123),
        ("0.9", 0.9),
        ("12.41", 12.4071),
        ("1,235", 1234.56),
        ("123,457", 123456.7),
        ("1e-5", 1e-5),
        ("1.235e-7", 1.23456e-7),
        ("1e15", 1e15),
        ("-1e400", -(10**400)),
        ("NaN", math.nan),
        ("inf", math.inf),
        ("-inf", -math.inf),
    ],
)
def test_writes_a_number_in_four_digits(shown, value):
    assert shown == show_number(value)


def test_a_value_below_one_is_never_written_as_one():
    assert ["0.9999", "0.9999", "1"] == [show_number(v) for v in (0.99999, 1 - 1e-16, 1.0)]


def test_numpy_scalars_are_written_as_their_python_twins():
    values = (np.int64(1204), np.float32(0.5), np.bool_(True))
    assert ["1,204", "0.5", "yes"] == [show_number(v) for v in values]


def test_a_decimal_is_no_number_of_ours():
    with pytest.raises(TypeError, match="Decimal is not a number"):
        show_number(Decimal(1))


@given(st.floats(min_value=-1e300, max_value=1e300, allow_subnormal=False))
def test_a_written_float_is_right_to_four_digits(value):
    read = float(show_number(value).replace(",", ""))
    assert math.isclose(read, value, rel_tol=5.1e-4)


@given(st.integers(min_value=1, max_value=10**6), st.integers(min_value=2, max_value=10**6))
def test_a_real_part_is_neither_nothing_nor_all(part, whole):
    if part < whole:
        assert show_percent(part, whole) not in {"0 %", "100 %"}


def test_correlation_is_that_of_numpy():
    x = np.random.default_rng(1).normal(size=200)
    y = 0.5 * x + np.random.default_rng(2).normal(size=200)
    n_points, r = correlation(tuple(x), tuple(y))
    assert n_points == 200
    assert r == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-10)


def test_correlation_survives_the_largest_numbers():
    assert (2, 1.0) == correlation((1e308, -1e308), (1e308, -1e308))
