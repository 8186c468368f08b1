"""Images as numbers: pooled pixels and the directions of edges, by torch on any device."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.batching import in_batches

Matrix = NDArray[np.float32]

#: Side of the pooled picture, cells of edges on a side, and directions in each.
POOLED, CELLS, DIRECTIONS = 8, 4, 8
#: Images that are worked on together, at most.
CHUNK = 1_024


def image_features(cells: pl.Series, *, device: str = "cpu") -> Matrix:
    """Describe each image by its pooled pixels and histograms of edge directions.

    Parameters
    ----------
    cells
        Arrays of height x width, or height x width x channels, of numbers.
    device
        Where torch works.

    Returns
    -------
    numpy.ndarray
        One line an image; lines of NaN where there is none.

    Examples
    --------
    >>> square = np.zeros((1, 16, 16)); square[0, :, 8:] = 1.0
    >>> image_features(pl.Series(square)).shape
    (1, 192)

    """
    dtype = cells.dtype
    if not isinstance(dtype, pl.Array):
        msg = "images are arrays"
        raise TypeError(msg)
    there = cells.is_not_null().to_numpy()
    pixels = cells.drop_nulls().to_numpy().astype(np.float32)
    found = np.full((len(cells), POOLED**2 + CELLS**2 * DIRECTIONS), np.nan, dtype=np.float32)
    if len(pixels):
        # Beside each image lie its edges, in every direction.
        row_bytes = 4 * (DIRECTIONS + 8) * int(np.prod(pixels.shape[1:]))
        found[there] = in_batches(
            lambda n: np.concatenate([
                _described(pixels[start : start + n], device) for start in range(0, len(pixels), n)
            ]),
            len(pixels),
            row_bytes=row_bytes,
            device=device,
            most=CHUNK,
        )  # fmt: skip
    return found


def _described(pixels: Matrix, device: str) -> Matrix:
    import torch
    from torch.nn.functional import adaptive_avg_pool2d

    images = torch.as_tensor(pixels, device=device).nan_to_num()
    images = images.mean(dim=3) if images.dim() == 4 else images
    low, high = images.amin((1, 2), keepdim=True), images.amax((1, 2), keepdim=True)
    images = ((images - low) / (high - low).clamp_min(1e-12))[:, None]
    across, down = torch.zeros_like(images), torch.zeros_like(images)
    across[..., :, 1:-1] = images[..., :, 2:] - images[..., :, :-2]
    down[..., 1:-1, :] = images[..., 2:, :] - images[..., :-2, :]
    strength = torch.hypot(across, down)
    # Soft: what lies between two directions belongs to both, so that nothing jumps.
    turn = torch.atan2(down, across).add(math.pi) * (DIRECTIONS / (2 * math.pi))
    places = torch.arange(DIRECTIONS, device=images.device).view(1, -1, 1, 1)
    away = (turn - places).abs()
    share = (1 - torch.minimum(away, DIRECTIONS - away)).clamp_min(0)
    edges = adaptive_avg_pool2d(strength * share, CELLS).flatten(1)
    edges = edges / edges.norm(dim=1, keepdim=True).clamp_min(1e-12)
    pooled = adaptive_avg_pool2d(images, POOLED).flatten(1)
    return torch.cat([pooled, edges], dim=1).cpu().numpy()
