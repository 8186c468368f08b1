"""Suspected labels where the truth is known by construction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qforge_jupyter.engine.active_learning.label_errors import expected_share, find_label_errors


def said_of(truth, n_classes, certainty=0.9):
    rest = (1 - certainty) / (n_classes - 1)
    return np.where(np.eye(n_classes)[truth] == 1, certainty, rest)


def flipped(n, n_classes, share, seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_classes, n)
    wrong = rng.choice(n, round(share * n), replace=False)
    labels = truth.copy()
    labels[wrong] = (labels[wrong] + rng.integers(1, n_classes, len(wrong))) % n_classes
    return truth, labels, set(wrong.tolist())


@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_a_model_that_knows_the_truth_finds_every_flip_and_nothing_else(n_classes):
    truth, labels, wrong = flipped(1_000, n_classes, 0.1, 1)
    found = find_label_errors(labels, said_of(truth, n_classes), seed=1)
    assert wrong == set(found.order.tolist())
    assert (truth == found.proposed).all()
    assert 0.1 == pytest.approx(found.share.value, abs=1e-9)
    assert found.share.low < 0.1 < found.share.high


def test_the_worst_come_first():
    truth, labels, _ = flipped(500, 3, 0.1, 2)
    rng = np.random.default_rng(3)
    said = said_of(truth, 3) * rng.uniform(0.5, 1.0, (500, 3))
    said /= said.sum(axis=1, keepdims=True)
    found = find_label_errors(labels, said, seed=1)
    own = said[np.arange(500), labels]
    assert (np.diff(own[found.order]) >= 0).all()
    assert found.loss == pytest.approx(-np.log(own))


def test_clean_labels_are_not_suspected():
    truth, _, _ = flipped(300, 4, 0.0, 1)
    found = find_label_errors(truth, said_of(truth, 4), seed=1)
    assert not found.is_suspected.any()
    assert 0.0 == found.share.value


def test_the_interval_covers_the_share_as_often_as_it_says():
    hits = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, 3, 400)
        labels = np.where(rng.random(400) < 0.1, (truth + 1) % 3, truth)
        share = expected_share(labels, said_of(truth, 3), seed=seed)
        hits += share.low <= 0.1 <= share.high
    assert 180 <= hits <= 199


@given(st.integers(2, 6), st.integers(0, 10_000), st.floats(0, 0.3))
def test_what_is_suspected_is_never_what_the_model_proposes(n_classes, seed, share):
    truth, labels, _ = flipped(120, n_classes, share, seed)
    labels[:n_classes] = range(n_classes)
    rng = np.random.default_rng(seed)
    said = rng.dirichlet(np.ones(n_classes), 120) * 0.5 + 0.5 * said_of(truth, n_classes)
    found = find_label_errors(labels, said, seed=seed)
    assert (found.proposed[found.is_suspected] != labels[found.is_suspected]).all()
    assert 0 <= found.share.low <= found.share.value <= found.share.high <= 1
