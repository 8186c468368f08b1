"""Labels made of ratings, with what was known when they were drawn."""

from __future__ import annotations

import numpy as np
import pytest

from qforge_jupyter.engine.agreement.dawid_skene import dawid_skene
from qforge_jupyter.engine.agreement.majority import majority
from qforge_jupyter.engine.agreement.one_coin import one_coin
from qforge_jupyter.engine.agreement.ratings import read_ratings
from tests.engine.agreement.conftest import as_long, long

CONFUSION = np.array(
    [[[0.9, 0.1], [0.3, 0.7]], [[0.6, 0.4], [0.05, 0.95]], [[0.8, 0.2], [0.2, 0.8]]]
)


@pytest.fixture(scope="module")
def drawn():
    """30,000 items of two classes, 3 in 10 of the second, seen by three labelers of known error."""
    rng = np.random.default_rng(3)
    truth = (rng.random(30_000) < 0.3).astype(int)
    numbers = (rng.random((30_000, 3)) >= CONFUSION[:, truth, 0].T).astype(float)
    return truth, read_ratings(as_long(numbers), level="nominal")


def test_dawid_skene_finds_the_error_rates_that_made_the_data(drawn):
    found = dawid_skene(drawn[1])
    np.testing.assert_allclose(found.confusion, CONFUSION, atol=0.03)
    np.testing.assert_allclose(found.priors, [0.7, 0.3], atol=0.02)
    expected = [0.7 * 0.9 + 0.3 * 0.7, 0.7 * 0.6 + 0.3 * 0.95, 0.8]
    np.testing.assert_allclose(found.quality, expected, atol=0.02)


@pytest.mark.parametrize("aggregate", [dawid_skene, one_coin])
def test_one_who_knows_outweighs_two_who_guess(aggregate):
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 5_000)
    is_right = rng.random((5_000, 4)) < [0.95, 0.9, 0.2, 0.2]
    numbers = np.where(is_right, truth[:, None], rng.integers(0, 3, (5_000, 4))).astype(float)
    ratings = read_ratings(as_long(numbers), level="nominal")
    right = [
        (each(ratings).posteriors.argmax(axis=1) == truth).mean() for each in (majority, aggregate)
    ]
    assert right[1] > right[0] + 0.05, right


def test_its_posteriors_are_as_sure_as_they_are_right(drawn):
    truth, ratings = drawn
    posteriors = dawid_skene(ratings).posteriors
    label, sure = posteriors.argmax(axis=1), posteriors.max(axis=1)
    patterns = [sure == each for each in np.unique(sure)]
    judged = [part for part in patterns if part.sum() > 500]
    assert len(judged) > 4
    for part in judged:
        assert (label[part] == truth[part]).mean() == pytest.approx(sure[part].mean(), abs=0.05)


def test_one_coin_finds_accuracies_from_a_few_ratings_of_many_labelers():
    rng = np.random.default_rng(5)
    accuracy = rng.uniform(0.4, 0.95, 300)
    truth = rng.integers(0, 4, 2_000)
    numbers = np.full((2_000, 300), np.nan)
    for item in range(2_000):
        who = rng.choice(300, 5, replace=False)
        wrong = (truth[item] + rng.integers(1, 4, 5)) % 4
        numbers[item, who] = np.where(rng.random(5) < accuracy[who], truth[item], wrong)
    ratings = read_ratings(as_long(numbers), level="nominal")
    few, many = one_coin(ratings), dawid_skene(ratings)
    assert np.corrcoef(few.quality, accuracy)[0, 1] > 0.8
    right = [(each.posteriors.argmax(axis=1) == truth).mean() for each in (few, many)]
    assert right[0] > right[1]


def test_a_tie_stays_open_and_says_so():
    frame = long([(1, "a", "x"), (1, "b", "y"), (2, "a", "x"), (2, "b", "x")])
    ratings = read_ratings(frame)
    labels = majority(ratings).labels(ratings)
    assert labels.rows() == [(1, None, 0.5, 2, True), (2, "x", 1.0, 2, False)]


def test_work_that_does_not_settle_says_so(drawn):
    found = dawid_skene(drawn[1], max_iterations=2)
    assert (found.is_converged, found.n_iterations) == (False, 2)


def test_a_labeler_of_whom_nothing_is_known_has_no_quality_by_majority():
    frame = long([(1, "a", "x"), (1, "b", "y")])
    assert np.isnan(majority(read_ratings(frame)).quality).all()
