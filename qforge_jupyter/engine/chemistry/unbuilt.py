"""Molecules whose geometry is still to be made, so that making it can be limited.

RDKit cannot be stopped inside its thread, and embedding a large molecule takes
minutes. What is told here fits on a line of JSON, so that another process can
do it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from typing import Any

from qforge_jupyter.engine.chemistry.molecule import Molecule
from qforge_jupyter.engine.chemistry.smiles import (
    molecule_of_rdkit,
    molecule_of_smiles,
    require_rdkit,
    smiles_of_rdkit,
)


@dataclass(frozen=True)
class Unbuilt:
    """What a molecule is to be made of.

    Parameters
    ----------
    name
        What the user calls it.
    smiles
        Its SMILES.
    rdkit
        RDKit's own bytes in base64, where it came as an RDKit molecule and not
        as SMILES.
    seed
        Seed of the embedding.
    charge, n_unpaired
        What the user said of them; None where the molecule decides.

    Examples
    --------
    >>> Unbuilt("water", smiles="O").build().formula
    'H2O'

    """

    name: str = ""
    smiles: str | None = None
    rdkit: str = ""
    seed: int = 0
    charge: int | None = None
    n_unpaired: int | None = None

    def build(self) -> Molecule:
        """Make the molecule with its geometry; what cannot be made says why."""
        name, seed, n_unpaired = self.name or None, self.seed, self.n_unpaired
        if not self.rdkit:
            return molecule_of_smiles(self.smiles, name=name, seed=seed, n_unpaired=n_unpaired)
        mol = require_rdkit("Chem").Mol(b64decode(self.rdkit))
        built = molecule_of_rdkit(
            mol, name=name, seed=seed, n_unpaired=n_unpaired, smiles=self.smiles
        )
        return built if self.charge is None else replace(built, charge=self.charge)

    def bare(self) -> Molecule:
        """Give what is known of it unmade."""
        return Molecule(self.name, charge=self.charge or 0, smiles=self.smiles)


def unbuilt_rdkit(mol: Any, seed: int) -> Unbuilt:
    """Tell an RDKit molecule of which the geometry is not made."""
    smiles = smiles_of_rdkit(mol)
    return Unbuilt(smiles, smiles, b64encode(mol.ToBinary()).decode(), seed)
