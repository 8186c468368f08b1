"""The predictors: one file each, from a molecule to its calculated properties.

A predictor is a module with

- ``METHOD``: what the method is called in a table, as in ``GFN2-xTB``;
- ``PROPERTIES``: a `Property` for each number that it gives;
- ``Settings``: a frozen dataclass of what can be set, with defaults;
- ``method_name(settings)``: ``METHOD``, or the variant that the settings make of it;
- ``versions()``: the packages that do the work, for lineage;
- ``check(molecule)``: a `Failure` that is known without calculating, or None;
- ``ladder(settings)``: each `Rung` to try, one after the other;
- ``single_threaded()``: a context in which small molecules run fastest;
- ``predict(molecule, settings)``: a frozen record with one field for each
  property, or `CalculationFailed`.

To add a predictor, add a file.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from qforge_jupyter.errors import ModelError
from qforge_jupyter.registry import Family
from qforge_jupyter.results.calculation import FailureKind

PREDICTORS = Family("predictor", __name__)


@dataclass(frozen=True)
class Property:
    """One calculated number: its column, its unit, what it means, its type, and of what it is.

    A number of each site follows the order of the sites; a ``site vector`` and
    a ``tensor`` turn with the structure.
    """

    name: str
    unit: str
    meaning: str
    dtype: pl.DataType = field(default_factory=pl.Float64)
    of: Literal["structure", "site", "site vector", "tensor"] = "structure"


@dataclass(frozen=True)
class Rung:
    """One attempt: settings, what they are called, and which embedding is used.

    ``n_reseeds`` above zero asks for a new geometry from another seed; only
    a molecule whose geometry was embedded here can have one.
    """

    name: str
    settings: Any
    n_reseeds: int = 0


class CalculationFailed(ModelError):
    """A calculation gave no result; ``kind`` says in which way."""

    def __init__(self, message: str, *, kind: FailureKind, n_iterations: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.n_iterations = n_iterations
