"""Molecules from SMILES: parsed, embedded and relaxed by RDKit.

Geometry: ETKDGv3 (S. Wang et al., J. Chem. Inf. Model. 60, 2044 (2020)), then
MMFF94, or UFF where MMFF94 has no parameters. The same seed gives the same
geometry. RDKit's own messages are kept out of the cell.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Any

from qforge_jupyter.engine.chemistry.molecule import Molecule
from qforge_jupyter.errors import MissingPackage
from qforge_jupyter.results.calculation import Failure

N_RELAXATION_STEPS = 2000


def molecule_of_smiles(
    smiles: str | None, *, name: str | None = None, seed: int = 0, n_unpaired: int | None = None
) -> Molecule:
    """Build a molecule with a geometry; what cannot be built says why.

    Parameters
    ----------
    smiles
        The text; hydrogens are added.
    name
        What the molecule is called; the SMILES when None.
    seed
        Seed of the embedding.
    n_unpaired
        Unpaired electrons; RDKit's radical electrons when None. Note that
        ``O=O`` has none for RDKit although oxygen is a triplet.

    Examples
    --------
    >>> water = molecule_of_smiles("O", name="water")
    >>> water.formula, water.inchikey
    ('H2O', 'XLYOFNOQVPJJNP-UHFFFAOYSA-N')
    >>> molecule_of_smiles("C(C)(C)(C)(C)C").failure.kind
    'parse'

    """
    text = (smiles or "").strip()
    parsed = parse(text)
    if isinstance(parsed, Failure):
        return Molecule(name or text, smiles=smiles, failure=parsed)
    return molecule_of_rdkit(
        parsed, name=name or text, seed=seed, n_unpaired=n_unpaired, smiles=text
    )


def parse(text: str) -> Any | Failure:
    """Read SMILES as an RDKit molecule, or say why it is none; nothing is embedded."""
    chem = require_rdkit("Chem")
    if not text:
        return Failure("parse", "There is no SMILES")
    with require_rdkit("rdBase").BlockLogs():
        parsed = chem.MolFromSmiles(text)
        if parsed is None or not parsed.GetNumAtoms():
            return Failure("parse", _why_not(chem, text))
        return parsed


def molecule_of_rdkit(
    mol: Any,
    *,
    name: str | None = None,
    seed: int = 0,
    n_unpaired: int | None = None,
    smiles: str | None = None,
) -> Molecule:
    """Build a molecule from RDKit's, with its own 3D conformer where it has one."""
    chem = require_rdkit("Chem")
    with require_rdkit("rdBase").BlockLogs():
        has_places = is_placed(mol)
        whole = chem.AddHs(mol, addCoords=has_places)
        smiles = smiles or smiles_of_rdkit(mol)
        n_radical = sum(atom.GetNumRadicalElectrons() for atom in whole.GetAtoms())
        known = Molecule(
            name or smiles,
            numbers=tuple(atom.GetAtomicNum() for atom in whole.GetAtoms()),
            charge=chem.GetFormalCharge(whole),
            n_unpaired=n_radical if n_unpaired is None else n_unpaired,
            smiles=smiles,
            inchikey=chem.MolToInchiKey(mol) or None,
        )
        if has_places:
            return replace(known, positions=_positions(whole), source="the RDKit conformer")
        return _embedded(known, whole, seed)


def is_placed(mol: Any) -> bool:
    """Say whether an RDKit molecule has a 3D conformer of its own."""
    return bool(mol.GetNumConformers()) and mol.GetConformer().Is3D()


def smiles_of_rdkit(mol: Any) -> str:
    """Write an RDKit molecule as SMILES, hydrogens implied."""
    chem = require_rdkit("Chem")
    return str(chem.MolToSmiles(chem.RemoveHs(mol)))


def _embedded(known: Molecule, whole: Any, seed: int) -> Molecule:
    if 0 in known.numbers:
        return replace(known, failure=Failure("embed", "A wildcard atom has no geometry"))
    distances = require_rdkit("Chem.rdDistGeom")
    parameters = distances.ETKDGv3()
    parameters.randomSeed = seed
    parameters.maxIterations = 100
    if distances.EmbedMolecule(whole, parameters) < 0:
        parameters.useRandomCoords = True
        if distances.EmbedMolecule(whole, parameters) < 0:
            message = "RDKit found no geometry that keeps the bonds and the stereochemistry"
            return replace(known, failure=Failure("embed", message))
    source = " + ".join(("ETKDGv3", *_relax(whole)))
    return replace(known, positions=_positions(whole), source=source, seed=seed)


def _relax(whole: Any) -> tuple[str, ...]:
    """Relax in place with the first force field that knows every atom."""
    fields = require_rdkit("Chem.rdForceFieldHelpers")
    if fields.MMFFHasAllMoleculeParams(whole):
        fields.MMFFOptimizeMolecule(whole, maxIters=N_RELAXATION_STEPS)
        return ("MMFF94",)
    if fields.UFFHasAllMoleculeParams(whole):
        fields.UFFOptimizeMolecule(whole, maxIters=N_RELAXATION_STEPS)
        return ("UFF",)
    return ()


def _positions(whole: Any) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(x), float(y), float(z)) for x, y, z in whole.GetConformer().GetPositions())


def _why_not(chem: Any, text: str) -> str:
    raw = chem.MolFromSmiles(text, sanitize=False)
    if raw is None:
        return "RDKit cannot read it as SMILES"
    problems = [problem.Message() for problem in chem.DetectChemistryProblems(raw)]
    return "; ".join(problems[:2]) or "RDKit refuses its chemistry"


def require_rdkit(part: str) -> Any:
    """Import a module of RDKit, or say how it is installed."""
    try:
        return import_module(f"rdkit.{part}")
    except ModuleNotFoundError as error:
        raise MissingPackage("rdkit", "to read SMILES", "chemistry") from error
