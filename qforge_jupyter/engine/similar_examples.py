"""What the examples most like each one are labeled: the nearest by everything but the label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.scorecard import Examples
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.uncertainty import NotApplicable


@dataclass(frozen=True)
class Similar:
    """The labels of the nearest examples.

    Parameters
    ----------
    codes
        Class of each example, -1 where it has none.
    shares
        Share of the nearest that have each class: rows x classes; NaN where there is no label.

    """

    codes: NDArray[np.int64]
    shares: NDArray[np.float64]

    @property
    def is_labeled(self) -> NDArray[np.bool_]:
        """Examples that have a label."""
        return self.codes >= 0

    @property
    def agrees(self) -> NDArray[np.bool_]:
        """Whether no other class is more frequent among the nearest than the example's own."""
        own = self.shares[np.arange(len(self.codes)), self.codes]
        found: NDArray[np.bool_] = own >= np.nan_to_num(self.shares).max(axis=1, initial=0.0)
        return found

    @property
    def lead(self) -> NDArray[np.float64]:
        """By how much the most frequent class leads over the second."""
        best = np.sort(np.nan_to_num(self.shares), axis=1)[:, -2:]
        found: NDArray[np.float64] = best[:, 1] - best[:, 0]
        return found


def similar_examples(
    table: Table, examples: Examples, *, seed: int, device: str = "cpu"
) -> Similar | NotApplicable:
    """Find the nearest labeled examples of each, with its own label unseen.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"x": [0.0, 0.1, 0.2, 9.0, 9.1, 9.2] * 2, "tier": list("aabbbb") * 2})
    >>> asked = Examples(target="tier", neighbors=3)
    >>> similar_examples(Table.of_frame("t", frame), asked, seed=1).agrees[:3].tolist()
    [True, True, False]

    """
    from qforge_jupyter.engine.active_learning.describing import describe_columns
    from qforge_jupyter.engine.active_learning.labels import read_labels
    from qforge_jupyter.engine.active_learning.matrices import make_matrices

    if not examples.target:
        return NotApplicable("no column holds the labels")
    frame = table.frame
    labels = read_labels(frame, examples.target)
    known = labels.known
    if len(known) < 2 * examples.neighbors or len(labels.classes) < 2:
        return NotApplicable(
            f"{len(known)} labels of {len(labels.classes)} classes are too few to compare "
            f"each with {examples.neighbors} others"
        )
    try:
        described = describe_columns(
            frame, columns=examples.features or None, others=_no_features(examples)
        )
    except DataError as problem:
        if examples.features:
            raise
        return NotApplicable(problem.message.partition(":")[0])
    points = make_matrices(frame[known], described, seed=seed, device=device).points
    near = _nearest(points, examples.neighbors)
    shares = np.full((frame.height, len(labels.classes)), np.nan)
    said = labels.codes[known][near]
    shares[known] = np.stack([(said == code).mean(axis=1) for code in range(shares.shape[1])], 1)
    return Similar(labels.codes, shares)


def _no_features(examples: Examples) -> tuple[str, ...]:
    single = (
        examples.target, examples.verified, examples.outcome, examples.boundary,
        examples.edge_case, examples.documentation,
    )  # fmt: skip
    return tuple(name for name in (*single, *examples.labelers) if name)


def _nearest(points: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Give the places of the k nearest others of each point."""
    import faiss

    index = faiss.IndexFlatL2(points.shape[1])
    index.add(np.ascontiguousarray(points))
    _, found = index.search(np.ascontiguousarray(points), k + 1)
    own = found == np.arange(len(points))[:, None]
    # Among equal rows the point itself may be missing: then the furthest is left out.
    own[~own.any(axis=1), -1] = True
    others: NDArray[np.int64] = found[~own].reshape(len(points), k)
    return others
