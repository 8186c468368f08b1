"""Errors of single measurements, carried into what is computed of them (Q5)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from qforge_jupyter.engine.uncertainty.numbers import as_numbers
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.results.uncertainty import Measured, NotApplicable, WeightedMean

OPERATIONS: dict[str, Callable[..., float]] = {
    "sum": lambda *values: sum(values),
    "difference": operator.sub,
    "product": lambda *values: float(np.prod(values)),
    "quotient": operator.truediv,
}


def weighted_mean(values: Any, sigmas: Any) -> WeightedMean | NotApplicable:
    """Average measurements by their errors.

    Weights are 1/σ². If the values scatter more than their errors allow, the
    error is widened by the Birge ratio √(χ²/(n - 1)) (R. T. Birge, Physical
    Review 40, 207, 1932), as the Particle Data Group does.

    Parameters
    ----------
    values, sigmas
        Measurements and their standard errors, in one unit. A pair in which
        either is missing or infinite is left out.

    Raises
    ------
    DataError
        The two differ in length, or an error is not positive.

    Examples
    --------
    >>> import qforge_jupyter as qf
    >>> print(qf.weighted_mean([10.0, 12.0], [1.0, 1.0]))
    11 ± 1

    """
    measured, errors = as_numbers(values), as_numbers(sigmas)
    if len(measured) != len(errors):
        raise DataError(f"There are {len(measured)} values and {len(errors)} errors, wanted pairs")
    is_usable = np.isfinite(measured) & np.isfinite(errors)
    measured, errors = measured[is_usable], errors[is_usable]
    if (errors <= 0).any():
        raise DataError("An error is 0 or negative, wanted positive ones: leave that value out")
    n = len(measured)
    if n == 0:
        return NotApplicable("no usable pair of value and error", 0)
    from scipy.special import chdtrc

    # Relative to the smallest error, so that no weight overflows.
    unit = errors.min()
    weights = (unit / errors) ** 2
    mean = float(np.average(measured, weights=weights))
    internal = float(unit / np.sqrt(weights.sum()))
    chi_squared = float((((measured - mean) / errors) ** 2).sum())
    birge = float(np.sqrt(chi_squared / (n - 1))) if n > 1 else 1.0
    return WeightedMean(
        value=mean,
        sigma=internal * max(birge, 1.0),
        sigma_internal=internal,
        sigma_external=internal * birge,
        chi_squared=chi_squared,
        p_value=float(chdtrc(n - 1, chi_squared)) if n > 1 else 1.0,
        birge_ratio=birge,
        n=n,
    )


def propagate(
    operation: str | Callable[..., float],
    *inputs: Measured,
    correlation: Sequence[Sequence[float]] | None = None,
) -> Measured:
    """Carry errors through a formula, to first order.

    σ² = gᵀCg with the gradient g by central differences and the covariance C
    of the inputs (JCGM 100:2008, the GUM, §5). Right where the formula is
    nearly straight within the errors; a maximum or a pole there is not.

    Parameters
    ----------
    operation
        ``sum``, ``difference``, ``product``, ``quotient``, or a function of
        as many numbers as there are inputs.
    inputs
        Values with their errors.
    correlation
        Matrix of their correlations; independent when None.

    Raises
    ------
    CallError
        No such operation, or a matrix that does not fit.
    DataError
        The formula is undefined at the values or just beside them.

    Examples
    --------
    >>> import qforge_jupyter as qf
    >>> print(qf.propagate("product", qf.Measured(2.0, 0.3), qf.Measured(4.0, 0.8)))
    8 ± 2

    """
    if isinstance(operation, str) and operation not in OPERATIONS:
        raise CallError(f"No operation named {operation!r}{nearest(operation, OPERATIONS)}")
    formula = OPERATIONS[operation] if isinstance(operation, str) else operation
    values = np.array([given.value for given in inputs], dtype=np.float64)
    errors = np.array([given.sigma for given in inputs], dtype=np.float64)
    if len(inputs) == 0 or not (np.isfinite(values).all() and (errors >= 0).all()):
        raise DataError("An input is missing, infinite or has a negative error: leave it out")
    covariance = np.outer(errors, errors) * _matrix(correlation, len(inputs))
    gradient = np.array([_slope(formula, values, index) for index in range(len(inputs))])
    value, variance = _at(formula, values), float(gradient @ covariance @ gradient)
    return Measured(value, max(variance, 0.0) ** 0.5)


def _matrix(correlation: Sequence[Sequence[float]] | None, size: int) -> Any:
    if correlation is None:
        return np.eye(size)
    matrix = np.array(correlation, dtype=np.float64)
    fits = (
        matrix.shape == (size, size)
        and np.allclose(matrix, matrix.T)
        and np.allclose(np.diag(matrix), 1)
        and np.linalg.eigvalsh(matrix).min() >= -1e-9
    )
    if not fits:
        raise CallError(
            f"The correlations are no matrix of {size} by {size} that is symmetric, has ones on "
            "its diagonal and no negative eigenvalue: check them"
        )
    return matrix


def _slope(formula: Callable[..., float], values: Any, index: int) -> float:
    # The cube root of the machine's precision balances rounding and curvature.
    step = float(np.cbrt(np.finfo(np.float64).eps)) * max(abs(values[index]), 1e-8)
    above, below = values.copy(), values.copy()
    above[index] += step
    below[index] -= step
    width = float(above[index] - below[index])
    return (_at(formula, above) - _at(formula, below)) / width


def _at(formula: Callable[..., float], values: Any) -> float:
    try:
        with np.errstate(all="ignore"):
            found = float(formula(*values.tolist()))
    except ArithmeticError:
        found = float("nan")
    except ValueError:
        found = float("nan")
    if not np.isfinite(found):
        raise DataError(
            "The formula is undefined at these values or beside them, wanted a finite result"
        )
    return found
