"""The main directions of texts: a truncated singular value decomposition of their weighed words.

By scikit-learn, or by torch in the same steps from the same numbers (Halko, Martinsson and Tropp
2011, with two power iterations), so that both give the same points up to rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.batching import (
    Batch,
    bytes_of_row,
    cut,
    in_batches,
    uses_torch,
)

if TYPE_CHECKING:
    import torch

Matrix = NDArray[np.float32]

#: Directions to which texts are reduced where distances count.
TEXT_AXES = 48
#: Power iterations, and directions that are drawn beside those that are wanted.
N_POWERS, MORE_AXES = 2, 10


def main_directions(words: Any, *, seed: int, device: str = "cpu") -> Matrix:
    """Reduce texts to their main directions.

    Parameters
    ----------
    words
        Texts x words, sparse.
    seed, device
        As everywhere.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> main_directions(csr_matrix(np.eye(4, 3, dtype=np.float32)), seed=1).shape
    (4, 2)

    """
    n_axes = min(TEXT_AXES, words.shape[1] - 1, words.shape[0] - 1)
    if n_axes < 1:
        return words.toarray().astype(np.float32)  # type: ignore[no-any-return]
    found = _reduced(words, n_axes, seed, device)
    # As heavy as a column of numbers for each ten directions, so that neither drowns the other.
    length = np.sqrt((found**2).sum(axis=1).mean()) or 1.0
    return (found * (np.sqrt(n_axes / 10) / length)).astype(np.float32)  # type: ignore[no-any-return]


def _reduced(words: Any, n_axes: int, seed: int, device: str) -> Any:
    if not uses_torch(device, is_sparse=True):
        from sklearn.decomposition import TruncatedSVD

        # Made orthogonal after each power, else float32 loses the lesser directions.
        reduce = TruncatedSVD(
            n_axes, n_iter=N_POWERS, power_iteration_normalizer="QR", random_state=seed
        )
        return reduce.fit_transform(words)
    n_drawn = n_axes + MORE_AXES
    start = np.random.RandomState(seed).normal(size=(min(words.shape), n_drawn))
    return in_batches(
        lambda n: _by_torch(cut(words, n, device), start.astype(np.float32), n_axes, device),
        words.shape[0],
        row_bytes=bytes_of_row(words) + 12 * n_drawn,
        device=device,
    )


def _by_torch(batches: list[Batch], start: Matrix, n_axes: int, device: str) -> Matrix:
    import torch

    lengths = [each.rows.shape[0] for each in batches]

    def rows_times(held: torch.Tensor) -> torch.Tensor:
        return torch.cat([each.to(device).rows @ held for each in batches])

    def words_times(held: torch.Tensor) -> torch.Tensor:
        parts = zip(batches, torch.split(held, lengths), strict=True)
        found = [each.to(device).turned @ part for each, part in parts]
        return torch.stack(found).sum(dim=0)

    def orthogonal(held: torch.Tensor) -> torch.Tensor:
        return torch.linalg.qr(held).Q  # type: ignore[no-any-return]

    # What is shorter is on the right.
    is_wide = sum(lengths) < batches[0].rows.shape[1]
    there, back = (words_times, rows_times) if is_wide else (rows_times, words_times)
    held = torch.from_numpy(start).to(device)
    for _ in range(N_POWERS):
        held = orthogonal(back(orthogonal(there(held))))
    basis = orthogonal(there(held))
    left, _, right = torch.linalg.svd(back(basis).T, full_matrices=False)
    axes = (basis @ left if is_wide else right.T)[:, :n_axes]
    # An axis has no direction of its own: its largest part points up.
    signs = axes.gather(0, axes.abs().argmax(dim=0, keepdim=True)).sign()
    found: Matrix = rows_times(axes * signs).cpu().numpy()
    return found
