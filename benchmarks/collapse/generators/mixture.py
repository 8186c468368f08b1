"""A mixture of ten Gaussians over standardised numbers."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.collapse.generators.latent import Latent

N_COMPONENTS = 10


def sample(
    frame: pl.DataFrame, numbers: list[str], n: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Fit the mixture and draw rows."""
    from sklearn.mixture import GaussianMixture

    view = Latent(frame, numbers, "standard")
    latent = view.encode(rng)
    parts = max(1, min(N_COMPONENTS, len(latent) // (4 * latent.shape[1])))
    model = GaussianMixture(
        parts, reg_covar=1e-4, max_iter=30, init_params="k-means++",
        random_state=int(rng.integers(2**31)),
    )  # fmt: skip
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # thirty steps need not converge
        model.fit(latent)
    drawn = model.sample(n)[0]
    return view.decode(rng.permutation(drawn))
