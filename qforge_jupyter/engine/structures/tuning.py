"""Train a network further on structures with known values, as long as validation gets better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.device_memory import DeviceMemory, borrowed
from qforge_jupyter.engine.chemistry.interrupts import interrupts_held
from qforge_jupyter.engine.models._trainable import Trainable
from qforge_jupyter.errors import ModelError
from qforge_jupyter.results.progress import Progress, silent

if TYPE_CHECKING:
    import torch

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """Encoded structures with the true values of a property."""

    inputs: Sequence[Any]
    values: Values


@dataclass(frozen=True)
class Schedule:
    """How long and in what steps is trained.

    Parameters
    ----------
    epochs
        At most so many passes over the training part.
    patience
        Passes without a better validation error after which it stops.
    batch
        Structures in one step.
    learning_rate, weight_decay
        Of Adam with decoupled weight decay.
    seed
        Of the order of the structures, and of whatever is random in the network.

    """

    epochs: int = 100
    patience: int = 20
    batch: int = 16
    learning_rate: float = 1e-4
    weight_decay: float = 0.0
    seed: int = 42


@dataclass(frozen=True)
class Epoch:
    """Mean absolute errors after a pass, in the unit of the property; the first is before any."""

    train: float
    validation: float


@dataclass
class Tuning:
    """What came of it; the network holds the weights of the best pass."""

    epochs: list[Epoch] = field(default_factory=list)
    best: int = 0
    is_interrupted: bool = False
    state: dict[str, torch.Tensor] = field(default_factory=dict)

    def keep(self, epoch: Epoch, network: torch.nn.Module) -> None:
        """Note a pass, and the weights where none was better."""
        with interrupts_held():
            self.epochs.append(epoch)
            if len(self.epochs) == 1 or epoch.validation < self.epochs[self.best].validation:
                self.best = len(self.epochs) - 1
                self.state = {
                    key: value.detach().clone() for key, value in network.state_dict().items()
                }


def tune(  # noqa: PLR0913 — what is trained, on what, how, and where
    opened: Trainable,
    train: Known,
    validation: Known,
    schedule: Schedule,
    *,
    device: str = "cpu",
    progress: Progress = silent,
) -> Tuning:
    """Train until validation gets no better, and go back to the weights of the best pass.

    The weights that it began with count as the first pass, so that what comes
    out is never worse on the validation part. Running statistics of batch
    normalisation stay as they were learned first: few structures would
    replace them by noise. A ``KeyboardInterrupt`` ends the training and keeps
    the best weights so far.

    Raises
    ------
    ModelError
        Its numbers are not finite any more.

    """
    made = Tuning()
    with _seeded(schedule.seed), borrowed(device) as memory:
        try:
            for number in _passes(opened, train, schedule, memory):
                errors = (errors_of(opened, part, memory) for part in (train, validation))
                epoch = Epoch(*(float(np.abs(each).mean()) for each in errors))
                if not np.isfinite(epoch.validation):
                    raise ModelError(
                        "Training ran out of the numbers: take a smaller `learning_rate`"
                    )
                made.keep(epoch, opened.network)
                progress(number, schedule.epochs, f"validation MAE {epoch.validation:.4g}")
                if number - made.best >= schedule.patience:
                    break
        except KeyboardInterrupt:
            made.is_interrupted = True
        if made.state:
            opened.network.load_state_dict(made.state)
        opened.network.eval()
    return made


def errors_of(opened: Trainable, known: Known, memory: DeviceMemory) -> Values:
    """Say how far the network is from the true values, in the unit of the property."""
    import torch

    opened.network.eval()

    def work(rows: slice) -> Values:
        with torch.inference_mode():
            said = opened.answer(known.inputs[rows]).double().cpu().numpy()
        return np.asarray(opened.unscaled(said))

    parts = list(memory.batches(work, len(known.inputs), 1))
    return np.concatenate(parts) - known.values


def _passes(
    opened: Trainable, train: Known, schedule: Schedule, memory: DeviceMemory
) -> Iterator[int]:
    """Give the number of each pass after it was made; 0 is before the first."""
    import torch

    weights = [each for each in opened.network.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(
        weights, lr=schedule.learning_rate, weight_decay=schedule.weight_decay
    )
    wanted = opened.scaled(train.values)
    order = np.random.default_rng(schedule.seed)
    yield 0
    for number in range(1, schedule.epochs + 1):
        _to_training(opened.network)
        dealt = order.permutation(len(wanted))
        for start in range(0, len(dealt), schedule.batch):
            some = dealt[start : start + schedule.batch]
            _step(opened, [train.inputs[at] for at in some], wanted[some], weights, memory)
            optimizer.step()
        yield number


def _step(
    opened: Trainable,
    inputs: list[Any],
    wanted: Values,
    weights: list[torch.nn.Parameter],
    memory: DeviceMemory,
) -> None:
    """Give every weight the gradient of the mean absolute error, in as many parts as fit."""
    import torch

    def work(rows: slice) -> tuple[torch.Tensor | None, ...]:
        said = opened.answer(inputs[rows])
        truth = torch.as_tensor(wanted[rows], dtype=said.dtype, device=said.device)
        loss = (said - truth).abs().sum() / len(wanted)
        return torch.autograd.grad(loss, weights, allow_unused=True)

    for weight in weights:
        weight.grad = None
    for parts in memory.batches(work, len(inputs), 1):
        for weight, part in zip(weights, parts, strict=True):
            if part is not None:
                weight.grad = part if weight.grad is None else weight.grad + part


def _to_training(network: torch.nn.Module) -> None:
    import torch

    network.train()
    for layer in network.modules():
        if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm):  # noqa: SLF001 — of all kinds
            layer.eval()


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Let torch's own chance follow the seed inside, and threads add in one order."""
    import torch

    before = torch.are_deterministic_algorithms_enabled()
    is_lenient = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=is_lenient)
