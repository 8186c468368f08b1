"""Structures written as text: CIF, POSCAR and XYZ, read through ASE."""

from __future__ import annotations

import re
import warnings
from io import StringIO
from typing import Literal

from qforge_jupyter.engine.chemistry.molecule import require_ase
from qforge_jupyter.engine.structures.objects import structure_of_atoms
from qforge_jupyter.engine.structures.structure import Structure
from qforge_jupyter.results.calculation import Failure

Format = Literal["cif", "vasp", "extxyz"]
CALLED: dict[Format, str] = {"cif": "CIF", "vasp": "POSCAR", "extxyz": "XYZ"}
_CIF = re.compile(r"^(data_|_cell_length_a\b)", re.MULTILINE | re.IGNORECASE)
_COUNT = re.compile(r"\s*\d+\s*$")


def format_of(text: str) -> Format | None:
    r"""Say what a text of several lines is written in; None if it is no structure.

    Examples
    --------
    >>> format_of("2\nhydrogen\nH 0 0 0\nH 0 0 0.74")
    'extxyz'
    >>> format_of("CCO") is None
    True

    """
    lines = text.splitlines()
    if len(lines) < 2:
        return None
    if _CIF.search(text):
        return "cif"
    if _COUNT.match(lines[0]):
        return "extxyz"
    return "vasp" if len(lines) > 6 and all(map(_is_vector, lines[2:5])) else None


def structures_of_text(text: str, name: str) -> list[Structure]:
    r"""Read every structure of a text; one that is broken comes with its failure.

    Examples
    --------
    >>> structures_of_text("data_broken\n_cell_length_a 5", "broken")[0].failure.kind
    'parse'

    """
    written_in = format_of(text)
    if written_in is None:
        reason = "The text is neither CIF, POSCAR nor XYZ"
        return [Structure(name, failure=Failure("parse", reason))]
    called = CALLED[written_in]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on settings that a CIF leaves to its reader
            read = require_ase("io").read
            found = read(StringIO(text), format=written_in, index=":")
    except Exception as problem:  # noqa: BLE001 — ASE raises whatever a broken text makes it meet
        return [Structure(name, source=called, failure=_failure(problem, called))]
    if not found:
        none = Failure("parse", f"The {called} holds no structure")
        return [Structure(name, source=called, failure=none)]
    names = [name] if len(found) == 1 else [f"{name} {place}" for place in range(1, len(found) + 1)]
    return [
        structure_of_atoms(atoms, name=each, source=called)
        for atoms, each in zip(found, names, strict=True)
    ]


def _failure(problem: Exception, called: str) -> Failure:
    """Say in which way a text is broken; never what stands in it."""
    unknown = problem.args[0] if isinstance(problem, KeyError) and problem.args else ""
    if isinstance(unknown, str) and re.fullmatch(r"[A-Za-z]{1,3}", unknown):
        return Failure("unknown_element", f"The {called} names an element that does not exist")
    return Failure("parse", f"The {called} cannot be read: it is broken or cut off")


def _is_vector(line: str) -> bool:
    try:
        return len([float(each) for each in line.split()]) == 3
    except ValueError:
        return False
