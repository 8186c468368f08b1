"""Greedy k-center: take again and again the row that is furthest from all that are taken.

Sener and Savarese (ICLR 2018); the greedy choice is at most twice as far as the best one
(Gonzalez 1985). Each distance is multiplied by the row's weight, so that with an uncertainty as
the weight the rows are uncertain and unlike each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.batching import cut, in_batches, uses_torch

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float64]
Points = NDArray[np.float32]

#: Rows that are taken already, to which each is compared at a time.
MOST_COMPARED = 4_096


def spread(
    points: Points, taken: Points, weights: Floats, n: int, *, device: str = "cpu"
) -> Floats:
    """Say how far each row was from all that were taken when its turn came, times its weight.

    Parameters
    ----------
    points
        Rows to choose from.
    taken
        Rows that are taken already; the first choice is then the row nearest to the mean.
    weights
        Of the rows to choose from, not below 0.
    n
        How many to choose; the others get what they would have had next.
    device
        Where distances are measured: by FAISS on the CPU, by torch elsewhere.

    Examples
    --------
    >>> points = np.array([[0.0], [0.1], [5.0], [9.0]], dtype=np.float32)
    >>> worth = spread(points, points[:1], np.ones(4), 2)
    >>> np.argsort(-worth)[:2].tolist()
    [3, 2]

    """
    if not len(points):
        return np.zeros(0)
    if uses_torch(device):
        return _spread_by_torch(points, taken, weights, n, device)
    squares = np.einsum("ij,ij->i", points, points, dtype=np.float64)
    distances = _to_nearest(points, taken) if len(taken) else _to_middle(points)
    found: Floats = _greedy(np, lambda row: points @ points[row], squares, distances, weights, n)
    return found


def _greedy(  # noqa: PLR0913 — the rows in each of their forms
    kind: Any, times: Callable[[int], Any], squares: Any, distances: Any, weights: Any, n: int
) -> Any:
    """Take rows one by one, by arrays of NumPy or of torch; ``times`` multiplies all with one."""
    found = kind.full_like(distances, kind.nan)
    for _ in range(min(n, len(distances))):
        worth = kind.where(kind.isnan(found), distances * weights, -1.0)
        best = int(worth.argmax())
        found[best] = worth[best]
        gap = squares + squares[best] - 2.0 * times(best)
        distances = kind.minimum(distances, gap.clip(0.0) ** 0.5)
    return kind.where(kind.isnan(found), distances * weights, found)


def _to_nearest(points: Points, taken: Points) -> Floats:
    """Measure the distance to the nearest taken row."""
    import faiss

    index = faiss.IndexFlatL2(points.shape[1])
    index.add(np.ascontiguousarray(taken))
    squared, _ = index.search(np.ascontiguousarray(points), 1)
    return np.sqrt(np.maximum(squared[:, 0], 0.0)).astype(np.float64)


def _to_middle(points: Points) -> Floats:
    """Measure the distance to the far end of the rows."""
    away = np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1)).astype(np.float64)
    found: Floats = 2.0 * away.max(initial=1.0) - away
    return found


def _spread_by_torch(points: Points, taken: Points, weights: Floats, n: int, device: str) -> Floats:
    import torch

    precision = torch.float32 if device.startswith("mps") else torch.float64

    def work(n_at_once: int) -> Floats:
        rows = [each.rows for each in cut(points, n_at_once, device)]
        others = torch.split(torch.from_numpy(taken), MOST_COMPARED)

        def over(measure: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
            return torch.cat([measure(each.to(device)).to(precision) for each in rows])

        def nearest(batch: torch.Tensor) -> torch.Tensor:
            each = [_least(batch, other.to(device)) for other in others]
            return torch.stack(each).amin(dim=0)

        def times(row: int) -> torch.Tensor:
            one = torch.from_numpy(points[row]).to(device)
            return over(lambda batch: batch @ one)

        squares = over(lambda batch: (batch.to(precision) ** 2).sum(dim=1))
        far = torch.from_numpy(_to_middle(points)).to(precision).to(device)
        distances = over(nearest) if len(taken) else far
        held = torch.from_numpy(weights).to(precision).to(device)
        found: Floats = _greedy(torch, times, squares, distances, held, n).cpu().double().numpy()
        return found

    # A row, its double, and its distances to others.
    row_bytes = 12 * points.shape[1] + 4 * MOST_COMPARED
    return in_batches(work, len(points), row_bytes=row_bytes, device=device)


def _least(batch: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    import torch

    apart = torch.cdist(batch, others, compute_mode="donot_use_mm_for_euclid_dist")
    return apart.amin(dim=1)
