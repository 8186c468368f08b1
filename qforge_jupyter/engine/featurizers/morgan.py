"""Circular environments of atoms: D. Rogers and M. Hahn, J. Chem. Inf. Model. 50, 742 (2010)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from qforge_jupyter.engine.featurizers._fingerprints import Folded, Made, column_of, maker_of

METHOD = "Morgan fingerprint"


@dataclass(frozen=True)
class Settings(Folded):
    """As every folded fingerprint.

    Parameters
    ----------
    radius
        Bonds from the centre of an environment to its rim; 2 is ECFP4.

    """

    radius: int = field(default=2, metadata={"range": "0 .. 10"})


def columns(settings: Settings) -> dict[str, pl.DataType]:
    """Give the one column, called by the radius."""
    return column_of(f"morgan{settings.radius}", settings)


def maker(settings: Settings) -> Callable[[Any], Made]:
    """Give the function that folds a molecule.

    Examples
    --------
    >>> from rdkit.Chem import MolFromSmiles
    >>> (environments,) = maker(Settings(counts=True))(MolFromSmiles("CC"))
    >>> sorted(n for _, n in environments)  # one bond, two carbons
    [1, 2]

    """
    arguments = {"radius": settings.radius, "includeChirality": settings.chirality}
    return maker_of("GetMorganGenerator", settings, **arguments)
