"""Draw values of a column as the reference has them where the other columns are alike.

A regression tree is grown on the reference, from the other columns to the features of this
one; a row gets the value of a random row of the reference in its leaf (Reiter, "Using CART to
generate partially synthetic public use microdata", J. Off. Stat. 21, 441, 2005).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.encoding import Encoder

Places = NDArray[np.int64]
#: A leaf holds so many rows of the reference at least.
LEAF_ROWS = 5


def draw_rows(  # noqa: PLR0913 — a question with six parts
    encoder: Encoder,
    own: NDArray[np.uint16],
    other: NDArray[np.uint16],
    column: int,
    given: Sequence[int],
    chance: np.random.Generator,
) -> Places:
    """Choose for each row of the candidate a row of the reference to take the value from.

    Parameters
    ----------
    encoder
        The code of the columns.
    own, other
        Cells of both sides, ``[n, d]`` and ``[m, d]``.
    column
        The column that is drawn.
    given
        The columns that are known; none gives any row.

    Returns
    -------
    Places
        Rows of the reference, ``[n]``.

    """
    if not given:
        return chance.integers(len(other), size=len(own)).astype(np.int64)
    from sklearn.tree import DecisionTreeRegressor

    wanted = encoder.columns[column].table[other[:, column]]
    tree = DecisionTreeRegressor(
        min_samples_leaf=LEAF_ROWS, random_state=int(chance.integers(2**31))
    )
    tree.fit(_inputs(encoder, other, given), wanted)
    leaves, asked = (tree.apply(_inputs(encoder, each, given)) for each in (other, own))
    return _any_of(leaves, asked, chance)


def _inputs(
    encoder: Encoder, cells: NDArray[np.uint16], given: Sequence[int]
) -> NDArray[np.float32]:
    """Give cells of numbers in their order, nulls below all, and features of levels."""
    parts = []
    for index in given:
        each, held = encoder.columns[index], cells[:, index].astype(np.float32)
        if each.is_number:
            parts.append(np.where(held == each.n_cells, -1, held)[:, None])
        else:
            parts.append(each.table[cells[:, index]])
    return np.concatenate(parts, axis=1).astype(np.float32)


def _any_of(leaves: Places, asked: Places, chance: np.random.Generator) -> Places:
    """Choose for each question any row with the same leaf.

    Examples
    --------
    >>> _any_of(np.array([5, 7, 5]), np.array([7, 7]), np.random.default_rng(0)).tolist()
    [1, 1]

    """
    order = np.argsort(leaves, kind="stable")
    held = leaves[order]
    first = np.searchsorted(held, asked, "left")
    last = np.searchsorted(held, asked, "right")
    found: Places = order[first + (chance.random(len(asked)) * (last - first)).astype(np.int64)]
    return found
