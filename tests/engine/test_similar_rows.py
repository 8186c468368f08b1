"""Rows that are alike: every pair within the distance, and searches too long are refused."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.engine.splitters import _near_numbers, similarity
from qforge_jupyter.engine.splitters._near_numbers import near_numbers
from qforge_jupyter.engine.splitting import SplitCase, split
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from tests.contracts.test_splitters import SMILES


def silent(_done, _total, _what):
    """Say nothing."""


def found_in(values, within):
    pairs = near_numbers(values, within, silent)
    return sorted(
        (min(a, b), max(a, b))
        for first, second in pairs
        for a, b in zip(first.tolist(), second.tolist(), strict=True)
    )


@pytest.mark.parametrize("width", [1, 2, 16])
@pytest.mark.parametrize("shape", ["even", "in clumps", "one value", "one column wide"])
def test_the_pairs_are_those_of_comparing_every_row_with_every_other(width, shape):
    random = np.random.default_rng(width)
    values = random.normal(size=(5_000, width))
    if shape == "in clumps":
        values = np.round(values) + 0.01 * random.normal(size=values.shape)
    if shape == "one value":
        values = np.zeros((300, width))
    if shape == "one column wide":
        values *= np.geomspace(1e-3, 100, width)
    values = values.astype(np.float32)[:1_500]
    exact = values.astype(np.float64)
    distance = np.sqrt(((exact[:, None, :] - exact[None, :, :]) ** 2).sum(axis=2))
    within = float(np.quantile(distance[np.triu_indices(len(values), 1)], 0.001)) * 1.0001
    a, b = np.nonzero(np.triu(distance <= within, 1))
    # What lies within a rounding of the border may be found or not.
    unsure = np.abs(distance - within) <= 1e-5 * max(within, 1e-6)
    wanted, found = set(zip(a.tolist(), b.tolist(), strict=True)), found_in(values, within)
    assert len(found) == len(set(found))
    assert all(unsure[pair] for pair in wanted ^ set(found))


def test_every_pair_of_molecules_is_found_whatever_bits_they_have():
    make = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048).GetFingerprint
    prints = [make(Chem.MolFromSmiles(each)) for each in SMILES]
    for within in (0.3, 0.6, 0.9):
        found = {
            tuple(sorted((a, b)))
            for first, second in similarity._near_molecules(prints, within, silent)
            for a, b in zip(first.tolist(), second.tolist(), strict=True)
        }
        assert found == {
            (a, b)
            for a in range(len(prints))
            for b in range(a + 1, len(prints))
            if 1 - DataStructs.TanimotoSimilarity(prints[a], prints[b]) <= within + 1e-12
        }


def test_a_search_that_would_take_too_long_is_refused_before_it_begins():
    n_rows = 900_000
    assert float(n_rows) ** 2 / 2 * 8 > _near_numbers.MOST_WORK
    same = pl.DataFrame({f"x{i}": np.zeros(n_rows) for i in range(8)}).with_row_index("id")
    plan = SplitPlan(similar={"columns": [f"x{i}" for i in range(8)], "within": 0.1}, key=["id"])
    with pytest.raises(CallError, match=r"cannot be compared in ten minutes, by 1[.]1 times"):
        split(SplitCase(Table.of_frame("t", same), plan))
    with pytest.raises(CallError, match=r"cannot be compared in ten minutes, by 1[.]3 times"):
        similarity._refuse_too_many(2_000_000_000, 100_000)


def test_the_search_says_how_far_it_is():
    said = []
    values = np.random.default_rng(0).normal(size=(5_000, 3)).astype(np.float32)
    list(near_numbers(values, 0.1, lambda done, total, what: said.append((done, total, what))))
    assert (0, 5_000, "rows compared") == said[0]
    assert (5_000, 5_000, "rows compared") == said[-1]
    assert len(said) >= 3
