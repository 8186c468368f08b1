"""An index of placed signatures: exact while they are few, by cells once they are many.

It is a cache: whoever holds the rows that it was made from can make it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.signatures.metric import Metric

Floats = NDArray[np.float32]
#: Up to so many signatures every one is compared.
EXACT = 4_000
#: Cells for the root of their number, and those that are looked into.
CELLS_PER_ROOT = 2.0
PROBED = 8


@dataclass
class Nearest:
    """Signatures by id, to be searched by what they are like.

    Examples
    --------
    >>> held = np.eye(512, dtype=np.float32)[:3]
    >>> index = Nearest(Metric(np.zeros(512, np.float32), np.eye(512, 2, dtype=np.float32)))
    >>> index.add(["a", "b", "c"], held)
    >>> index.search(held[1], 1)
    [('b', 1.0)]

    """

    metric: Metric
    ids: list[str] = field(default_factory=list)
    _index: Any = field(default=None, repr=False)

    def add(self, ids: list[str], signatures: Floats) -> None:
        """Add signatures that are new; beyond `EXACT`, and as they double, cells are drawn anew."""
        if not ids:
            return
        placed = np.ascontiguousarray(self.metric.place(signatures))
        n = len(self.ids) + len(ids)
        if self._index is None or _is_outgrown(self._index, n):
            held = [placed] if self._index is None else [_vectors_of(self._index), placed]
            self._index = _made(np.concatenate(held))
        else:
            self._index.add(placed)
        self.ids.extend(ids)

    def search(self, signature: Floats, k: int) -> list[tuple[str, float]]:
        """Give the ids of the most similar ones and their similarity, at most 1."""
        if self._index is None:
            return []
        placed = self.metric.place(signature.reshape(1, -1))
        similarities, found = self._index.search(placed, min(k, len(self.ids)))
        return [
            (self.ids[at], round(float(similarity), 6))
            for at, similarity in zip(found[0], similarities[0], strict=True)
            if at >= 0
        ]


def _is_outgrown(index: Any, n: int) -> bool:
    cells = getattr(index, "nlist", 0)
    return n > EXACT and cells < _n_cells(n) / 2


def _n_cells(n: int) -> int:
    return int(CELLS_PER_ROOT * np.sqrt(n))


def _made(placed: Floats) -> Any:
    import faiss

    width = placed.shape[1]
    if len(placed) <= EXACT:
        flat = faiss.IndexFlatIP(width)
        flat.add(placed)
        return flat
    index = faiss.IndexIVFFlat(
        faiss.IndexFlatIP(width), width, _n_cells(len(placed)), faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter, index.cp.seed = 8, 42
    index.cp.max_points_per_centroid = 64
    index.cp.min_points_per_centroid = 1
    index.train(placed)
    index.add(placed)
    index.nprobe = PROBED
    return index


def _vectors_of(index: Any) -> Floats:
    """Read what was added back, in its order."""
    if hasattr(index, "nlist"):
        index.make_direct_map()
        found: Floats = index.reconstruct_n(0, index.ntotal)
        index.set_direct_map_type(index.direct_map.NoMap)
        return found
    flat: Floats = index.reconstruct_n(0, index.ntotal)
    return flat
