"""Units convert, or say why not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from qforge_jupyter.errors import RuleError
from qforge_jupyter.rules.units import affine, check_unit, convert, convert_difference


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (1, "Hartree", "eV", 27.211386),  # CODATA 2018
        (1, "Ha", "hartree", 1),
        (1, "eV", "kcal/mol", 23.060548),  # CODATA 2018
        (96.485332, "kJ/mol", "eV", 1),
        (1, "eV/Å", "eV/angstrom", 1),
        (1, "eV/\u212b", "eV/nm", 10),
        (1, "Hartree/Bohr", "eV/Å", 51.422067),
        (1, "Debye", "debye", 1),
        (25, "degC", "K", 298.15),
        (25, "°C", "K", 298.15),
        (0, "K", "degC", -273.15),
        (50, "meV/atom", "eV/atom", 0.05),
        (1, "nm^2", "Å^2", 100),
        (5, "%", "percent", 5),
    ],
)
def test_a_number_converts(value, source, target, expected):
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("source", "target"),
    [("eV", "K"), ("eV", "eV/atom"), ("eV/Å", "kcal/mol"), ("Debye", "eV"), ("mol", "1/eV")],
)
def test_what_measures_something_else_is_refused(source, target):
    with pytest.raises(RuleError, match="different things"):
        convert(1, source, target)


@pytest.mark.parametrize(
    ("unit", "hint"), [("eVV", "'eV'"), ("angstrm", "'angstrom'"), ("Debey", "'Debye'")]
)
def test_an_unknown_unit_names_the_nearest(unit, hint):
    with pytest.raises(RuleError, match=f"did you mean {hint}"):
        check_unit(unit)


@pytest.mark.parametrize(
    "unit", ["", "m**9**9**9", "m^999", "__import__('os')", "a" * 100, "eV/", "5", "eV;x"]
)
def test_what_is_no_unit_is_refused(unit):
    with pytest.raises(RuleError):
        check_unit(unit)


def test_a_difference_of_temperatures_does_not_shift():
    assert convert_difference(5, "degC", "K") == pytest.approx(5, abs=1e-9)
    scale, shift = affine("degF", "K")
    assert (scale, shift) == (pytest.approx(5 / 9), pytest.approx(255.372222))


def test_reading_a_rule_without_a_unit_imports_no_pint():
    code = (
        "import sys, polars as pl;"
        "from qforge_jupyter.rules.expressions import read_rule;"
        "from qforge_jupyter.rules.ranges import read_range;"
        "read_range('0 .. 5'); read_rule('a > 5', pl.Schema({'a': pl.Int64}));"
        "sys.exit('pint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 — our own code
