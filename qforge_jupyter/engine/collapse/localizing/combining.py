"""One number a row out of all channels: weights that the two sides themselves decide.

A channel that sees nothing in a candidate only adds noise, and which one sees
something differs from damage to damage. So the evidence of the channels is
weighed by a logistic regression of the side on it, with weights of at least 0
and a penalty: for p-values that are powers of uniform ones this is the
likelihood ratio. The weights that judge a row come from the other folds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import N_FOLDS

Matrix = NDArray[np.float64]
#: Penalty of the weights' sum and of their squares, in rows.
PENALTY = 1.0


def weigh(candidate: Matrix, reference: Matrix) -> NDArray[np.float64]:
    """Say how much each channel counts: what tells the candidate's rows from the reference's.

    Parameters
    ----------
    candidate, reference
        Evidence, one line a row and one column a channel.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> reference = rng.exponential(size=(500, 2))
    >>> candidate = rng.exponential(size=(500, 2)) * [3.0, 1.0]
    >>> weights = weigh(candidate, reference)
    >>> bool(weights[0] > 0.4), bool(weights[1] < 0.1)
    (True, True)

    """
    from scipy.optimize import minimize

    rows = np.vstack([candidate, reference])
    # Each side counts as half, however many rows it has.
    share = len(rows) / 2
    each = np.repeat([share / len(candidate), share / len(reference)],
                     [len(candidate), len(reference)])  # fmt: skip
    is_candidate = np.repeat([1.0, 0.0], [len(candidate), len(reference)])
    width = rows.shape[1]

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, offset = at[:width], at[width]
        logit = rows @ weights + offset
        value = (each * (np.logaddexp(0, logit) - is_candidate * logit)).sum()
        value += PENALTY * (weights.sum() + (weights**2).sum())
        wrong = each * (0.5 * (1 + np.tanh(logit / 2)) - is_candidate)
        slope = rows.T @ wrong + PENALTY * (1 + 2 * weights)
        return float(value), np.append(slope, wrong.sum())

    found = minimize(
        loss,
        np.append(np.full(width, 0.1), 0.0),
        jac=True,
        bounds=[(0, None)] * width + [(None, None)],
        method="L-BFGS-B",
    )
    weights: NDArray[np.float64] = found.x[:width]
    return weights


def weights_by_fold(
    candidate: tuple[Matrix, NDArray[np.int8]], reference: tuple[Matrix, NDArray[np.int8]]
) -> Matrix:
    """Give the weights for the rows of each fold, from the rows of the others."""
    lines = []
    for fold in range(N_FOLDS):
        first, second = (rows[of != fold] for rows, of in (candidate, reference))
        few = min(len(first), len(second)) == 0
        lines.append(np.zeros(candidate[0].shape[1]) if few else weigh(first, second))
    return np.stack(lines)
