"""Units of measure: numbers from one to another, or a sentence why not."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from qforge_jupyter.errors import RuleError, nearest

#: Spellings that chemists and physicists use and pint does not know.
_SPELLINGS = {
    "Å": "angstrom",  # U+00C5
    "\u212b": "angstrom",  # the sign of its own
    "Angstrom": "angstrom",
    "Debye": "debye",
    "Hartree": "hartree",
    "Ha": "hartree",
    "Bohr": "bohr",
    "Rydberg": "rydberg",
    "°C": "degC",
    "°F": "degF",
    "%": "percent",
}
_COMMON = (
    "eV", "meV", "angstrom", "debye", "hartree", "bohr", "kcal", "kJ", "mol", "kelvin", "degC",
    "nm", "cm", "second", "minute", "hour", "day", "gram", "kg", "GPa", "percent", "rydberg",
    "atom", "joule", "newton", "pascal", "volt", "ampere", "tesla", "degree", "radian", "hertz",
)  # fmt: skip
_FACTOR = r"(?:1|[^\W\d_]\w*|°[CF])(?:(?:\^|\*\*)-?\d{1,2})?"
_UNIT = re.compile(rf"{_FACTOR}(?:\s*[/*·]\s*{_FACTOR})*|%")
_LONGEST_UNIT = 60


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """Convert a number from one unit to another.

    An energy per mole and an energy per particle are the same thing seen
    twice (kcal/mol and eV): they convert through Avogadro's number. An
    energy per atom is another quantity than an energy, because the count of
    atoms is not known here, and is refused.

    Parameters
    ----------
    value
        The number.
    from_unit, to_unit
        As in ``eV``, ``eV/Å``, ``Debye``, ``kcal/mol``, ``degC``; two equal
        texts convert without being understood.

    Raises
    ------
    RuleError
        A unit is unknown (the sentence names the nearest), or the two do not
        measure the same.

    Examples
    --------
    >>> round(convert(1, "Hartree", "eV"), 4)
    27.2114
    >>> round(convert(1, "eV", "kcal/mol"), 3)
    23.061
    >>> convert(25, "degC", "K")
    298.15

    """
    if from_unit == to_unit:
        return value
    source, target = _read(from_unit), _read(to_unit)
    registry = _registry()
    quantity = registry.Quantity(value, source)
    if source.dimensionality != target.dimensionality:
        quantity = _per_particle(quantity, source, target, registry)
    if quantity is None:
        raise RuleError(
            f"{from_unit!r} does not convert to {to_unit!r}: they measure different things"
        )
    return float(quantity.to(target).magnitude)


def convert_difference(value: float, from_unit: str, to_unit: str) -> float:
    """Convert a difference or a tolerance: a shifted zero does not count.

    Examples
    --------
    >>> convert_difference(5, "degC", "K")
    5.0

    """
    if from_unit == to_unit:
        return value
    scale, _ = affine(from_unit, to_unit)
    return value * scale


def affine(from_unit: str, to_unit: str) -> tuple[float, float]:
    """Give scale and shift, so that ``scale * x + shift`` converts ``x``.

    Examples
    --------
    >>> affine("nm", "angstrom")
    (10.0, 0.0)

    """
    shift = convert(0.0, from_unit, to_unit)
    if shift == 0:
        return convert(1.0, from_unit, to_unit), 0.0
    # Far from zero, so that the shift costs the scale none of its digits.
    far = 2.0**20
    return round((convert(far, from_unit, to_unit) - shift) / far, 12), shift


def check_unit(unit: str) -> str:
    """Give the unit back if it is known, else raise with the nearest name."""
    _read(unit)
    return unit


def _per_particle(quantity: Any, source: Any, target: Any, registry: Any) -> Any:
    """Take a mole for its number of particles where exactly that is missing."""
    energy = registry.joule.dimensionality
    per_mole = (registry.joule / registry.mole).dimensionality
    ratio = source.dimensionality / energy
    if ratio == target.dimensionality / per_mole:
        return quantity * registry.avogadro_constant
    if source.dimensionality / per_mole == target.dimensionality / energy:
        return quantity / registry.avogadro_constant
    return None


def _read(unit: str) -> Any:
    if len(unit) > _LONGEST_UNIT or not _UNIT.fullmatch(unit.strip()):
        raise RuleError(f"{unit[:_LONGEST_UNIT]!r} is no unit: write one as in 'eV/angstrom'")
    return _parsed(unit.strip())


@cache
def _parsed(unit: str) -> Any:
    import pint

    registry = _registry()
    text = re.sub(r"[^\W\d_]\w*|°[CF]|%", lambda found: _spelled(found.group()), unit)
    try:
        return registry.parse_units(text.replace("·", "*").replace("^", "**"))
    except pint.UndefinedUnitError as error:
        missing = error.unit_names if isinstance(error.unit_names, str) else error.unit_names[0]
        raise RuleError(
            f"No unit named {missing!r}{nearest(missing, (*_COMMON, *_SPELLINGS))}"
        ) from None
    except (pint.PintError, ValueError, TypeError, ArithmeticError):
        raise RuleError(f"{unit!r} is no unit: write one as in 'eV/angstrom'") from None


def _spelled(name: str) -> str:
    return _SPELLINGS.get(name, name)


@cache
def _registry() -> Any:
    """Build pint's registry once; reading its definitions takes a second."""
    import pint

    registry: Any = pint.UnitRegistry(cache_folder=None)
    registry.define("atom = [atom_count]")
    return registry
