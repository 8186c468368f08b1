"""What features of 10,000 molecules cost beside RDKit alone; `-s` prints the figures."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("rdkit")

from rdkit import Chem, RDConfig, rdBase
from rdkit.Chem import Descriptors, rdFingerprintGenerator

from qforge_jupyter.engine.chemistry.molecule_plan import MoleculePlan
from qforge_jupyter.engine.featurizing import featurize

NCI = Path(RDConfig.RDDataDir) / "NCI" / "first_5K.smi"


def molecules(n: int) -> list[str]:
    """Give the molecules of the NCI that ship with RDKit, and then each with a methyl before it."""
    texts = [line.split()[0] for line in NCI.read_text().splitlines()]
    return [*texts, *(f"C{text}" for text in texts), *(f"CC{text}" for text in texts)][:n]


def cpu_s(work: Callable[[], object]) -> float:
    """Measure the CPU seconds of this process and of those that it waited for."""
    before = os.times()
    work()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


def by_rdkit_alone(texts: list[str]) -> None:
    maker = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    with rdBase.BlockLogs():
        for text in texts:
            molecule = Chem.MolFromSmiles(text)
            if molecule is not None:
                [call(molecule) for _, call in Descriptors.descList]
                maker.GetFingerprint(molecule)


def test_ten_thousand_molecules_cost_little_more_than_rdkit_alone():
    texts = molecules(10_000)
    plan = MoleculePlan.of([("rdkit-descriptors", {}), ("morgan", {})])
    started = time.monotonic()
    ours = cpu_s(lambda: featurize(pl.Series(texts), plan))
    wall = time.monotonic() - started
    few = texts[::10]
    alone = cpu_s(lambda: by_rdkit_alone(few)) * 10
    print(
        f"10,000 molecules, every descriptor and a Morgan fingerprint: {ours:.1f} CPU s, "
        f"{wall:.0f} s wall; RDKit alone on a tenth of them, times ten, {alone:.1f} CPU s: "
        f"{ours / alone:.2f} times"
    )
    assert ours < 1.5 * alone


def test_three_descriptors_of_ten_thousand_molecules():
    plan = MoleculePlan.of([("rdkit-descriptors", {"names": ("MolWt", "TPSA", "MolLogP")})])
    ours = cpu_s(lambda: featurize(pl.Series(molecules(10_000)), plan))
    print(f"10,000 molecules, three descriptors: {ours:.1f} CPU s")
    assert ours < 60
