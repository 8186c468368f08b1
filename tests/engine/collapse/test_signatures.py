"""A signature knows neither order nor names nor units, and alike failures are near each other."""

from functools import cache

import numpy as np
import polars as pl
import pytest
from damaged import case_of, health, repeated, scrambled, shrunk, sides, without_a_mode

from qforge_jupyter.engine.collapse.checking import check
from qforge_jupyter.engine.collapse.signatures.fingerprinting import LAYOUT, N_VALUES
from qforge_jupyter.engine.collapse.signatures.metric import Metric
from qforge_jupyter.engine.collapse.signatures.nearest import EXACT, Nearest
from qforge_jupyter.engine.collapse.signatures.reference import reference
from qforge_jupyter.engine.collapse.signatures.voting import UNLIKE, vote
from qforge_jupyter.results.signatures import Signature

DAMAGES = {"shrunk": shrunk, "scrambled": scrambled, "repeated": repeated, "lost": without_a_mode}


@cache
def signed(damage, change="nothing"):
    candidate, real = sides()
    candidate = DAMAGES[damage](candidate)
    turned = {
        "nothing": lambda rows: rows,
        "other rows first": lambda rows: rows.sample(fraction=1, shuffle=True, seed=3),
        "other columns first": lambda rows: rows.select(reversed(rows.columns)),
        "other names": lambda rows: rows.rename({name: f"x {name}" for name in rows.columns}),
        "other units": lambda rows: rows.with_columns(
            pl.col("lncoins") * 1000 + 7, pl.col("lpi") / 3
        ),
    }[change]
    return check(case_of(turned(candidate), turned(real))).signature.values


def test_a_signature_is_512_numbers_of_length_1():
    values = signed("shrunk")
    assert (N_VALUES,) == values.shape
    assert np.float32 == values.dtype
    assert 1 == pytest.approx(float(np.linalg.norm(values)), abs=1e-5)


def test_the_same_check_gives_the_same_signature():
    candidate, real = sides()
    again = check(case_of(shrunk(candidate), real)).signature
    assert Signature.of(LAYOUT, signed("shrunk")) == again


def test_the_order_of_the_rows_changes_nothing():
    assert 0.9999 < signed("shrunk") @ signed("shrunk", "other rows first")


@pytest.mark.parametrize("change", ["other columns first", "other names", "other units"])
def test_order_names_and_units_of_the_columns_change_next_to_nothing(change):
    assert 0.97 < signed("shrunk") @ signed("shrunk", change)


def test_half_of_the_columns_have_nearly_the_signature_of_all():
    candidate, real = sides()
    few = ["mdvis", "lncoins", "lpi"]
    found = check(case_of(shrunk(candidate).select(few), real.select(few))).signature.values
    others = [signed(name) for name in ("scrambled", "repeated", "lost")]
    assert max(float(found @ each) for each in others) < found @ signed("shrunk")


def test_the_same_failure_of_another_table_is_nearer_than_other_failures_of_the_same():
    chance = np.random.default_rng(4)
    hidden = chance.normal(size=(2_400, 1))
    other = pl.DataFrame(hidden + chance.normal(size=(2_400, 5)))
    narrow = other[:1_200].with_columns(pl.all().mean() + (pl.all() - pl.all().mean()) * 0.4)
    found = check(case_of(narrow, other[1_200:])).signature.values
    place = reference().metric.place
    near = place(found[None]) @ place(np.stack([signed(name) for name in DAMAGES])).T
    assert "shrunk" == list(DAMAGES)[int(near.argmax())]


def test_planted_damage_is_called_by_its_mode():
    known = reference()
    called = {}
    for name in DAMAGES:
        near = known.index.search(signed(name), 10)
        called[name] = vote([(known.modes[at], similarity) for at, similarity in near])[0].mode
    expected = {
        "shrunk": "variance shrunk",
        "scrambled": "correlation shrunk",
        "repeated": "rows repeated",
    }
    assert expected == {name: called[name] for name in expected}


def test_what_is_far_from_all_has_no_mode():
    assert () == vote([("drift", UNLIKE - 0.01)] * 10)


def test_the_cases_that_ship_are_small_and_hold_no_table():
    held = reference()
    assert 300 < len(held.modes)
    assert 15 < len(set(held.modes.values()))
    assert set(held.modes) == set(held.index.ids)


def test_the_index_finds_what_an_exact_search_finds_however_many_there_are():
    chance = np.random.default_rng(0)
    middles = chance.normal(size=(60, N_VALUES))
    n = EXACT + 2_500
    held = middles[chance.integers(0, 60, n)] + 0.5 * chance.normal(size=(n, N_VALUES))
    held = (held / np.linalg.norm(held, axis=1, keepdims=True)).astype(np.float32)
    metric = Metric(np.zeros(N_VALUES, np.float32), np.eye(N_VALUES, 16, dtype=np.float32))
    index = Nearest(metric)
    for start in range(0, n, 1_000):
        some = held[start : start + 1_000]
        index.add([str(at) for at in range(start, start + len(some))], some)
    placed = metric.place(held)
    hits = []
    for at in range(0, n, 200):
        exact = np.argsort(-(placed @ placed[at]), kind="stable")[:10]
        found = {each for each, _ in index.search(held[at], 10)}
        hits.append(len(found & {str(each) for each in exact}) / 10)
    assert 0.99 <= np.mean(hits)


def test_a_table_too_small_for_neighbors_and_a_classifier_has_a_signature_too():
    rows = health()
    found = check(case_of(rows[:30], rows[30:60])).signature.values
    assert np.isfinite(found).all()
