"""What the fingerprints of RDKit's generators have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from qforge_jupyter.engine.chemistry.smiles import require_rdkit

Made = list[list[list[int]]]


@dataclass(frozen=True)
class Folded:
    """Settings of every fingerprint that is folded to a width.

    Parameters
    ----------
    bits
        Its width.
    counts
        Give how often each pattern occurs, and not only whether.
    chirality
        Tell stereoisomers apart.

    """

    bits: int = field(default=2048, metadata={"range": "16 .. 65536"})
    counts: bool = False
    chirality: bool = False


def column_of(name: str, settings: Folded) -> dict[str, pl.DataType]:
    """Give the one column of a fingerprint.

    Examples
    --------
    >>> column_of("morgan2", Folded(1024))
    {'morgan2': Array(UInt8, shape=(1024,))}

    """
    called = f"{name}_counts" if settings.counts else name
    dtype = pl.UInt32() if settings.counts else pl.UInt8()
    return {called: pl.Array(dtype, settings.bits)}


def maker_of(generator: str, settings: Folded, **arguments: Any) -> Callable[[Any], Made]:
    """Give the function that folds a molecule with one of RDKit's generators."""
    make = getattr(require_rdkit("Chem.rdFingerprintGenerator"), generator)
    folding = make(fpSize=settings.bits, **arguments)

    def made(molecule: Any) -> Made:
        if settings.counts:
            counts = folding.GetCountFingerprint(molecule).GetNonzeroElements()
            return [sorted([place, n] for place, n in counts.items())]
        return [[[place, 1] for place in folding.GetFingerprint(molecule).GetOnBits()]]

    return made
