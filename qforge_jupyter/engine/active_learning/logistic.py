"""Logistic regression by torch, on any device: what scikit-learn minimises, to the same minimum.

That is ``C`` times the sum of the log losses plus half the sum of the squared weights, intercepts
free; two classes have one line of weights. It is convex, and minimised as there by Newton steps
whose equations conjugate gradients solve (Nocedal and Wright 2006, 7.1), which need no matrix but
the rows: texts stay sparse, and rows that do not fit go to the device in batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.active_learning.batching import Batch, bytes_of_row, cut, in_batches

if TYPE_CHECKING:
    import torch

Codes = NDArray[np.int64]

#: Steps at most: of Newton, within each, and back along one.
MOST_STEPS, MOST_INNER, MOST_BACK = 100, 200, 20


@dataclass
class Logistic:
    """Fits and predicts as `sklearn.linear_model.LogisticRegression` does.

    Parameters
    ----------
    C
        How little weights are held down.
    tol
        Largest slope of the mean loss at which it ends.
    device
        Where torch works.

    Examples
    --------
    >>> rows = np.array([[0.0], [1.0], [2.0], [3.0]], dtype=np.float32)
    >>> model = Logistic(device="cpu:0").fit(rows, np.array([0, 0, 1, 1]))
    >>> model.predict_proba(rows).argmax(axis=1).tolist()
    [0, 0, 1, 1]

    """

    C: float = 1.0
    tol: float = 1e-6
    device: str = "cpu:0"
    classes_: Codes = field(default_factory=lambda: np.empty(0, dtype=np.int64), init=False)
    _weights: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)), init=False)

    def fit(self, rows: Any, codes: Codes) -> Logistic:
        """Fit to rows, dense or sparse, of at least two classes."""
        self.classes_, places = np.unique(codes, return_inverse=True)
        self._weights = self._by_batches(rows, lambda batches: self._fitted(batches, places))
        return self

    def predict_proba(self, rows: Any) -> NDArray[np.float64]:
        """Give the probability of every class: rows x classes."""
        return self._by_batches(rows, self._said)

    def _by_batches(
        self, rows: Any, work: Callable[[list[Batch]], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        # Beside a row lie some lines of as many numbers as there are classes.
        row_bytes = bytes_of_row(rows) + 48 * len(self.classes_)
        return in_batches(
            lambda n: work(cut(rows, n, self.device)),
            rows.shape[0],
            row_bytes=row_bytes,
            device=self.device,
        )

    def _fitted(self, batches: list[Batch], places: Codes) -> NDArray[np.float64]:
        found = _Loss(batches, places, len(self.classes_), self.C, self.device).least(self.tol)
        return found.cpu().double().numpy()

    def _said(self, batches: list[Batch]) -> NDArray[np.float64]:
        import torch

        weights = torch.from_numpy(self._weights).to(_precision(self.device)).to(self.device)
        said = [
            _logits(each.to(self.device), weights).softmax(dim=1).cpu().double() for each in batches
        ]
        return torch.cat(said).numpy()


class _Loss:
    """The mean loss with its penalty, by weights: a line a feature, the last of intercepts."""

    def __init__(
        self, batches: list[Batch], places: Codes, n_classes: int, strength: float, device: str
    ) -> None:
        import torch

        self.batches, self.device, self.n = batches, device, len(places)
        lengths = [each.rows.shape[0] for each in batches]
        self.truth = torch.split(torch.from_numpy(places), lengths)
        self.shape = batches[0].rows.shape[1] + 1, 1 if n_classes == 2 else n_classes
        self.penalty = 1.0 / (strength * self.n)

    def least(self, tol: float) -> torch.Tensor:
        """Find the weights of the least loss."""
        import torch

        weights = torch.zeros(self.shape, dtype=_precision(self.device), device=self.device)
        loss, slope, said = self.at(weights)
        for _ in range(MOST_STEPS):
            if float(slope.abs().max()) <= tol:
                break
            step = _solve(partial(self.curve, said), slope)
            down, share = float((slope * step).sum()), 1.0
            for _ in range(MOST_BACK):
                new = self.at(weights + share * step)
                # Near the minimum the loss falls by less than can be told.
                if new[0] <= loss + 1e-4 * share * down + 1e-7 * abs(loss):
                    break
                share /= 2
            else:
                break
            weights = weights + share * step
            loss, slope, said = new
        return weights

    def at(self, weights: torch.Tensor) -> tuple[float, torch.Tensor, list[torch.Tensor]]:
        """Give the loss, its slope, and the probabilities by batch."""
        import torch

        loss, slope = 0.0, self._penalised(weights)
        all_said = []
        for held, truth_ in zip(self.batches, self.truth, strict=True):
            batch, truth = held.to(self.device), truth_.to(self.device)[:, None]
            logs = _logits(batch, weights).log_softmax(dim=1)
            loss -= float(logs.gather(1, truth).sum())
            said = logs.exp()
            all_said.append(said.to(held.rows.device))
            away = said.scatter_add(1, truth, torch.full_like(said[:, :1], -1.0))
            slope += _across(batch, away, self.shape[1]) / self.n
        held_down = self.penalty / 2 * float((weights[:-1] ** 2).sum())
        return loss / self.n + held_down, slope, all_said

    def curve(self, all_said: list[torch.Tensor], along: torch.Tensor) -> torch.Tensor:
        """Multiply the second derivatives with a direction."""
        found = self._penalised(along)
        for held, said_ in zip(self.batches, all_said, strict=True):
            batch, said = held.to(self.device), said_.to(self.device)
            moved = said * _logits(batch, along)
            moved = moved - said * moved.sum(dim=1, keepdim=True)
            found += _across(batch, moved, self.shape[1]) / self.n
        return found

    def _penalised(self, weights: torch.Tensor) -> torch.Tensor:
        found = self.penalty * weights
        found[-1] = 0.0
        return found


def _precision(device: str) -> torch.dtype:
    import torch

    return torch.float32 if device.startswith("mps") else torch.float64


def _logits(batch: Batch, weights: torch.Tensor) -> torch.Tensor:
    """Rows x classes; of two classes the first has 0."""
    import torch

    found = (batch.rows @ weights[:-1].to(batch.rows.dtype)).to(weights.dtype) + weights[-1]
    return found if found.shape[1] > 1 else torch.cat([torch.zeros_like(found), found], dim=1)


def _across(batch: Batch, away: torch.Tensor, n_lines: int) -> torch.Tensor:
    """Sum rows, each times what it is away: features and an intercept x lines."""
    import torch

    away = away[:, -n_lines:]
    products = (batch.turned @ away.to(batch.rows.dtype)).to(away.dtype)
    return torch.cat([products, away.sum(dim=0, keepdim=True)])


def _solve(curve: Callable[[torch.Tensor], torch.Tensor], slope: torch.Tensor) -> torch.Tensor:
    """Find a step down by conjugate gradients, the closer the flatter the slope is."""
    import torch

    step, rest = torch.zeros_like(slope), -slope
    along, size = rest, float((rest * rest).sum())
    enough = size * min(0.25, size**0.5)
    for _ in range(MOST_INNER):
        if size <= enough:
            break
        curved = curve(along)
        bend = float((along * curved).sum())
        if bend <= 0:  # flat, as far as can be told
            break
        step = step + size / bend * along
        rest = rest - size / bend * curved
        before, size = size, float((rest * rest).sum())
        along = rest + size / before * along
    return step
