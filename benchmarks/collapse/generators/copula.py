"""A Gaussian copula with the margins of the data."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.collapse.generators.latent import Latent


def sample(
    frame: pl.DataFrame, numbers: list[str], n: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Fit a correlation matrix of normal scores and draw rows."""
    view = Latent(frame, numbers, "ranks")
    latent = view.encode(rng)
    matrix = np.cov(latent, rowvar=False).reshape(latent.shape[1], latent.shape[1])
    values, axes = np.linalg.eigh(matrix)
    drawn = rng.normal(size=(n, len(values))) * np.sqrt(np.maximum(values, 0.0)) @ axes.T
    return view.decode(drawn)
