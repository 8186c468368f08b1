"""Vendi scores: how many different kinds of rows a table holds.

Friedman and Dieng, "The Vendi score", TMLR 2023: the exponential of the entropy of the
eigenvalues of a similarity matrix. Of order 2 that is one over the mean squared similarity of
two rows, which converges with few rows (Ospanov et al., NeurIPS 2024) and has an unbiased
estimate; of order 1 it grows with the number of rows, so two tables are compared at equal n.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.device_memory import borrowed
from qforge_jupyter.engine.collapse.estimates import Estimate, mean_of

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float32]
#: Two rows at the median distance are alike to ``exp(-2)``: the width is half of it.
WIDTH = 0.5


def width_of(metric: Floats) -> float:
    """Give the width of the kernel: half the median distance of two rows that differ.

    Examples
    --------
    >>> width_of(np.array([[0.0], [2.0]], dtype=np.float32))
    1.0

    """
    half = len(metric) // 2
    distances = np.linalg.norm(metric[:half] - metric[half : 2 * half], axis=1)
    apart = distances[distances > 0]
    return WIDTH * float(np.median(apart)) if len(apart) else 1.0


def vendi_of_order_2(
    metric: Floats, buckets: NDArray[np.int64], width: float, device: str = "cpu"
) -> Estimate:
    """Estimate one over the mean squared similarity of two different rows.

    Parameters
    ----------
    metric
        Rows in a space in which distances mean something, ``[n, q]``.
    buckets
        Of each row.
    width
        Of the Gaussian kernel.

    Examples
    --------
    >>> alike = np.zeros((20, 1), dtype=np.float32)
    >>> vendi_of_order_2(alike, np.arange(20) % 5, 1.0).value
    1.0
    >>> far = np.repeat(np.eye(4, dtype=np.float32) * 50, 500, axis=0)
    >>> round(vendi_of_order_2(far, np.arange(2_000) % 20, 1.0).value, 1)
    4.0

    """
    n = len(metric)
    if n < 2:
        return Estimate(1.0, 0.0, 1.0)
    parts = _similarities(metric, width, device, lambda similar: (similar**2).sum(dim=1))
    means = (parts - 1) / (n - 1)
    alike = max(float(means.mean()), 1 / n**2)
    return mean_of(-2 * (means - means.mean()) / alike**2, 1 / alike, buckets)


def vendi_of_order_1(
    metric: Floats, buckets: NDArray[np.int64], width: float, device: str = "cpu"
) -> Estimate:
    """Give the exponential of the eigenvalues' entropy; compare it at equal n only.

    The error is that of a jackknife to first order: a row adds ``-φ'(log ρ)φ`` to the entropy
    of the operator ``ρ``, the mean of all ``φφ'``.

    Examples
    --------
    >>> alike = np.zeros((20, 1), dtype=np.float32)
    >>> round(vendi_of_order_1(alike, np.arange(20) % 5, 1.0).value, 6)
    1.0
    >>> far = np.repeat(np.eye(4, dtype=np.float32) * 50, 25, axis=0)
    >>> round(vendi_of_order_1(far, np.arange(100) % 20, 1.0).value, 6)
    4.0

    """
    import torch

    n = len(metric)
    similar = torch.from_numpy(_similarities(metric, width, device, lambda similar: similar))
    values, vectors = torch.linalg.eigh(similar / n)
    values = values.clamp(min=1e-15)
    terms = -values * values.log()
    score = float(terms.sum().exp())
    added = (n * (vectors**2 @ terms) - terms.sum()).numpy()
    return mean_of(score * (added - added.mean()), score, buckets)


def _similarities(
    metric: Floats, width: float, device: str, told: Callable[[torch.Tensor], torch.Tensor]
) -> NDArray[np.float64]:
    """Give what is ``told`` of the similarities of some rows to all, for all rows."""
    import torch

    with borrowed(device) as memory:
        points = torch.from_numpy(np.ascontiguousarray(metric)).to(device)

        def of(rows: slice) -> NDArray[np.float64]:
            distances = torch.cdist(
                points[rows], points, compute_mode="donot_use_mm_for_euclid_dist"
            )
            found = told(torch.exp(-(distances**2) / (2 * width**2)))
            return np.asarray(found.cpu().double().numpy())

        return np.concatenate(list(memory.batches(of, len(points), 16 * len(points))))
