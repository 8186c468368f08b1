"""What is summed over rows, bucket by bucket: all that the null hypothesis needs to know.

Counts of cells are added batch by batch; what columns have to do with each other is summed
over a bounded sample. Each side's rows are dealt to buckets by their keys; a statistic is a
function of the sums of the buckets that count as candidate and of those that count as
reference, so dealing the buckets anew is drawing from the null.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.device_memory import borrowed, widest
from qforge_jupyter.engine.collapse.partitions import Partitions
from qforge_jupyter.engine.collapse.waves import Waves
from qforge_jupyter.frames.cell_hash import mix

if TYPE_CHECKING:
    from qforge_jupyter.engine.collapse.encoding import Encoded, Encoder

Floats = NDArray[np.float64]
#: Buckets of both sides together.
BUCKETS = 128
#: No side has fewer.
LEAST_BUCKETS = 8


@dataclass(frozen=True)
class Counts:
    """Rows of each bucket, ``[K]``, and rows in each cell of each column, ``[K, C]``."""

    n: Floats = field(repr=False)
    cells: Floats = field(repr=False)

    def merged(self, later: Counts) -> Counts:
        """Add the counts of later rows."""
        return Counts(self.n + later.n, self.cells + later.cells)


@dataclass(frozen=True)
class Sums:
    """Sums over the rows of each bucket.

    Parameters
    ----------
    n
        Rows, ``[K]``.
    cells
        Rows in each cell of each column, ``[K, C]``.
    m
        Rows that were looked at for what columns have to do with each other, ``[K]``.
    products
        Sums of products of features, ``[K, p, p]``.
    features
        Sums of features over the same rows, ``[K, p]``.
    leaves
        Rows in each leaf of each random partition, ``[K, T, L]``.
    leaf_features
        Sums of features in each leaf of some partitions, ``[K, U, L, p]``.
    waves
        Sums of random Fourier features, ``[K, D]``.

    """

    n: Floats = field(repr=False)
    cells: Floats = field(repr=False)
    m: Floats = field(repr=False)
    features: Floats = field(repr=False)
    products: Floats = field(repr=False)
    leaves: Floats = field(repr=False)
    leaf_features: Floats = field(repr=False)
    waves: Floats = field(repr=False)

    def joined(self, other: Sums) -> Sums:
        """Lay the buckets of another side after these."""
        return replace(
            self,
            **{
                each.name: np.concatenate([getattr(self, each.name), getattr(other, each.name)])
                for each in fields(self)
            },
        )


def bucket_counts(n_candidate: int, n_reference: int, buckets: int = BUCKETS) -> tuple[int, int]:
    """Divide the buckets so that each holds about as many rows on either side.

    Examples
    --------
    >>> bucket_counts(1_000, 1_000), bucket_counts(1_000, 3_000), bucket_counts(1_000, 90_000)
    ((64, 64), (32, 96), (8, 120))

    """
    share = n_candidate / (n_candidate + n_reference)
    own = min(max(round(buckets * share), LEAST_BUCKETS), buckets - LEAST_BUCKETS)
    return own, buckets - own


def buckets_of(keys: NDArray[np.uint64], n_buckets: int) -> NDArray[np.int64]:
    """Deal rows to buckets by their keys."""
    return (mix(keys, plus=1) % np.uint64(n_buckets)).astype(np.int64)


@dataclass(frozen=True)
class Folding:
    """What sums need beside the rows; ``kept`` are the features that are related."""

    encoder: Encoder
    partitions: Partitions
    waves: Waves
    kept: NDArray[np.int64] = field(repr=False)
    device: str = "cpu"

    def none(self, n_buckets: int) -> Counts:
        """Count no rows."""
        return Counts(np.zeros(n_buckets), np.zeros((n_buckets, int(self.encoder.offsets[-1]))))

    def count(self, rows: Encoded, buckets: NDArray[np.int64], n_buckets: int) -> Counts:
        """Count encoded rows, ``[n]``, by their buckets and cells."""
        n = np.bincount(buckets, minlength=n_buckets).astype(float)
        return Counts(n, _cells(rows.cells, buckets, n_buckets, self.encoder.offsets))

    def relate(
        self, counts: Counts, sample: Encoded, buckets: NDArray[np.int64], n_buckets: int
    ) -> Sums:
        """Add to the counts of all rows what columns have to do with each other in a sample."""
        order = np.argsort(buckets, kind="stable")
        some = replace(sample, cells=sample.cells[order], frame=sample.frame[order])
        bounds = np.searchsorted(buckets[order], np.arange(n_buckets + 1))
        parts = self._related(some, bounds)
        return Sums(counts.n, counts.cells, np.diff(bounds).astype(float), *parts)

    def _related(self, rows: Encoded, bounds: NDArray[np.int64]) -> tuple[Floats, ...]:
        features, coarse = rows.features[:, self.kept], rows.coarse
        leaves = self.partitions.leaves(rows.cells)

        def sums(at: slice) -> list[Floats]:
            return self._sums(features[at], coarse[at], leaves[at])

        # What is held of a row: its features, thrice while they are multiplied, and its waves.
        bytes_each = 4 * (3 * features.shape[1] + coarse.shape[1] + 4 * self.waves.width)
        found = []
        with borrowed(self.device) as memory:
            for start, end in pairwise(bounds.tolist()):
                parts = memory.batches(sums, end - start, bytes_each, start=start)
                nothing = sums(slice(end, end))
                found.append([reduce(np.add, each) for each in zip(nothing, *parts, strict=True)])
        return tuple(np.stack(each) for each in zip(*found, strict=True))

    def _sums(
        self,
        features: NDArray[np.float32],
        coarse: NDArray[np.float32],
        leaves: NDArray[np.int64],
    ) -> list[Floats]:
        import torch

        n_leaves, wide = self.partitions.n_leaves, widest(self.device)
        own = torch.from_numpy(features).to(self.device)
        deep = torch.from_numpy(leaves[:, : self.partitions.n_deep])
        waves = self.waves.of(torch.from_numpy(coarse).to(self.device))
        return [
            _numpy(own.sum(0, dtype=wide)),
            _numpy(own.T @ own),
            _counts(leaves, n_leaves),
            _leaf_sums(deep, own, n_leaves),
            _numpy(waves.sum(0, dtype=wide)),
        ]


def _numpy(values) -> Floats:  # type: ignore[no-untyped-def]  # noqa: ANN001 - torch is not imported here
    return np.asarray(values.cpu().numpy(), dtype=np.float64)


def _cells(
    cells: NDArray[np.uint16],
    buckets: NDArray[np.int64],
    n_buckets: int,
    offsets: NDArray[np.int64],
) -> Floats:
    counts = [
        np.bincount(buckets * size + cells[:, i], minlength=n_buckets * size).reshape(-1, size)
        for i, size in enumerate(np.diff(offsets))
    ]
    return np.concatenate(counts, axis=1).astype(float)


def _counts(leaves: NDArray[np.int64], n_leaves: int) -> Floats:
    n_trees = leaves.shape[1]
    through = leaves + np.arange(n_trees) * n_leaves
    counted = np.bincount(through.ravel(), minlength=n_trees * n_leaves)
    return counted.reshape(n_trees, n_leaves).astype(float)


def _leaf_sums(leaves, features, n_leaves: int) -> Floats:  # type: ignore[no-untyped-def]  # noqa: ANN001 - torch is not imported here
    import torch

    sums = torch.zeros(
        leaves.shape[1] * n_leaves, features.shape[1], dtype=features.dtype, device=features.device
    )
    for tree in range(leaves.shape[1]):
        at = leaves[:, tree].to(features.device) + tree * n_leaves
        sums.index_add_(0, at, features)
    return _numpy(sums).reshape(leaves.shape[1], n_leaves, -1)
