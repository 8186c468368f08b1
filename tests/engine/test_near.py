"""Neighbours are those of brute force, and the threshold keeps its false alarms."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.neighbors import NearestNeighbors

from qforge_jupyter.engine import near_index
from qforge_jupyter.engine.near import calibrate, neighbors
from qforge_jupyter.engine.near_views import views

REAL = {
    "digits": load_digits,
    "wine": load_wine,
    "cancer": load_breast_cancer,
    "diabetes": load_diabetes,
}


def points_of(values):
    frame = pl.DataFrame(values, schema=[f"c{i}" for i in range(values.shape[1])])
    seen, _ = views(frame, frame.columns, reference=np.arange(frame.height))
    return seen[0].points


@pytest.fixture(params=REAL)
def points(request):
    return points_of(REAL[request.param]().data)


def test_the_neighbours_are_those_of_brute_force(points):
    model = NearestNeighbors(n_neighbors=5, algorithm="brute").fit(points[:100].astype(np.float64))
    distances, places = model.kneighbors(points[100:].astype(np.float64))
    found = neighbors(points[:100], points[100:], 5)
    assert np.allclose(distances, found.distances, rtol=1e-6, atol=1e-6)
    differs = places != found.places
    assert not differs.any() or np.allclose(distances[differs], found.distances[differs])


def test_a_row_is_never_its_own_neighbour_even_among_copies():
    copies = np.zeros((40, 3), dtype=np.float32)
    found = neighbors(copies, copies, 5, own=np.arange(40))
    assert not (found.places == np.arange(40)[:, None]).any()
    assert found.distances.max() == 0


def test_an_index_of_cells_finds_copies_and_is_the_same_for_the_same_seed(monkeypatch):
    monkeypatch.setattr(near_index, "EXACT_WORK", 0.0)
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((12_000, 8)).astype(np.float32)
    copies = rows[:500] + 0.001 * rng.standard_normal((500, 8)).astype(np.float32)
    first, second = (neighbors(rows, copies, seed=4) for _ in range(2))
    assert not first.is_exact
    assert (first.places[:, 0] == np.arange(500)).mean() > 0.99
    assert np.array_equal(first.places, second.places)


def test_distances_of_copies_far_from_the_origin_do_not_cancel():
    rows = np.random.default_rng(0).standard_normal((3_000, 20)).astype(np.float32) + 500
    near_rows = rows.copy()
    near_rows[:, 0] += np.float32(0.01)
    found = neighbors(rows, near_rows, 1)
    wanted = np.linalg.norm(rows.astype(np.float64) - near_rows, axis=1)
    assert found.distances[:, 0] == pytest.approx(wanted, rel=1e-9)


def alarms(values, seed, n_copies=0):
    """Part rows at random, perhaps with copies of 1 % noise, and count the alarms."""
    rng = np.random.default_rng(seed)
    values = values[rng.permutation(len(values))].copy()
    n_train = int(0.7 * len(values))
    if n_copies:
        noise = 0.01 * values.std(axis=0) * rng.standard_normal((n_copies, values.shape[1]))
        values[n_train : n_train + n_copies] = values[:n_copies] + noise
    points = points_of(values)
    calibration = calibrate(points[:n_train], len(values) - n_train, 0.05)
    if calibration is None:
        return np.zeros(len(values) - n_train, dtype=bool)
    found = neighbors(points[:n_train], points[n_train:])
    return found.ratios() < calibration.ratio


def generated(kind, seed):
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal((500, 8))
    return {
        "normal": lambda: normal,
        "lognormal": lambda: np.exp(normal),
        "heavy tails": lambda: rng.standard_cauchy((500, 8)),
        "two factors": lambda: normal[:, :2] @ rng.standard_normal((2, 8)) + 0.1 * normal,
        "counts": lambda: rng.poisson(3, (500, 8)).astype(float),
        "flat": lambda: rng.random((500, 2)),
        "few values": lambda: rng.integers(0, 4, (500, 2)).astype(float),
        "tight and wide": lambda: normal * rng.choice([0.05, 1.0], 500)[:, None],
    }[kind]()


@pytest.mark.parametrize(
    "kind",
    ["normal", "lognormal", "heavy tails", "two factors", "counts", "flat", "few values",
     "tight and wide"],
)  # fmt: skip
def test_at_most_one_of_twenty_independent_tables_raises_an_alarm(kind):
    assert sum(alarms(generated(kind, seed), seed).any() for seed in range(40)) <= 2


@pytest.mark.parametrize("name", REAL)
def test_real_tables_raise_no_alarm_and_copies_in_them_are_found(name):
    values = REAL[name]().data
    assert sum(alarms(values, seed).any() for seed in range(20)) <= 1
    found = [alarms(values, seed, n_copies=20)[:20].mean() for seed in range(10)]
    assert np.mean(found) >= 0.95
