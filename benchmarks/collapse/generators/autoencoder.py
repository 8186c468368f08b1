"""A variational autoencoder of two small layers."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.collapse.generators.latent import Latent

STEPS, BATCH, HIDDEN = 200, 128, 64


def sample(
    frame: pl.DataFrame, numbers: list[str], n: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Train on standardised columns for some hundred steps and draw rows with the noise learnt."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a model only waits for a second one
    try:
        return _sample(frame, numbers, n, rng)
    finally:
        torch.set_num_threads(threads)


def _sample(
    frame: pl.DataFrame, numbers: list[str], n: int, rng: np.random.Generator
) -> pl.DataFrame:
    import torch
    from torch import nn

    view = Latent(frame, numbers, "standard")
    chance = torch.Generator().manual_seed(int(rng.integers(2**31)))
    data = torch.tensor(np.clip(view.encode(rng), -6, 6), dtype=torch.float32)
    width, latent = data.shape[1], max(2, min(16, data.shape[1] // 2))
    with torch.random.fork_rng():
        torch.manual_seed(int(rng.integers(2**31)))
        encoder = nn.Sequential(nn.Linear(width, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2 * latent))
        decoder = nn.Sequential(nn.Linear(latent, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, width))
    noise = torch.zeros(width, requires_grad=True)
    learner = torch.optim.Adam([*encoder.parameters(), *decoder.parameters(), noise], lr=3e-3)
    for _ in range(STEPS):
        rows = data[torch.randint(len(data), (BATCH,), generator=chance)]
        mean, spread = encoder(rows).chunk(2, dim=1)
        z = mean + torch.exp(spread / 2) * torch.randn(mean.shape, generator=chance)
        off = ((decoder(z) - rows) ** 2 / torch.exp(noise) + noise).sum(1) / 2
        divergence = (mean**2 + torch.exp(spread) - spread - 1).sum(1) / 2
        learner.zero_grad()
        (off + divergence).mean().backward()
        learner.step()
    with torch.no_grad():
        drawn = decoder(torch.randn((n, latent), generator=chance))
        drawn = drawn + torch.exp(noise / 2) * torch.randn(drawn.shape, generator=chance)
    return view.decode(drawn.numpy().astype(float))
