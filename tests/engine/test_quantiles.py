import numpy as np
import pytest

from qforge_jupyter.engine.quantiles import FEW, quantiles

SHARES = (0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 99, 100, 101, FEW, FEW + 1])
def test_they_are_those_of_numpy_to_the_last_bit(n: int):
    random = np.random.default_rng(n)
    for values in (random.normal(size=n), random.integers(-5, 5, n) / 3, random.lognormal(5, 3, n)):
        assert np.quantile(values, SHARES).tolist() == quantiles(values, SHARES)
