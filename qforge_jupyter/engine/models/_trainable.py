"""A network that is opened for further training on one property."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qforge_jupyter.engine.structures.canonical import Canonical
from qforge_jupyter.results.calculation import Failure

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Trainable:
    """A network, what it is given, and in what it learns.

    Parameters
    ----------
    network
        The torch module; training changes it, so that it is nobody else's.
    encode
        Makes its input of a structure, or says why there is none.
    answer
        From inputs to the scaled values of the property, a number each, with gradients.
    mean, spread
        Of the scaled values: 0 and 1 in units of what it learned first.
    is_logarithmic
        Whether the network learned the decimal logarithm of the property.

    """

    network: torch.nn.Module
    encode: Callable[[Canonical], Any | Failure]
    answer: Callable[[Sequence[Any]], torch.Tensor]
    mean: float = 0.0
    spread: float = 1.0
    is_logarithmic: bool = False

    def scaled(self, values: Any) -> Any:
        """Write values of the property as the network does; NaN where it could not."""
        import numpy as np

        values = np.asarray(values, dtype=float)
        if self.is_logarithmic:
            values = np.log10(np.where(values > 0, values, np.nan))
        return (values - self.mean) / self.spread

    def unscaled(self, scaled: Any) -> Any:
        """Give values of the property back."""
        values = scaled * self.spread + self.mean
        return 10**values if self.is_logarithmic else values
