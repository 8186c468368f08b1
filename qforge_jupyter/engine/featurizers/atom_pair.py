"""Pairs of atoms and their distance: R. E. Carhart, J. Chem. Inf. Comput. Sci. 25, 64 (1985)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from qforge_jupyter.engine.featurizers._fingerprints import Folded as Settings
from qforge_jupyter.engine.featurizers._fingerprints import Made, column_of, maker_of

__all__ = ["METHOD", "Settings", "columns", "maker"]
METHOD = "atom-pair fingerprint"
columns = partial(column_of, "atom_pair")


def maker(settings: Settings) -> Callable[[Any], Made]:
    """Give the function that folds a molecule."""
    return maker_of("GetAtomPairGenerator", settings, includeChirality=settings.chirality)
