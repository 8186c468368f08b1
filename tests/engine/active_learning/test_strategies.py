"""Every strategy, as a family and by what it has to choose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qforge_jupyter.engine.active_learning.choosing import choose
from qforge_jupyter.engine.active_learning.pool import Pool, entropy_of
from qforge_jupyter.engine.active_learning.spreading import spread
from qforge_jupyter.engine.active_learning.strategies import STRATEGIES
from qforge_jupyter.errors import CallError

NAMES = STRATEGIES.names()
RNG = np.random.default_rng(0)
MEMBERS = RNG.dirichlet(np.ones(3), (2, 60))
VOTES = RNG.dirichlet(np.ones(3), 60)
POOL = Pool(
    RNG.normal(size=(60, 4)).astype(np.float32),
    RNG.normal(size=(10, 4)).astype(np.float32),
    np.ones(60),
    7,
    said=MEMBERS.mean(axis=0),
    members=MEMBERS,
    given=RNG.integers(0, 3, 60),
    votes=VOTES,
    quality=RNG.random(60),
)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_explained_and_says_why_a_row_was_chosen(name):
    member = STRATEGIES.get(name)
    assert (member.__doc__ or "").lower().startswith(name.split("-")[0])
    assert member.REASON
    assert isinstance(member.NEEDS_MODEL, bool)


@pytest.mark.parametrize("name", NAMES)
def test_it_orders_every_row_once_and_the_worth_falls(name):
    choice = choose(POOL, name, 5)
    assert list(range(60)) == sorted(choice.order.tolist())
    assert (np.diff(choice.worth[choice.order]) <= 0).all()
    assert np.isfinite(choice.worth).all()
    assert (choice.worth >= 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_choice(name):
    assert (choose(POOL, name, 5).order == choose(POOL, name, 5).order).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_row_that_costs_much_is_worth_less(name):
    first = int(choose(POOL, name, 5).order[0])
    weights = np.ones(60)
    weights[first] = 1e-6
    assert first not in choose(replace(POOL, weights=weights), name, 5).order[:5].tolist()


@pytest.mark.parametrize("name", [name for name in NAMES if STRATEGIES.get(name).NEEDS_MODEL])
def test_without_a_model_it_says_what_to_do(name):
    with pytest.raises(CallError, match="needs labels of at least two classes"):
        choose(replace(POOL, said=None, members=None), name, 5)


@pytest.mark.parametrize(
    ("name", "said"),
    [("disagreement", "--labelers"), ("low-score", "score the table"), ("label-error", "no row")],
)
def test_it_declines_with_its_reason_what_nothing_tells(name, said):
    empty = replace(POOL, votes=None, quality=None, given=np.full(60, -1))
    with pytest.raises(CallError, match=said):
        choose(empty, name, 5)


def test_an_unknown_strategy_is_told_with_the_nearest():
    with pytest.raises(CallError, match="did you mean 'entropy'"):
        choose(POOL, "entropi", 5)


def two(said):
    points = np.arange(len(said), dtype=np.float32)[:, None]
    members = np.array([said, said], dtype=float)
    return Pool(points, points[:0], np.ones(len(said)), 1, said=members[0], members=members)


@pytest.mark.parametrize("name", ["entropy", "margin", "least-confidence"])
def test_uncertainty_takes_the_most_open_prediction(name):
    pool = two([[0.9, 0.1], [0.5, 0.5], [0.3, 0.7], [1.0, 0.0]])
    assert [1, 2, 0, 3] == choose(pool, name, 1).order.tolist()


def test_margin_and_least_confidence_differ_where_a_third_class_is_likely():
    pool = two([[0.45, 0.44, 0.11], [0.4, 0.3, 0.3]])
    assert 0 == choose(pool, "margin", 1).order[0]
    assert 1 == choose(pool, "least-confidence", 1).order[0]


def test_a_committee_asks_where_its_members_contradict_each_other():
    pool = two([[0.5, 0.5], [0.5, 0.5]])
    members = np.array([[[0.5, 0.5], [0.9, 0.1]], [[0.5, 0.5], [0.1, 0.9]]])
    assert [1, 0] == choose(replace(pool, members=members), "committee", 1).order.tolist()


def test_density_leaves_the_outlier_for_later():
    points = np.array([[1.0, 0.1 * n] for n in range(9)] + [[-1.0, 0.0]], dtype=np.float32)
    pool = Pool(points, points[:0], np.ones(10), 1, said=np.full((10, 2), 0.5))
    assert 9 != choose(pool, "density", 1).order[0]
    assert 9 == choose(pool, "diversity", 2).order[1]


@pytest.mark.parametrize("name", ["entropy", "density", "uncertainty-diversity", "diversity"])
def test_a_batch_does_not_hold_the_same_row_twice_while_there_are_others(name):
    points = np.array([[1.0, 0.0]] * 8 + [[0.0, 1.0], [0.7, 0.7]], dtype=np.float32)
    pool = Pool(points, points[:0], np.ones(10), 1, said=np.full((10, 2), 0.5))
    chosen = choose(pool, name, 3).order[:3]
    assert 3 == len({tuple(points[each]) for each in chosen})


def test_low_scores_come_first_and_rows_without_a_score_last():
    pool = replace(POOL, quality=np.array([0.9, 0.1, np.nan] + [1.0] * 57))
    order = choose(pool, "low-score", 5).order.tolist()
    assert [1, 0] == order[:2]


def test_disagreement_takes_the_row_on_which_labelers_are_split():
    votes = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [np.nan] * 3] + [[0.0, 1.0, 0.0]] * 57)
    assert 1 == choose(replace(POOL, votes=votes), "disagreement", 1).order[0]


def test_label_error_takes_the_label_that_the_model_denies():
    said = np.full((60, 3), 1 / 3)
    said[5] = [0.98, 0.01, 0.01]
    given_ = np.zeros(60, dtype=np.int64)
    given_[5] = 2
    assert 5 == choose(replace(POOL, said=said, given=given_), "label-error", 1).order[0]


def test_k_center_is_at_most_twice_as_far_as_the_best_choice():
    centers = np.array([[0, 0], [50, 0], [0, 50], [50, 50], [25, 25]], dtype=np.float32)
    points = (np.repeat(centers, 20, axis=0) + RNG.normal(size=(100, 2))).astype(np.float32)
    chosen = np.argsort(-spread(points, points[:1], np.ones(100), 4), kind="stable")[:4]
    taken = points[[0, *chosen]]
    reach = np.sqrt(((points[:, None] - taken[None]) ** 2).sum(-1)).min(axis=1).max()
    best = np.sqrt(((points[:, None] - centers[None]) ** 2).sum(-1)).min(axis=1).max()
    assert reach <= 2 * best
    assert len({int(each) // 20 for each in [0, *chosen]}) == 5


@given(st.integers(1, 40), st.integers(0, 5), st.integers(1, 50), st.integers(0, 999))
def test_distances_at_the_time_of_choosing_never_grow(n, n_taken, wanted, seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 3)).astype(np.float32)
    taken = rng.normal(size=(n_taken, 3)).astype(np.float32)
    worth = spread(points, taken, np.ones(n), wanted)
    chosen = np.argsort(-worth, kind="stable")[: min(wanted, n)]
    assert (np.diff(worth[chosen]) <= 1e-3).all()
    assert worth.shape == (n,)


@given(st.integers(2, 8), st.integers(0, 999))
def test_entropy_lies_between_none_and_one(n_classes, seed):
    found = entropy_of(np.random.default_rng(seed).dirichlet(np.ones(n_classes) * 0.1, 20))
    assert (found >= 0).all()
    assert (found <= 1 + 1e-12).all()
