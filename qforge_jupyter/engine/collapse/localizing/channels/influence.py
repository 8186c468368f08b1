"""Rows that pull a model away from what the reference asks of it.

A linear proxy of the target is trained by gradient descent on rows of both
sides; at a few points of the way a row's gradient is multiplied with the mean
gradient of the reference (Pruthi et al., Estimating Training Data Influence by
Tracing Gradient Descent, NeurIPS 2020). Where they point apart, the row does
harm. A row is judged by a proxy that has not seen its fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, reduce
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.device_memory import DeviceMemory, borrowed
from qforge_jupyter.engine.collapse.localizing.blocks import N_FOLDS, Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores
from qforge_jupyter.engine.collapse.localizing.labels import Labels, labels_of
from qforge_jupyter.results.uncertainty import NotApplicable

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.float32]
#: Weights and the reference's mean gradient, at every checkpoint.
Way = tuple[tuple[Floats, Floats], ...]

SAID = "pulls a model off course"
TRAINING_ROWS = 8_000
N_STEPS = 40
CHECKPOINTS = (1, 2, 5, 10, 20, 40)
DECAY = 1e-3
MOST_CLASSES = 50


@dataclass(frozen=True)
class _Influence:
    labels: Labels
    classes: NDArray[np.float64]
    #: One a fold.
    ways: tuple[Way, ...]
    device: str

    def score(self, block: Block) -> Scores:
        rows, wanted = _numbers(self, block)
        scores = np.zeros(len(block))
        with borrowed(self.device) as memory:
            for fold, way in enumerate(self.ways):
                asked = np.flatnonzero(block.fold == fold)
                own, given = rows[asked], wanted[asked]
                work = partial(self._harm, own, given, way)
                harm = memory.batches(work, len(asked), _bytes_each(own, given))
                scores[asked] = np.concatenate([np.zeros(0), *harm])
        return scores

    def _harm(self, rows: Floats, wanted: Floats, way: Way, some: slice) -> Scores:
        x, y = (_tensor(each[some], self.device) for each in (rows, wanted))
        harm = np.zeros(len(x))
        for weights, gradient in way:
            of, to = (_tensor(each, self.device) for each in (weights, gradient))
            harm -= (_error(x, y, of) * (x @ to)).sum(1).cpu().numpy()
        return harm

    def blame(self, block: Block) -> Blamed:
        blamed = np.full((len(block), 2), -1, dtype=np.int64)
        blamed[:, 0] = self.labels.column
        return blamed


def prepare(case: RowCase) -> _Influence | NotApplicable:
    """Train the proxy of every fold."""
    labels = labels_of(case)
    if isinstance(labels, NotApplicable):
        return labels
    blocks = [s.sample.take(slice(TRAINING_ROWS)) for s in (case.candidate, case.reference)]
    classes = np.unique(labels.values(blocks[1])) if labels.is_classes else np.empty(0)
    if labels.is_classes and not 2 <= len(classes) <= MOST_CLASSES:
        return NotApplicable(f"the target has {len(classes)} classes in the reference")
    asking = _Influence(labels, classes, (), case.device)
    numbers = [_numbers(asking, block) for block in blocks]
    ways = []
    for fold in range(N_FOLDS):
        case.progress(fold, N_FOLDS, "influence")
        kept = [block.fold != fold for block in blocks]
        first, second = (
            (rows[k], wanted[k]) for (rows, wanted), k in zip(numbers, kept, strict=True)
        )
        ways.append(_descend(first, second, case.device))
    return _Influence(labels, classes, tuple(ways), case.device)


def _numbers(asking: _Influence, block: Block) -> tuple[Floats, Floats]:
    """Give features with a one beside them, and the wanted outputs."""
    labels, classes = asking.labels, asking.classes
    rows = labels.features(block)
    rows = np.hstack([rows, np.ones((len(rows), 1), dtype=np.float32)])
    given = labels.values(block)
    wanted = given[:, None] == classes if labels.is_classes else given[:, None]
    return rows, np.asarray(wanted, dtype=np.float32)


def _tensor(values: Floats, device: str) -> Tensor:
    import torch

    return torch.from_numpy(values).to(device)


def _bytes_each(rows: Floats, wanted: Floats) -> int:
    """Say what a row takes: its features twice, and what is wanted, foretold and wrong."""
    return 4 * (2 * int(rows.shape[1]) + 5 * int(wanted.shape[1]))


def _error(x: Tensor, y: Tensor, weights: Tensor) -> Tensor:
    """Give the derivative of the loss by each output."""
    output = x @ weights
    return (output.softmax(1) if y.shape[1] > 1 else output) - y


def _descend(
    candidate: tuple[Floats, Floats], reference: tuple[Floats, Floats], device: str
) -> Way:
    """Train on both sides; keep weights and the reference's gradient at the checkpoints."""
    rows, wanted = (np.concatenate(each) for each in zip(candidate, reference, strict=True))
    # Half the inverse of the largest curvature: descent cannot diverge.
    gram = rows.T @ rows / np.float32(len(rows))
    rate = 0.5 / max(float(np.linalg.norm(gram, 2)), 1e-6)
    weights: Floats = np.zeros((rows.shape[1], wanted.shape[1]), dtype=np.float32)
    way = []
    with borrowed(device) as memory:
        for step in range(1, N_STEPS + 1):
            slope = _slope(memory, rows, wanted, weights)
            weights = (weights - rate * (slope + DECAY * weights)).astype(np.float32)
            if step in CHECKPOINTS:
                way.append((weights, _slope(memory, *reference, weights)))
    return tuple(way)


def _slope(memory: DeviceMemory, rows: Floats, wanted: Floats, weights: Floats) -> Floats:
    """Give the mean gradient over rows."""

    def part(some: slice) -> Floats:
        x, y, w = (_tensor(each, memory.device) for each in (rows[some], wanted[some], weights))
        found: Floats = (x.T @ _error(x, y, w)).cpu().numpy()
        return found

    parts = memory.batches(part, len(rows), _bytes_each(rows, wanted))
    total: Floats = reduce(np.add, parts) / np.float32(len(rows))
    return total
