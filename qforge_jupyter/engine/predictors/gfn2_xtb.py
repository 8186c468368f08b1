"""GFN2-xTB, a semi-empirical tight-binding method, through tblite.

Method: C. Bannwarth, S. Ehlert, S. Grimme, J. Chem. Theory Comput. 15, 1652
(2019), doi:10.1021/acs.jctc.8b01176; parametrised up to radon. Units are
converted with the CODATA values of `ase.units`; tblite works in Hartree and
Bohr.

Orbitals: an open shell is calculated restricted unless
``is_spin_polarized`` (which is another model, spGFN2-xTB, with energies of
its own). HOMO is then the highest orbital that holds an α electron (the singly
occupied one) and LUMO the next above it. With spin polarisation HOMO is the
highest occupied and LUMO the lowest empty one of both channels. The minimal
valence basis leaves some atoms and small molecules without an empty orbital:
``lumo`` and ``gap`` are null there. Orbitals closer than `DEGENERATE_EV` are
one level: ``gap`` is then exactly 0, so that noise decides no rule.

Energy is what tblite calls the total energy: it holds the electronic entropy
term of Fermi smearing at ``electronic_temperature_K``, so energies are
comparable only at one temperature. No rung of the ladder ends at another one.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.engine.chemistry.molecule import (
    Molecule,
    check_electrons,
    check_geometry,
    require_ase,
)
from qforge_jupyter.engine.predictors import CalculationFailed, Property, Rung
from qforge_jupyter.engine.predictors._tblite import METHOD, Settings, converge, require_tblite
from qforge_jupyter.results.calculation import Failure

__all__ = [
    "METHOD",
    "PROPERTIES",
    "Prediction",
    "Settings",
    "check",
    "ladder",
    "method_name",
    "predict",
    "single_threaded",
    "versions",
]

HEAVIEST_ELEMENT = 86
#: Far above the noise of degenerate levels (1e-8 eV), far below any real gap.
DEGENERATE_EV = 1e-6
_LIST = pl.List(pl.Float64())
PROPERTIES = (
    Property("energy", "eV", "total electronic energy"),
    Property("gap", "eV", "lumo less homo"),
    Property("homo", "eV", "energy of the highest occupied orbital"),
    Property("lumo", "eV", "energy of the lowest empty orbital; null where there is none"),
    Property("n_virtual_orbitals", "", "empty orbitals in the basis", pl.Int64()),
    Property("dipole_moment", "Debye", "norm of the dipole; depends on the origin for ions"),
    Property("forces", "eV/Å", "largest norm of the force on one atom"),
    Property("charges", "e", "partial charge of each atom", _LIST),
    Property("atomic_forces", "eV/Å", "force on each atom, as triples", pl.List(_LIST)),
)


@dataclass(frozen=True)
class Prediction:
    """What GFN2-xTB says about one molecule; units stand in `PROPERTIES`."""

    energy: float
    gap: float | None
    homo: float | None
    lumo: float | None
    n_virtual_orbitals: int
    dipole_moment: float
    forces: float
    charges: tuple[float, ...]
    atomic_forces: tuple[tuple[float, float, float], ...]
    n_iterations: int


def method_name(settings: Settings) -> str:
    """Name the model; energies of different names are not comparable."""
    return f"sp{METHOD}" if settings.is_spin_polarized else METHOD


def versions() -> dict[str, str]:
    """Name the packages that do the work, with their versions."""
    return {name: version(name) for name in ("tblite", "ase")}


def ladder(settings: Settings) -> tuple[Rung, ...]:
    """List what is tried, from the given settings to the most patient.

    Every rung ends at the same temperature, so that its energy is comparable
    with any other. A long run always has a bounded mixer memory: 1,000
    iterations with the full history took 30 s for two atoms, and 0.02 s with 20.
    """
    n_long = max(1000, 4 * settings.max_iterations)
    patient = replace(settings, max_iterations=n_long, mixer_memory=20)
    damped = replace(patient, mixer_damping=0.1, mixer_memory=10, guess="eeqbc")
    cooled = replace(patient, is_cooled=True)
    return (
        Rung("as set", settings),
        Rung(f"{n_long} iterations, mixer memory 20", patient),
        Rung("cooled from 10,000 K", cooled),
        Rung("mixer damping 0.1, guess eeqbc", damped),
        Rung("re-embedded", patient, n_reseeds=1),
        Rung("re-embedded, cooled from 10,000 K", cooled, n_reseeds=2),
    )


def check(molecule: Molecule) -> Failure | None:
    """Say what makes a molecule impossible to calculate.

    tblite itself neither notices a dummy atom nor an odd electron in a closed
    shell: it returns numbers for something else.
    """
    if molecule.failure:
        return molecule.failure
    if not molecule.numbers:
        return Failure("invalid_geometry", "There are no atoms")
    if strange := sorted({n for n in molecule.numbers if not 1 <= n <= HEAVIEST_ELEMENT}):
        listed = ", ".join(map(str, strange))
        return Failure("unsupported_element", f"GFN2-xTB knows Z = 1 to 86, not Z = {listed}")
    return check_geometry(molecule) or check_electrons(molecule)


def single_threaded() -> AbstractContextManager[Any]:
    """Hold OpenMP at one thread for as long as the context lasts.

    Small molecules lose by threads: the 162 of g2 took 0.15 s on one thread
    and 16 s on two of a busy machine. Nothing is changed outside the context.
    """
    limits: AbstractContextManager[Any] = _openmp().limit(limits=1)
    return limits


@cache
def _openmp() -> Any:
    """Find the OpenMP that tblite uses; looking for it is slow, so once."""
    require_tblite()
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController().select(user_api="openmp")


def predict(molecule: Molecule, settings: Settings | None = None) -> Prediction:
    """Calculate one molecule as set, without trying anything else.

    Parameters
    ----------
    molecule
        What is calculated; see `check` for what cannot be.
    settings
        How; the defaults are those of tblite.

    Raises
    ------
    CalculationFailed
        With its kind; ``scf_not_converged`` above all.
    MissingPackage
        tblite or ASE is not installed.

    Examples
    --------
    >>> water = Molecule(
    ...     "water",
    ...     (8, 1, 1),
    ...     ((0.0, 0.0, 0.119262), (0.0, 0.763239, -0.477047), (0.0, -0.763239, -0.477047)),
    ... )
    >>> round(predict(water).energy, 4)
    -137.9678

    """
    settings = settings or Settings()
    problem = check(molecule)
    if problem:
        raise CalculationFailed(problem.message, kind=problem.kind)
    with single_threaded():
        result, n_iterations = converge(molecule, settings)
    return _read(molecule, result, n_iterations)


def _read(molecule: Molecule, result: Any, n_iterations: int) -> Prediction:
    """Convert what tblite found; a number that is none is a failure."""
    units = require_ase("units")
    energy = float(result.get("energy")) * units.Hartree
    forces = -result.get("gradient") * units.Hartree / units.Bohr
    if not (np.isfinite(energy) and np.isfinite(forces).all()):
        raise CalculationFailed(
            "tblite gave a number that is not finite", kind="other", n_iterations=n_iterations
        )
    homo, lumo, n_virtual = _frontier(
        result.get("orbital-energies") * units.Hartree,
        round(float(result.get("orbital-occupations").sum())),
        molecule.n_unpaired,
    )
    return Prediction(
        energy=energy,
        gap=None if homo is None or lumo is None else lumo - homo,
        homo=homo,
        lumo=lumo,
        n_virtual_orbitals=n_virtual,
        dipole_moment=float(np.linalg.norm(result.get("dipole"))) * units.Bohr / units.Debye,
        forces=float(np.linalg.norm(forces, axis=1).max()),
        charges=tuple(map(float, result.get("charges"))),
        atomic_forces=tuple((float(x), float(y), float(z)) for x, y, z in forces),
        n_iterations=n_iterations,
    )


def _frontier(
    energies: np.ndarray[Any, np.dtype[np.float64]], n_electrons: int, n_unpaired: int
) -> tuple[float | None, float | None, int]:
    """Find HOMO, LUMO and the count of empty orbitals; see the head of this file."""
    n_alpha = (n_electrons + n_unpaired) // 2
    channels = np.atleast_2d(energies)
    counts = (n_alpha, n_electrons - n_alpha)[: len(channels)]
    pairs = list(zip(channels, counts, strict=True))
    occupied = [float(channel[n - 1]) for channel, n in pairs if n > 0]
    empty = [float(channel[n]) for channel, n in pairs if n < len(channel)]
    n_virtual = sum(len(channel) - n for channel, n in pairs)
    homo, lumo = max(occupied, default=None), min(empty, default=None)
    if homo is not None and lumo is not None and abs(lumo - homo) < DEGENERATE_EV:
        lumo = homo
    return homo, lumo, n_virtual
