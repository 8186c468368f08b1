"""Molecules as points: Morgan fingerprints of SMILES.

H. L. Morgan, J. Chem. Doc. 5, 107 (1965); D. Rogers and M. Hahn, J. Chem. Inf.
Model. 50, 742 (2010). Radius 2, counted environments folded to 1,024 places.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.chemistry.smiles import require_rdkit

N_PLACES = 1_024
RADIUS = 2
SAMPLE = 50


def looks_like_smiles(name: str, values: pl.Series) -> bool:
    """Say whether a column of text holds SMILES and RDKit is there to read them.

    Examples
    --------
    >>> looks_like_smiles("smiles", pl.Series(["CCO", "c1ccccc1"]))
    True
    >>> looks_like_smiles("word", pl.Series(["CO", "NO", "I"]))
    False

    """
    sample = values.drop_nulls().unique(maintain_order=True).head(SAMPLE)
    if not len(sample) or find_spec("rdkit") is None:
        return False
    is_called_so = "smiles" in name.lower()
    has_structure = (sample.str.contains(r"^[^\s]*[=#()\[\]1-9][^\s]*$").mean() or 0) > 0.5  # type: ignore[operator]  # a mean of Booleans
    if not (is_called_so or has_structure):
        return False
    chem = require_rdkit("Chem")
    with require_rdkit("rdBase").BlockLogs():
        parsed = [chem.MolFromSmiles(text) is not None for text in sample.to_list()]
    return bool(np.mean(parsed) >= (0.5 if is_called_so else 0.95))


def morgan_points(smiles: pl.Series) -> NDArray[np.float32]:
    """Give each molecule a vector of length 1; nothing but zeros where it cannot be read.

    The distance d of two such vectors is ``sqrt(2 - 2 c)`` with their cosine
    similarity c; equal molecules, however written, lie at 0.

    Examples
    --------
    >>> points = morgan_points(pl.Series(["OCC", "CCO", "no molecule"]))
    >>> bool((points[0] == points[1]).all()), float(points[2].sum())
    (True, 0.0)

    """
    maker = require_rdkit("Chem.rdFingerprintGenerator").GetMorganGenerator(
        radius=RADIUS, fpSize=N_PLACES
    )
    distinct = smiles.fill_null("").unique(maintain_order=True).to_list()
    points = np.zeros((len(distinct), N_PLACES), dtype=np.float32)
    with require_rdkit("rdBase").BlockLogs():
        for at, text in enumerate(distinct):
            points[at] = _counts(maker, text)
    norms = np.linalg.norm(points, axis=1, keepdims=True)
    points = np.divide(points, norms, out=np.zeros_like(points), where=norms > 0)
    which = {text: at for at, text in enumerate(distinct)}
    each: NDArray[np.float32] = points[[which[text] for text in smiles.fill_null("").to_list()]]
    return each


def _counts(maker: Any, text: str) -> NDArray[np.float32]:
    molecule = require_rdkit("Chem").MolFromSmiles(text) if text else None
    if molecule is None or not molecule.GetNumAtoms():
        return np.zeros(N_PLACES, dtype=np.float32)
    return np.asarray(maker.GetCountFingerprintAsNumPy(molecule), dtype=np.float32)
