from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_digits

from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.leak_checking import check_leaks
from qforge_jupyter.engine.leaks.near_duplicates import find


def test_copies_with_one_per_cent_of_noise_are_found_in_real_images():
    rng = np.random.default_rng(0)
    images = load_digits().data[rng.permutation(1_797)]
    images[1_200:1_250] = images[:50] + 0.01 * images.std(axis=0) * rng.standard_normal((50, 64))
    names = [f"pixel{i}" for i in range(64)]
    train, test = (pl.DataFrame(part, schema=names) for part in (images[:1_200], images[1_200:]))
    outcome = find(LeakCase.of_parts({"train": train, "test": test}))
    (leak,) = outcome.leaks
    assert leak.severity == "high"
    assert 48 <= leak.n_rows <= 52
    assert {(pair.row_a, pair.row_b) for pair in leak.examples} <= {(i, i) for i in range(50)}
    pair = outcome.closest.pair
    assert (pair.row_a, pair.part_a, pair.part_b) == (pair.row_b, "train", "test")


def test_the_closest_pair_is_that_of_brute_force(parted, table):
    rows = table(3).select("x0", "x1", "x2")
    case = parted(rows, near=0.0)
    closest = find(case).closest.pair
    scaled = rows.to_numpy()
    train = case.position[case.part == 0]
    lower, centre, upper = np.quantile(scaled[train], (0.25, 0.5, 0.75), axis=0)
    scaled = (scaled - centre) / ((upper - lower) / 1.3489795003921634)
    test = case.position[case.part == 1]
    distances = np.linalg.norm(scaled[train][:, None] - scaled[test], axis=2)
    a, b = np.unravel_index(distances.argmin(), distances.shape)
    assert (train[a], test[b]) == (closest.row_a, closest.row_b)
    assert distances.min() == pytest.approx(closest.distance, rel=1e-5)


def test_a_text_copied_with_a_few_letters_changed_is_found(parted, table):
    rows = table(1).select("text", "x0", "x1", "y")
    case = parted(rows, target="y")
    a, b = int(case.position[case.part == 0][5]), int(case.position[case.part == 1][3])
    copied = rows["text"][a].replace("e", "i", 1)
    texts = pl.Series([copied if i == b else text for i, text in enumerate(rows["text"])])
    (leak,) = find(parted(rows.with_columns(text=texts), target="y")).leaks
    assert (leak.column, leak.examples[0].row_a, leak.examples[0].row_b) == ("text", a, b)


def test_a_molecule_written_in_another_way_is_found_where_molecules_differ():
    from ase.collections import g2  # the G2 set of real molecules

    rng = np.random.default_rng(2)
    tails = ["C" * int(n) for n in rng.integers(1, 9, 300)]
    heads = rng.choice(["Oc1ccccc1", "N#CC", "FC(F)(F)", "O=C(O)C", "ClC1CC1", "c1ccsc1"], 300)
    mids = rng.choice(["N", "O", "S", "C(C)", "C(=O)N", "C=C"], 300)
    smiles = sorted({f"{a}{b}{c}" for a, b, c in zip(heads, mids, tails, strict=True)})
    assert len(g2) > 100
    train = pl.DataFrame({"smiles": smiles[::2]})
    other = pl.DataFrame({"smiles": [*smiles[1::2][:30], "CCCCO(CCCN)"]})
    outcome = find(LeakCase.of_parts({"train": train, "test": other}, near=1e-6))
    rewritten = pl.DataFrame({"smiles": ["OC(=O)CNC"]})
    again = LeakCase.of_parts(
        {"train": pl.DataFrame({"smiles": ["CNCC(O)=O", "CCO"]}), "test": rewritten}, near=1e-6
    )
    assert outcome.closest is not None
    assert [str(pair) for pair in find(again).leaks[0].examples] == ["train 0 – test 0"]


def test_an_embedding_alone_says_what_is_near():
    rng = np.random.default_rng(4)
    vectors = rng.standard_normal((300, 16))
    vectors[250] = 3 * vectors[7] + 0.001
    rows = pl.DataFrame({"e": vectors.tolist(), "x": rng.random(300)})
    case = LeakCase.of_parts({"train": rows.head(200), "test": rows.tail(100)}, embedding="e")
    (leak,) = find(case).leaks
    assert [str(pair) for pair in leak.examples] == ["train 7 – test 50"]


def test_a_threshold_that_is_given_is_taken():
    train = pl.DataFrame({"x": [0.0, 1.0, 2.0, 3.0, 4.0]})
    test = pl.DataFrame({"x": [1.1, 9.0]})
    found = [
        len(find(LeakCase.of_parts({"train": train, "test": test}, near=near)).leaks)
        for near in (0.01, 0.2)
    ]
    assert found == [0, 1]


def test_rows_that_repeat_by_nature_have_no_threshold_and_still_a_closest_pair():
    rows = pl.DataFrame({"a": [0, 1, 2, 3] * 50, "b": [0, 1] * 100})
    outcome = find(LeakCase.of_parts({"train": rows.head(150), "test": rows.tail(50)}))
    assert (outcome.verdict, outcome.closest.pair.distance) == ("not applicable", 0.0)
    assert "give one with near" in outcome.said


def test_at_most_one_of_twenty_independent_tables_raises_any_alarm(parted):
    alarms = [not check_leaks(parted(seed=seed, target="y")).is_clean for seed in range(40)]
    assert sum(alarms) <= 2


def test_the_same_seed_gives_the_same_certificate(parted):
    first, second = (check_leaks(parted(seed=6, target="y")) for _ in range(2))
    assert (repr(first), first.payload()) == (repr(second), second.payload())
