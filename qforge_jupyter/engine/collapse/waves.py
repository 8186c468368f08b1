"""Random Fourier features: what a Gaussian kernel sees of a row, as a fixed vector.

Rahimi and Recht, "Random features for large-scale kernel machines", NeurIPS 2007: the mean of
``cos(wx), sin(wx)`` over rows is the empirical characteristic function at the frequencies w.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

#: Frequencies at each bandwidth.
FREQUENCIES = 32
#: Bandwidths as multiples of the median distance between pooled rows.
BANDWIDTHS = (1.0, 0.5)


@dataclass(frozen=True)
class Waves:
    """Frequencies, drawn from the spectrum of a Gaussian kernel at each bandwidth."""

    frequencies: NDArray[np.float32] = field(repr=False)

    @classmethod
    def draw(cls, pooled: NDArray[np.float32], seed: int) -> Waves:
        """Draw frequencies for rows like ``pooled``, ``[n, q]``."""
        chance = np.random.default_rng([seed, 0x3FA5])
        few = pooled[: min(len(pooled), 1_000)]
        half = len(few) // 2
        distances = np.linalg.norm(few[:half] - few[half : 2 * half], axis=1)
        median = float(np.median(distances)) if half else 1.0
        drawn = chance.normal(size=(pooled.shape[1], FREQUENCIES * len(BANDWIDTHS)))
        scales = np.repeat([each * (median or 1.0) for each in BANDWIDTHS], FREQUENCIES)
        return cls((drawn / scales).astype(np.float32))

    @property
    def width(self) -> int:
        """Features of a row."""
        return 2 * int(self.frequencies.shape[1])

    def of(self, metric: torch.Tensor) -> torch.Tensor:
        """Give the features of rows, ``[n, 2 D]``: cosines, then sines."""
        import torch

        turned = metric @ torch.from_numpy(self.frequencies).to(metric.device)
        return torch.cat([turned.cos(), turned.sin()], dim=1)
