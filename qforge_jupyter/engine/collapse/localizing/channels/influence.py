"""Rows that pull a model away from what the reference asks of it.

A linear proxy of the target is trained by gradient descent on rows of both
sides; at a few points of the way a row's gradient is multiplied with the mean
gradient of the reference (Pruthi et al., Estimating Training Data Influence by
Tracing Gradient Descent, NeurIPS 2020). Where they point apart, the row does
harm. A row is judged by a proxy that has not seen its fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import N_FOLDS, Block
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import Blamed, Scores
from qforge_jupyter.engine.collapse.localizing.labels import Labels, labels_of
from qforge_jupyter.results.uncertainty import NotApplicable

if TYPE_CHECKING:
    from torch import Tensor

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
    #: One a fold: weights and the reference's mean gradient at every checkpoint.
    ways: tuple[tuple[tuple[Any, Any], ...], ...]
    device: str

    def score(self, block: Block) -> Scores:
        rows, wanted = _tensors(self, block)
        scores = np.zeros(len(block))
        for fold, way in enumerate(self.ways):
            asked = np.flatnonzero(block.fold == fold)
            if not len(asked):
                continue
            x, y = rows[asked], wanted[asked]
            for weights, gradient in way:
                harm = -(_error(x, y, weights) * (x @ gradient)).sum(1)
                scores[asked] += harm.double().cpu().numpy()
        return scores

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
    tensors = [_tensors(asking, block) for block in blocks]
    ways = []
    for fold in range(N_FOLDS):
        case.progress(fold, N_FOLDS, "influence")
        kept = [block.fold != fold for block in blocks]
        (x, y), (v, w) = (
            (rows[k], wanted[k]) for (rows, wanted), k in zip(tensors, kept, strict=True)
        )
        ways.append(_descend((x, y), (v, w)))
    return _Influence(labels, classes, tuple(ways), case.device)


def _tensors(asking: _Influence, block: Block) -> tuple[Tensor, Tensor]:
    """Give features with a one beside them, and the wanted outputs."""
    import torch

    labels, classes = asking.labels, asking.classes
    rows = labels.features(block)
    rows = np.hstack([rows, np.ones((len(rows), 1), dtype=np.float32)])
    given = labels.values(block)
    wanted = given[:, None] == classes if labels.is_classes else given[:, None]
    device = asking.device
    return (
        torch.as_tensor(rows, device=device),
        torch.as_tensor(np.asarray(wanted, dtype=np.float32), device=device),
    )


def _error(x: Tensor, y: Tensor, weights: Tensor) -> Tensor:
    """Give the derivative of the loss by each output."""
    output = x @ weights
    return (output.softmax(1) if y.shape[1] > 1 else output) - y


def _descend(
    candidate: tuple[Tensor, Tensor], reference: tuple[Tensor, Tensor]
) -> tuple[tuple[Tensor, Tensor], ...]:
    """Train on both sides; keep weights and the reference's gradient at the checkpoints."""
    import torch

    x = torch.cat([candidate[0], reference[0]])
    y = torch.cat([candidate[1], reference[1]])
    # Half the inverse of the largest curvature: descent cannot diverge.
    gram = x.T @ x / len(x)
    rate = 0.5 / float(torch.linalg.matrix_norm(gram, 2).clamp(min=1e-6))
    weights = torch.zeros((x.shape[1], y.shape[1]), device=x.device)
    way = []
    for step in range(1, N_STEPS + 1):
        gradient = x.T @ _error(x, y, weights) / len(x) + DECAY * weights
        weights = weights - rate * gradient
        if step in CHECKPOINTS:
            v, w = reference
            way.append((weights, v.T @ _error(v, w, weights) / len(v)))
    return tuple(way)
