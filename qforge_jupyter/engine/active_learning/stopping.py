"""When to stop labeling: once the model no longer changes its mind.

M. Bloodgood and K. Vijay-Shanker (CoNLL 2009): let the models of successive steps predict one set
of rows; stop when Cohen's kappa between one model and the next, averaged over the last three
pairs, is at least .99. Where labels come in few, large steps this waits longer, never shorter,
than with many small ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]

#: Mean kappa from which predictions are stable, and over how many pairs of models.
STABLE, WINDOW = 0.99, 3
#: On fewer rows than these kappa says little.
LEAST_ROWS = 50


@dataclass(frozen=True)
class Stopping:
    """Whether to stop, and why.

    Parameters
    ----------
    should_stop
        None where it cannot be said.
    kappas
        Between each model and the next.
    reason
        One sentence without a full stop.

    """

    should_stop: bool | None
    kappas: tuple[float, ...]
    reason: str


def stop_by_stability(predictions: Sequence[Codes]) -> Stopping:
    """Judge the predictions that successive models made of the same rows.

    Examples
    --------
    >>> same = np.arange(100) % 2
    >>> stop_by_stability([same] * 4).should_stop
    True
    >>> stop_by_stability([same, 1 - same, same, same]).should_stop
    False

    """
    n_rows = len(predictions[0]) if predictions else 0
    if n_rows < LEAST_ROWS:
        return Stopping(
            None, (), f"{n_rows} rows are too few to see whether predictions still change"
        )
    kappas = tuple(kappa(first, second) for first, second in pairwise(predictions))
    if len(kappas) < WINDOW:
        return Stopping(None, kappas, f"fewer than {WINDOW + 1} models can be compared yet")
    mean = float(np.mean(kappas[-WINDOW:]))
    said = f"mean kappa of the last {WINDOW} pairs of models is {mean:.3f}"
    if mean >= STABLE:
        return Stopping(True, kappas, f"{said}, at least {STABLE}: predictions are stable")
    return Stopping(False, kappas, f"{said}, below {STABLE}: predictions still change")


def kappa(first: Codes, second: Codes) -> float:
    """Give Cohen's kappa of two codings; 1 where both say one class and the same.

    Examples
    --------
    >>> kappa(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]))
    0.5

    """
    n_classes = int(max(first.max(initial=0), second.max(initial=0))) + 1
    agreed = float((first == second).mean())
    shares = [np.bincount(each, minlength=n_classes) / len(each) for each in (first, second)]
    by_chance = float((shares[0] * shares[1]).sum())
    return 1.0 if by_chance >= 1 else (agreed - by_chance) / (1 - by_chance)
