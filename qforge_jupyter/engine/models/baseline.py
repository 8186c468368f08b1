"""The baseline: numbers made of a hash, to test the plumbing; they say nothing of a structure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from qforge_jupyter.engine.models import Answer, Model, Predict
from qforge_jupyter.engine.predictors import Property
from qforge_jupyter.engine.structures.canonical import Canonical

NOTICE = "Baseline: these numbers are made of a SHA-256 hash, they predict nothing"
#: Least and greatest value of each property.
RANGES = {"band_gap": (0.0, 5.0), "formation_energy": (-8.0, -2.0), "stability": (0.0, 1.0)}
PROPERTIES = (
    Property("band_gap", "eV", "of a hash, between 0 and 5"),
    Property("formation_energy", "eV/atom", "of a hash, between -8 and -2"),
    Property("stability", "", "of a hash, between 0 and 1"),
)


def number_of(structure_hash: str, name: str) -> float:
    """Give the number that the baseline says of a structure.

    Examples
    --------
    >>> 0 <= number_of("0" * 64, "band_gap") <= 5
    True

    """
    low, high = RANGES[name]
    digest = hashlib.sha256(f"{name}:{structure_hash}".encode()).digest()
    # 53 bits are what a double holds exactly, so every machine gives the same number.
    share = (int.from_bytes(digest[:8], "big") >> 11) / 2**53
    return low + (high - low) * share


def load(parameters: Mapping[str, str], device: str) -> Predict:  # noqa: ARG001 — as every model's
    """Load nothing."""
    return _predict


def _predict(structures: Sequence[Canonical]) -> list[Answer]:
    return [{name: number_of(each.hash, name) for name in RANGES} for each in structures]


MODEL = Model(
    "baseline",
    PROPERTIES,
    load,
    version="1",
    made_for="tests and plumbing; never a result",
    needs_cell=False,
    licence="BSD-3-Clause",
    reference="SHA-256 of the canonical structure",
    notice=NOTICE,
    batch=1000,
)
