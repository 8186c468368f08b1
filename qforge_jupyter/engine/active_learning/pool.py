"""What a strategy is asked about: the rows that could be labeled, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pool:
    """Rows to choose from; new inputs of strategies go in here.

    Parameters
    ----------
    points
        Of the rows to choose from.
    labeled
        Points of the rows that have a label already.
    weights
        What a row's worth is multiplied by: 1 over its cost.
    seed
        Of what is drawn.
    said
        What the models say together: rows x classes; None where none could be fitted.
    members
        What each of them says: members x rows x classes.
    given
        Place of each row's class; -1 where it has none.
    votes
        Share of the labelers that gave each class: rows x classes; NaN without any.
    quality
        Score of each row, NaN where it has none.
    device
        Where distances are measured.

    """

    points: NDArray[np.float32]
    labeled: NDArray[np.float32]
    weights: Floats
    seed: int
    said: Floats | None = None
    members: Floats | None = None
    given: NDArray[np.int64] | None = None
    votes: Floats | None = None
    quality: Floats | None = None
    device: str = "cpu"

    @property
    def n(self) -> int:
        """Rows to choose from."""
        return len(self.points)

    @property
    def probabilities(self) -> Floats:
        """What the models say together.

        Raises
        ------
        ValueError
            There are none; a strategy that needs them says so.

        """
        if self.said is None:
            msg = "this strategy needs a model"
            raise ValueError(msg)
        return self.said


def entropy_of(probabilities: Floats) -> Floats:
    """Give the entropy of each line, 1 where all classes are alike.

    Examples
    --------
    >>> entropy_of(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
    [1.0, 0.0]

    """
    held = np.where(probabilities > 0, probabilities, 1.0)
    most = np.log(max(2, probabilities.shape[1]))
    found: Floats = np.abs(-(probabilities * np.log(held)).sum(axis=1) / most)
    return found
