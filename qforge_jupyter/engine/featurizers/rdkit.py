"""Paths and branched subgraphs of bonds, as RDKit's own fingerprint takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from qforge_jupyter.engine.featurizers._fingerprints import Folded, Made, column_of, maker_of

METHOD = "RDKit fingerprint"


@dataclass(frozen=True)
class Settings(Folded):
    """As every folded fingerprint; paths tell no chirality.

    Parameters
    ----------
    longest
        Bonds of the longest path.

    """

    chirality: bool = field(default=False, metadata={"range": "0 .. 0"})
    longest: int = field(default=7, metadata={"range": "1 .. 10"})


def columns(settings: Settings) -> dict[str, pl.DataType]:
    """Give the one column."""
    return column_of("rdkit", settings)


def maker(settings: Settings) -> Callable[[Any], Made]:
    """Give the function that folds a molecule."""
    return maker_of("GetRDKitFPGenerator", settings, maxPath=settings.longest)
