"""RDKit's descriptors: about two hundred numbers of the graph of a molecule.

They are those of ``rdkit.Chem.Descriptors.descList``, under RDKit's names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from qforge_jupyter.engine.chemistry.smiles import require_rdkit
from qforge_jupyter.errors import CallError, nearest

METHOD = "RDKit descriptors"
#: What stands for every one of them.
ALL = "all"


@dataclass(frozen=True)
class Settings:
    """Which descriptors.

    Parameters
    ----------
    names
        RDKit's names of them; ``all`` alone is every one that this RDKit has.

    """

    names: tuple[str, ...] = (ALL,)


def columns(settings: Settings) -> dict[str, pl.DataType]:
    """Give a number for each descriptor.

    Raises
    ------
    CallError
        There is none of that name.

    Examples
    --------
    >>> columns(Settings(("MolWt", "TPSA")))
    {'MolWt': Float64, 'TPSA': Float64}

    """
    return {name: pl.Float64() for name in _functions(settings)}


def maker(settings: Settings) -> Callable[[Any], list[float | None]]:
    """Give the function that computes them all; one that RDKit cannot compute is None."""
    functions = tuple(_functions(settings).values())
    return lambda molecule: [_number(function, molecule) for function in functions]


def _number(function: Callable[[Any], float], molecule: Any) -> float | None:
    try:
        return float(function(molecule))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 — RDKit raises whatever its C++ threw; the row says so
        return None


def _functions(settings: Settings) -> dict[str, Callable[[Any], float]]:
    known = dict(require_rdkit("Chem.Descriptors").descList)
    if settings.names == (ALL,):
        return known
    for name in settings.names:
        if name not in known:
            raise CallError(
                f"RDKit has no descriptor {name[:60]!r}{nearest(name, known)}; `all` is every one"
            )
    return {name: known[name] for name in settings.names}
