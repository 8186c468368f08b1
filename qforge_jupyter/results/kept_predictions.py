"""Predictions as the store keeps them: new ones, and those that are taken away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class NewPredictions:
    """Answers of one model that were not kept yet.

    Parameters
    ----------
    model, version
        Whose they are; the model is listed at its first answer.
    properties
        Names and units of what it predicts.
    parameters
        With which it was loaded.
    items
        Hash of the structure, hash of the input, values in the canonical form.

    """

    model: str
    version: str
    properties: dict[str, str]
    parameters: dict[str, str] = field(default_factory=dict)
    items: tuple[tuple[str, str, dict[str, Any]], ...] = ()


@dataclass(frozen=True)
class DropPredictions:
    """Predictions that go, by their ids."""

    ids: tuple[str, ...]
