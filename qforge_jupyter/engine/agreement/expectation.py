"""The loop of an EM algorithm over posteriors of hidden labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qforge_jupyter.engine.agreement.ratings import Floats
from qforge_jupyter.results.progress import Progress

#: New posteriors, and the log-likelihood of the parameters that gave them.
Step = tuple[Floats, float]


def iterate(
    start: Floats,
    step: Callable[[Floats], Step],
    least_rise: float,
    max_iterations: int,
    progress: Progress,
) -> tuple[Floats, tuple[float, ...], bool]:
    """Repeat M and E until the log-likelihood rises by less than ``least_rise``.

    Returns
    -------
    tuple
        Posteriors, the log-likelihood after each iteration, whether it converged.

    """
    posteriors, trace = start, list[float]()
    for iteration in range(max_iterations):
        progress(iteration, max_iterations, "iterations")
        posteriors, log_likelihood = step(posteriors)
        trace.append(log_likelihood)
        if len(trace) > 1 and trace[-1] - trace[-2] < least_rise:
            progress(max_iterations, max_iterations, "iterations")
            return posteriors, tuple(trace), True
    return posteriors, tuple(trace), False


def normalized(scores: Floats) -> Step:
    """Turn logarithms of joint probabilities into posteriors and the log-likelihood.

    Examples
    --------
    >>> posteriors, log_likelihood = normalized(np.log([[0.1, 0.3]]))
    >>> posteriors.round(2).tolist(), round(float(np.exp(log_likelihood)), 2)
    ([[0.25, 0.75]], 0.4)

    """
    top = scores.max(axis=1, keepdims=True)
    likely = np.exp(scores - top)
    sums = likely.sum(axis=1, keepdims=True)
    return likely / sums, float((top + np.log(sums)).sum())
