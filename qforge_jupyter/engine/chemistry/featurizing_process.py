"""The process in which RDKit makes features: a line of SMILES in, a line of numbers out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from qforge_jupyter.engine.chemistry.line_process import answer_lines
from qforge_jupyter.engine.chemistry.molecule_plan import MoleculePlan
from qforge_jupyter.engine.chemistry.smiles import parse, require_rdkit
from qforge_jupyter.results.calculation import Failure


def described(text: str, plan: MoleculePlan, make: Callable[[Any], list[Any]]) -> dict[str, Any]:
    """Give the features of one SMILES, or the kind of the reason why there are none.

    Parameters
    ----------
    text
        The SMILES.
    plan
        What is done with unusual molecules.
    make
        As `MoleculePlan.maker` gives it.

    Examples
    --------
    >>> plan = MoleculePlan.of([("rdkit-descriptors", {"names": ("HeavyAtomCount",)})])
    >>> described("C(C)O", plan, plan.maker())
    {'values': [3.0]}
    >>> described("[Na+].[Cl-]", plan, plan.maker())["kind"]
    'mixture'

    """
    molecule = parse(text.strip())
    if isinstance(molecule, Failure):
        return {"kind": molecule.kind, "note": molecule.message}
    said = {}
    n_parts = len(require_rdkit("Chem").GetMolFrags(molecule))
    if n_parts > 1:
        said = {"kind": "mixture", "note": f"{n_parts} molecules; {TREATED[plan.mixtures]}"}
        if plan.mixtures == "none":
            return {**said, "kind": "mixture_left_out"}
        if plan.mixtures == "largest":
            molecule = _largest(molecule)
    if molecule.GetNumHeavyAtoms() > plan.most_atoms:
        n = molecule.GetNumHeavyAtoms()
        note = f"{n:,} heavy atoms, and at most {plan.most_atoms:,} are described"
        return {"kind": "too_large", "note": note}
    return {**said, "values": make(_canonical(molecule))}


#: What is said of a mixture, by what was asked.
TREATED = {
    "whole": "described as a whole",
    "largest": "the largest is described",
    "none": "not described",
}


def _canonical(molecule: Any) -> Any:
    """Give the molecule as its canonical SMILES has it, so that no spelling changes a digit."""
    chem = require_rdkit("Chem")
    with require_rdkit("rdBase").BlockLogs():
        again = chem.MolFromSmiles(chem.MolToSmiles(molecule))
    return molecule if again is None else again


def _largest(molecule: Any) -> Any:
    """Give the largest molecule of a mixture; an organic one goes before others."""
    standardize = require_rdkit("Chem.MolStandardize.rdMolStandardize")
    with require_rdkit("rdBase").BlockLogs():
        return standardize.LargestFragmentChooser(preferOrganic=True).choose(molecule)


def main(definition: str) -> None:
    """Answer questions until there are none."""
    plan = MoleculePlan.read(json.loads(definition))
    make = plan.maker()

    def warm() -> None:
        described("C", plan, make)  # The first one loads the packages.

    answer_lines(lambda text: described(text, plan, make), warm)


if __name__ == "__main__":
    main(sys.argv[1])
