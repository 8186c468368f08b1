"""What our loop costs beside a bare tblite loop: the 162 molecules of g2."""

import time
from collections.abc import Callable

import pytest

pytest.importorskip("tblite")

from ase.collections import g2
from ase.units import Bohr
from tblite.interface import Calculator
from threadpoolctl import threadpool_limits

from qforge_jupyter.engine.chemistry.calculating import calculate
from qforge_jupyter.engine.chemistry.molecules import read_molecules
from qforge_jupyter.results.calculation import CalculationReport


def bare():
    """Do what is unavoidable: energy, forces, charges, orbitals, one thread."""
    with threadpool_limits(1, user_api="openmp"):
        for name in g2.names:
            atoms = g2[name]
            n_unpaired = round(atoms.get_initial_magnetic_moments().sum())
            calculator = Calculator(
                "GFN2-xTB", atoms.numbers, atoms.positions / Bohr, uhf=n_unpaired
            )
            calculator.set("verbosity", 0)
            result = calculator.singlepoint()
            for wanted in ("energy", "gradient", "charges", "dipole", "orbital-energies"):
                result.get(wanted)


def best_of(n: int, work: Callable[[], object]):
    times = []
    for _ in range(n):
        started = time.process_time()  # others on the machine do not count
        work()
        times.append(time.process_time() - started)
    return min(times)


def test_our_loop_costs_less_than_twice_the_bare_one():
    molecules = read_molecules("g2")
    calculate(molecules[:5])
    ours, theirs = best_of(5, lambda: calculate(molecules)), best_of(5, bare)
    print(f"ours {ours:.3f} s, bare tblite {theirs:.3f} s, ratio {ours / theirs:.2f}")
    assert ours < 2 * theirs


def test_g2(benchmark: Callable[..., CalculationReport]):
    molecules = read_molecules("g2")
    report = benchmark(calculate, molecules)
    assert report.n_finished == 162
