"""Molecules of one Bemis-Murcko scaffold stay together.

G. W. Bemis and M. A. Murcko, J. Med. Chem. 39, 2887 (1996), as RDKit computes
it. A molecule without a ring has no scaffold: it stands alone, by its canonical
SMILES, so that the same molecule written otherwise stays with it.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.engine.chemistry.smiles import require_rdkit
from qforge_jupyter.engine.splitters import Rows, Units
from qforge_jupyter.engine.splitters._grouping import text_of, units_of_words
from qforge_jupyter.engine.splitters._hashing import words_of
from qforge_jupyter.engine.splitters._placing import place
from qforge_jupyter.errors import DataError

IS_ORDERED = False
__all__ = ["IS_ORDERED", "place", "scaffold_of", "units"]


def units(rows: Rows) -> Units:
    """Make a unit of each scaffold, and of what else is grouped by with it."""
    columns = {}
    is_bad = np.zeros(rows.frame.height, dtype=np.bool_)
    n_acyclic = 0
    for index, each in enumerate(rows.plan.groupings):
        column = rows.frame[each.column]
        if each.is_scaffold:
            column, n = _scaffolds(column, rows)
            is_bad |= column.is_null().to_numpy()
            n_acyclic += n
        columns[f"group{index}"] = column
    if is_bad.all() and len(is_bad):
        raise DataError("No row holds a SMILES that RDKit can read: name the column that does")
    words, lacks = words_of(pl.DataFrame(columns))
    left_out = ((np.flatnonzero(is_bad), "no valid SMILES"),) if is_bad.any() else ()
    found = units_of_words(rows, words, lacks & ~is_bad, noun="scaffold", left_out=left_out)
    notes = (*found.notes, f"{n_acyclic:,} molecules without a ring stand alone")
    return found if not n_acyclic else _noted(found, notes)


def _noted(units: Units, notes: tuple[str, ...]) -> Units:
    from dataclasses import replace

    return replace(units, notes=notes)


def _scaffolds(column: pl.Series, rows: Rows) -> tuple[pl.Series, int]:
    """Give the scaffold of each cell, null where there is no molecule; count the acyclic."""
    texts = text_of(column, "a SMILES")
    distinct = texts.drop_nulls().unique().sort()
    found = []
    for index, text in enumerate(distinct.to_list()):
        if index % 1000 == 0:
            rows.progress(index, len(distinct), "scaffolds")
        found.append(scaffold_of(text))
    named = pl.Series([None if each is None else each[0] for each in found], dtype=pl.String)
    rings = pl.Series([each is None or each[1] for each in found], dtype=pl.Boolean)
    table = pl.DataFrame({"text": distinct, "scaffold": named, "has_ring": rings})
    joined = (
        texts.alias("text").to_frame().join(table, on="text", how="left", maintain_order="left")
    )
    return joined["scaffold"], int((~joined["has_ring"].fill_null(value=True)).sum())


def scaffold_of(smiles: str) -> tuple[str, bool] | None:
    """Give a molecule's scaffold and whether it has a ring; its SMILES if it has none.

    Examples
    --------
    >>> scaffold_of("Cc1ccccc1"), scaffold_of("CCO"), scaffold_of("C(")
    (('c1ccccc1', True), ('acyclic CCO', False), None)

    """
    chem = require_rdkit("Chem")
    murcko = require_rdkit("Chem.Scaffolds.MurckoScaffold")
    with require_rdkit("rdBase").BlockLogs():
        molecule = chem.MolFromSmiles(smiles)
        if molecule is None or not molecule.GetNumAtoms():
            return None
        scaffold = murcko.MurckoScaffoldSmiles(mol=molecule)
        return (scaffold, True) if scaffold else (f"acyclic {chem.MolToSmiles(molecule)}", False)
