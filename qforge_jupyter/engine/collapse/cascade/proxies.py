"""Proxy models: small, fast, and enough to see what a training set is worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.device_memory import borrowed
from qforge_jupyter.engine.collapse.cascade.targets import Target

Floats = NDArray[np.float64]
Features = NDArray[np.float32]
#: Least probability that a class is given, so that no single row decides a loss.
LEAST = 0.005
PENALTY = 3.0
#: Of the network: units of its layer, and steps of its training.
HIDDEN, STEPS = 64, 150


def proxies_on(device: str, wanted: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Name the ladder: a linear model, then trees, or a network where there is an accelerator.

    Examples
    --------
    >>> proxies_on("cpu"), proxies_on("cuda"), proxies_on("cpu", ("linear",))
    (('linear', 'trees'), ('linear', 'network'), ('linear',))

    """
    if wanted:
        return wanted
    return ("linear", "trees" if device == "cpu" else "network")


def predict(  # noqa: PLR0913 — a model's name, what it learns from, and where
    proxy: str,
    target: Target,
    rows: Features,
    truth: Floats,
    asked: Features,
    *,
    seed: int,
    device: str = "cpu",
) -> Floats:
    """Train on rows and predict others: numbers ``[m]``, or probabilities of classes ``[m, K]``.

    What is constant in training is predicted as that constant.
    """
    if target.is_number:
        if np.ptp(truth) == 0:
            return np.full(len(asked), truth[0])
        center, scale = float(truth.mean()), float(truth.std())
        values = _MODELS[proxy](rows, ((truth - center) / scale)[:, None], asked, seed, device)
        # Beyond what was seen, a model knows nothing.
        return np.clip(values[:, 0] * scale + center, truth.min(), truth.max())
    codes = truth.astype(int)
    seen = np.unique(codes)
    found = np.zeros((len(asked), len(target.classes)))
    if len(seen) == 1:
        found[:, seen] = 1.0
    elif proxy == "trees":
        found[:, seen] = _tree_classes(rows, codes, asked, seed)
    else:
        dealt = (codes[:, None] == seen[None, :]).astype(float)
        found[:, seen] = _MODELS[proxy](rows, dealt, asked, seed, device)
    held = np.clip(found, LEAST, 1.0)
    return np.asarray(held / held.sum(axis=1, keepdims=True))


def _standardised(rows: Features, asked: Features) -> tuple[Floats, Floats]:
    center, scale = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(scale > 1e-6, scale, 1.0)
    # A feature that never varied in training says nothing.
    kept = np.where(rows.std(axis=0) > 1e-6, 1.0, 0.0)
    return (rows - center) / scale * kept, np.clip((asked - center) / scale, -10, 10) * kept


def _linear(rows: Features, values: Floats, asked: Features, seed: int, device: str) -> Floats:
    del seed, device
    x, z = _standardised(rows, asked)
    mean = values.mean(axis=0)
    gram = x.T @ x + PENALTY * np.eye(x.shape[1])
    return np.asarray(z @ np.linalg.solve(gram, x.T @ (values - mean)) + mean)


def _settings(n: int, seed: int) -> dict[str, float | bool]:
    """Let the trees grow with the rows: more of them would take time and foretell no better."""
    return {
        "max_iter": int(np.clip(0.9 * np.sqrt(n), 10, 100)),
        "max_leaf_nodes": 8 if n < 2_000 else 15,
        "min_samples_leaf": 5 if n < 500 else 20,
        "learning_rate": 0.15,
        "early_stopping": False,
        "random_state": seed,
    }


def _trees(rows: Features, values: Floats, asked: Features, seed: int, device: str) -> Floats:
    from sklearn.ensemble import HistGradientBoostingRegressor

    del device
    model = HistGradientBoostingRegressor(**_settings(len(rows), seed))
    return np.asarray(model.fit(rows, values[:, 0]).predict(asked))[:, None]


def _tree_classes(rows: Features, codes: NDArray[np.int64], asked: Features, seed: int) -> Floats:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(**_settings(len(rows), seed))
    return np.asarray(model.fit(rows, codes).predict_proba(asked))


def _network(rows: Features, values: Floats, asked: Features, seed: int, device: str) -> Floats:
    """Fit a network of one hidden layer by Adam, its first weights drawn on the CPU."""
    import torch

    chance = torch.Generator().manual_seed(seed)
    x, z = (torch.from_numpy(each).float() for each in _standardised(rows, asked))
    y = torch.from_numpy(values).float()
    sizes = [(x.shape[1], HIDDEN), (HIDDEN, y.shape[1])]
    with borrowed(device) as memory:
        layers = [
            (torch.randn(a, b, generator=chance) / np.sqrt(max(a, 1))).to(device).requires_grad_()
            for a, b in sizes
        ]
        shifts = [torch.zeros(b, device=device, requires_grad=True) for _, b in sizes]
        shifts[1].data = y.mean(dim=0).to(device)
        learned = [*layers, *shifts]
        steps = torch.optim.AdamW(learned, lr=0.01, weight_decay=0.05)
        # A row with what its layers give, and the slopes by them.
        bytes_each = 4 * (2 * x.shape[1] + 6 * (HIDDEN + y.shape[1]))

        def forward(held: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = torch.relu(held @ layers[0] + shifts[0])
            found: torch.Tensor = hidden @ layers[1] + shifts[1]
            return found

        def slopes(some: slice) -> tuple[torch.Tensor, ...]:
            wrong = forward(x[some].to(device)) - y[some].to(device)
            return torch.autograd.grad((wrong**2).sum() / y.numel(), learned)

        def foretold(some: slice) -> torch.Tensor:
            with torch.no_grad():
                return forward(z[some].to(device)).cpu()

        for _ in range(STEPS):
            parts = memory.batches(slopes, len(x), bytes_each)
            for each, slope in zip(learned, zip(*parts, strict=True), strict=True):
                each.grad = torch.stack(slope).sum(dim=0)
            steps.step()
        found = torch.cat(list(memory.batches(foretold, len(z), bytes_each)))
        return np.asarray(found.double().numpy())


_MODELS = {"linear": _linear, "trees": _trees, "network": _network}
