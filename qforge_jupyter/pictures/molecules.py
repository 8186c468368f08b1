"""Molecules as SVG, drawn by RDKit from SMILES."""

from __future__ import annotations

from qforge_jupyter.errors import FormatError, MissingPackage
from qforge_jupyter.pictures.picture import Picture

_SIZE = (400, 260)
_LONGEST = 2000


def drawing(smiles: str) -> Picture:
    """Draw a molecule.

    Raises
    ------
    FormatError
        It is no SMILES, or one of more than 2,000 characters.
    MissingPackage
        RDKit is not installed.

    Examples
    --------
    >>> drawing("CCO").mime
    'image/svg+xml'

    """
    try:
        from rdkit import Chem, rdBase
        from rdkit.Chem.Draw import rdMolDraw2D
    except ImportError:
        raise MissingPackage("rdkit", "to draw molecules", "chemistry") from None
    if len(smiles) > _LONGEST:
        raise FormatError(f"A SMILES of more than {_LONGEST:,} characters is not drawn")
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
        if molecule is None:
            raise FormatError("The structure is no valid SMILES and cannot be drawn")
        drawer = rdMolDraw2D.MolDraw2DSVG(*_SIZE)
        drawer.DrawMolecule(molecule)
        drawer.FinishDrawing()
    return Picture(drawer.GetDrawingText().encode(), "image/svg+xml", *_SIZE, text=smiles)
