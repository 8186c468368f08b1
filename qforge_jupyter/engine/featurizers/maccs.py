"""The 166 public MACCS keys: J. L. Durant et al., J. Chem. Inf. Comput. Sci. 42, 1273 (2002).

RDKit numbers them from 1, so that the first of the 167 places is always 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from qforge_jupyter.engine.chemistry.smiles import require_rdkit
from qforge_jupyter.engine.featurizers._fingerprints import Made

METHOD = "MACCS keys"
N_PLACES = 167


@dataclass(frozen=True)
class Settings:
    """There is nothing to set."""


def columns(settings: Settings) -> dict[str, pl.DataType]:  # noqa: ARG001 — every member has one shape
    """Give the one column."""
    return {"maccs": pl.Array(pl.UInt8(), N_PLACES)}


def maker(settings: Settings) -> Callable[[Any], Made]:  # noqa: ARG001 — every member has one shape
    """Give the function that looks for each key."""
    keys = require_rdkit("Chem.rdMolDescriptors").GetMACCSKeysFingerprint
    return lambda molecule: [[[place, 1] for place in keys(molecule).GetOnBits()]]
