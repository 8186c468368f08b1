"""Choose rows by a strategy: in which order, how much each is worth, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.pool import Pool
from qforge_jupyter.engine.active_learning.strategies import STRATEGIES
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.uncertainty import NotApplicable

#: What is taken where nothing is said, with labels of two classes and without.
USUAL, WITHOUT_MODEL = "uncertainty-diversity", "diversity"


@dataclass(frozen=True)
class Choice:
    """Rows of the pool, the most valuable first.

    Parameters
    ----------
    order
        Places in the pool.
    worth
        Of every row of the pool.
    reason
        Why such rows are taken.

    """

    order: NDArray[np.int64]
    worth: NDArray[np.float64]
    reason: str


def choose(pool: Pool, strategy: str, n: int) -> Choice:
    """Order the rows of a pool.

    Parameters
    ----------
    pool
        The rows.
    strategy
        Name of a strategy.
    n
        How many will be taken.

    Raises
    ------
    CallError
        There is no such strategy, or it cannot say anything of these rows.

    Examples
    --------
    >>> points = np.array([[0.0], [1.0], [9.0]], dtype=np.float32)
    >>> choose(Pool(points, points[:1], np.ones(3), 1), "diversity", 1).order.tolist()
    [2, 1, 0]

    """
    member = STRATEGIES.get(strategy)
    if member.NEEDS_MODEL and pool.said is None:
        raise CallError(
            f"The strategy {strategy!r} needs labels of at least two classes to learn from: "
            f"label some rows first, as {WITHOUT_MODEL} chooses them"
        )
    worth = member.worth(pool, n)
    if isinstance(worth, NotApplicable):
        raise CallError(f"The strategy {strategy!r} cannot be followed: {worth.reason}")
    return Choice(np.argsort(-worth, kind="stable"), worth, member.REASON)
