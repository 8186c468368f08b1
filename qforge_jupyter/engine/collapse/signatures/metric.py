"""How near two signatures are: by all that they say, and by what tells modes apart.

The second half is a linear discriminant analysis (Fisher, 1936; with the within-class scatter
shrunk towards a multiple of the identity, Friedman, 1989) of the reference cases; it ships with
them, fitted for one layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
#: Weight of what tells modes apart; the rest is the signature as it is.
TELLING = 0.5
#: Shrinkage of the scatter within modes, in units of its mean eigenvalue.
SHRINKAGE = 1.0


@dataclass(frozen=True)
class Metric:
    """A space in which the inner product of two placed signatures is their similarity.

    Parameters
    ----------
    center, axes
        Where the modes' middle lies, ``[512]``, and what tells them apart, ``[512, q]``.

    """

    center: Floats = field(repr=False)
    axes: Floats = field(repr=False)

    @classmethod
    def fit(cls, signatures: Floats, modes: Sequence[str]) -> Metric:
        """Fit to cases whose modes are known.

        Examples
        --------
        >>> chance = np.random.default_rng(0)
        >>> middles = np.repeat(np.eye(3, 512), 20, axis=0)
        >>> held = (middles + chance.normal(scale=0.02, size=(60, 512))).astype(np.float32)
        >>> metric = Metric.fit(held, ["a"] * 20 + ["b"] * 20 + ["c"] * 20)
        >>> near = metric.place(held) @ metric.place(held).T
        >>> bool(near[0, 1] > near[0, 20]), metric.axes.shape
        (True, (512, 2))

        """
        values = signatures.astype(np.float64)
        named = np.asarray(modes)
        known, place = np.unique(named, return_inverse=True)
        middles = np.array([values[named == mode].mean(axis=0) for mode in known])
        off = values - middles[place]
        within = off.T @ off / len(off)
        within += SHRINKAGE * float(np.trace(within)) / len(within) * np.eye(len(within))
        scatter, vectors = np.linalg.eigh(within)
        whitening = vectors / np.sqrt(scatter)
        center = middles.mean(axis=0)
        _, _, turned = np.linalg.svd((middles - center) @ whitening, full_matrices=False)
        axes = whitening @ turned[: len(known) - 1].T
        return cls(center.astype(np.float32), axes.astype(np.float32))

    def place(self, signatures: Floats) -> Floats:
        """Place signatures, ``[n, 512] -> [n, 512 + q]``, each at length 1."""
        held = signatures.astype(np.float32, copy=False)
        told = _of_length_1((held - self.center) @ self.axes)
        whole = _of_length_1(held)
        parts = [np.sqrt(TELLING) * told, np.sqrt(1 - TELLING) * whole]
        return np.concatenate(parts, axis=1).astype(np.float32)


def _of_length_1(values: NDArray[Any]) -> NDArray[Any]:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    found: NDArray[Any] = values / np.maximum(lengths, 1e-9)
    return found
