"""Chains of four atoms: R. Nilakantan et al., J. Chem. Inf. Comput. Sci. 27, 82 (1987)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from qforge_jupyter.engine.featurizers._fingerprints import Folded as Settings
from qforge_jupyter.engine.featurizers._fingerprints import Made, column_of, maker_of

__all__ = ["METHOD", "Settings", "columns", "maker"]
METHOD = "topological-torsion fingerprint"
columns = partial(column_of, "topological_torsion")


def maker(settings: Settings) -> Callable[[Any], Made]:
    """Give the function that folds a molecule."""
    return maker_of("GetTopologicalTorsionGenerator", settings, includeChirality=settings.chirality)
