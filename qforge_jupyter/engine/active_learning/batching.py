"""Rows on a device, in batches that its memory holds; smaller ones where it does not."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from qforge_jupyter.device_memory import borrowed

if TYPE_CHECKING:
    import torch

T = TypeVar("T")


def uses_torch(device: str, *, is_sparse: bool = False) -> bool:
    """Say whether torch does the work: on every device but the CPU, where others are faster.

    ``cpu`` leaves it to scikit-learn and FAISS; torch's own name for the same device, ``cpu:0``,
    has torch do it there. MPS has no products of sparse matrices.

    Examples
    --------
    >>> uses_torch("cpu"), uses_torch("cuda"), uses_torch("mps", is_sparse=True)
    (False, True, False)

    """
    return device != "cpu" and not (is_sparse and device.startswith("mps"))


def in_batches(
    work: Callable[[int], T], n_rows: int, *, row_bytes: int, device: str, most: int = 2**31
) -> T:
    """Call with how many rows to take at a time; with half as many where memory runs out.

    Parameters
    ----------
    work
        Does all of it, so many rows at a time.
    n_rows
        How many there are.
    row_bytes
        What a row takes on the device.
    device
        As torch names it; its cached memory is given back in the end.
    most
        So many rows at most.

    Raises
    ------
    ResourceError
        There is no room for a single row.

    Examples
    --------
    >>> in_batches(lambda n: n, 1_000, row_bytes=8, device="cpu")
    1000

    """
    with borrowed(device) as memory:
        return memory.whole(work, min(n_rows, most), row_bytes)


@dataclass(frozen=True)
class Batch:
    """Rows and, where they are sparse, their transpose."""

    rows: torch.Tensor
    turned: torch.Tensor

    def to(self, device: str) -> Batch:
        """Give the same on a device."""
        rows = self.rows.to(device)
        return Batch(rows, self.turned.to(device) if rows.is_sparse_csr else rows.T)


def cut(matrix: Any, n: int, device: str) -> list[Batch]:
    """Cut rows into batches of ``n``: one alone stays on the device, of several each when used.

    Parameters
    ----------
    matrix
        float32, dense or of `scipy.sparse`.
    n, device
        Rows of a batch, and where they are worked on.

    Examples
    --------
    >>> [len(each.rows) for each in cut(np.zeros((5, 2), dtype=np.float32), 2, "cpu")]
    [2, 2, 1]

    """
    made = [_batch(matrix[start : start + n]) for start in range(0, matrix.shape[0], n)]
    return [each.to(device) for each in made] if len(made) == 1 else made


def bytes_of_row(matrix: Any) -> int:
    """Give what a row takes on a device, on average; a sparse one has its transpose beside it."""
    if isinstance(matrix, np.ndarray):
        return int(4 * matrix.shape[1])
    return int(2 * 8 * matrix.nnz // max(1, matrix.shape[0])) + 8


def _batch(part: Any) -> Batch:
    import torch

    if isinstance(part, np.ndarray):
        rows = torch.from_numpy(np.ascontiguousarray(part))
        return Batch(rows, rows.T)
    return Batch(_sparse(part), _sparse(part.T.tocsr()))


def _sparse(part: Any) -> torch.Tensor:
    import torch

    starts, places, values = map(torch.from_numpy, (part.indptr, part.indices, part.data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch calls its sparse matrices new
        return torch.sparse_csr_tensor(starts, places, values, list(part.shape))
