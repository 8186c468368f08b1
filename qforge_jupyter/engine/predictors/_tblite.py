"""Run tblite's self-consistent field: settings in, tblite's result out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

import numpy as np

from qforge_jupyter.engine.chemistry.interrupts import interrupts_held
from qforge_jupyter.engine.chemistry.molecule import Molecule, require_ase
from qforge_jupyter.engine.predictors import CalculationFailed
from qforge_jupyter.errors import MissingPackage

METHOD = "GFN2-xTB"
#: Cooling steps in Kelvin; each starts from the density of the one before.
COOLING_K = (10_000.0, 5_000.0, 2_500.0, 1_200.0, 600.0)
_GUESSES = {"sad": 0, "eeq": 1, "eeqbc": 2}
_CYCLE = re.compile(r"^\s*\d+\s+-?\d+\.\d+")


def _within(allowed: str, default: Any) -> Any:
    """Make a field with a range, which is checked where it is set."""
    return field(default=default, metadata={"range": allowed})


@dataclass(frozen=True)
class Settings:
    """How the self-consistent field is found.

    Parameters
    ----------
    max_iterations
        Iterations allowed in one self-consistent run.
    electronic_temperature_K
        Temperature of the Fermi smearing.
    accuracy
        Factor on tblite's thresholds; smaller is tighter.
    mixer_damping, mixer_memory
        Damping and history of the Broyden mixer. A memory of 0 keeps every
        iteration, which is slow beyond 250 of them.
    guess
        Where the density starts: ``sad``, ``eeq`` or ``eeqbc``.
    is_cooled
        Converge at 10,000 K first and cool down in steps to the temperature.
    is_spin_polarized
        Use the spin-polarised model, named spGFN2-xTB.

    """

    max_iterations: int = _within("1 .. 100000", 250)
    electronic_temperature_K: float = _within("0 .. 100000", 300.0)  # noqa: N815 — the unit is named as it is written
    accuracy: float = _within("0 <.. 10000", 1.0)
    mixer_damping: float = _within("0 <.. 1", 0.4)
    mixer_memory: int = _within("0 .. 10000", 0)
    guess: Literal["sad", "eeq", "eeqbc"] = "sad"
    is_cooled: bool = False
    is_spin_polarized: bool = False


def require_tblite() -> Any:
    """Import tblite, or say how it is installed."""
    try:
        return import_module("tblite.interface")
    except ModuleNotFoundError as error:
        raise MissingPackage("tblite", "to calculate with GFN2-xTB", "chemistry") from error


def converge(molecule: Molecule, settings: Settings) -> tuple[Any, int]:
    """Run the self-consistent field and count its iterations."""
    units = require_ase("units")
    lines: list[str] = []  # tblite's own report, kept out of the cell
    result = None
    temperatures = (*(COOLING_K if settings.is_cooled else ()), settings.electronic_temperature_K)
    try:
        calculator = _calculator(molecule, settings, lines)
        for temperature in temperatures:
            calculator.set("temperature", temperature * units.kB / units.Hartree)
            with interrupts_held():
                result = calculator.singlepoint(result)
    except RuntimeError as error:
        n_iterations = sum(map(bool, map(_CYCLE.match, lines)))
        raise _failure(error, n_iterations) from error
    return result, sum(map(bool, map(_CYCLE.match, lines)))


def _calculator(molecule: Molecule, settings: Settings, lines: list[str]) -> Any:
    calculator = require_tblite().Calculator(
        METHOD,
        np.array(molecule.numbers),
        np.array(molecule.positions, dtype=float) / require_ase("units").Bohr,
        charge=float(molecule.charge),
        uhf=molecule.n_unpaired,
        logger=lines.append,
    )
    calculator.set("max-iter", settings.max_iterations)
    calculator.set("accuracy", settings.accuracy)
    calculator.set("mixer-damping", settings.mixer_damping)
    calculator.set("guess", _GUESSES[settings.guess])
    if settings.mixer_memory:
        calculator.set("mixer-memory", settings.mixer_memory)
    if settings.is_spin_polarized:
        calculator.add("spin-polarization", 1.0)
    return calculator


def _failure(error: RuntimeError, n_iterations: int) -> CalculationFailed:
    text = str(error)
    if "not converged" in text:
        message = f"The self-consistent field did not converge in {n_iterations} iterations"
        return CalculationFailed(message, kind="scf_not_converged", n_iterations=n_iterations)
    if "interatomic distances" in text:
        return CalculationFailed("Two atoms are too close", kind="invalid_geometry")
    if "No support for elements" in text:
        return CalculationFailed("GFN2-xTB knows Z = 1 to 86", kind="unsupported_element")
    return CalculationFailed(f"tblite says: {text}", kind="other", n_iterations=n_iterations)
