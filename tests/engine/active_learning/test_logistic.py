"""The linear model by torch, on the CPU: it finds what scikit-learn finds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import scale

from qforge_jupyter import device_memory
from qforge_jupyter.engine.active_learning import batching
from qforge_jupyter.engine.active_learning.batching import cut
from qforge_jupyter.engine.active_learning.logistic import Logistic

SETS = {"digits": load_digits, "wine": load_wine, "breast cancer": load_breast_cancer}
#: Both end where no slope of the mean loss is steeper than 1e-6: so near the minimum a
#: probability of these sets is off by 2e-4 at most (against a fit in float64 to 1e-9).
NEAR = 5e-4


def rows_of(name):
    bunch = SETS[name]()
    return scale(bunch.data).astype(np.float32), bunch.target.astype(np.int64)


def by_scikit_learn(rows, codes, strength=1.0):
    exact = rows.astype(np.float64)
    model = LogisticRegression(C=strength, solver="newton-cg", tol=1e-9, max_iter=1_000)
    return model.fit(exact, codes).predict_proba(exact)


@pytest.mark.parametrize("name", SETS)
def test_probabilities_are_those_of_scikit_learn(name):
    rows, codes = rows_of(name)
    found = Logistic(1.0).fit(rows, codes).predict_proba(rows)
    np.testing.assert_allclose(found, by_scikit_learn(rows, codes), atol=NEAR)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_texts_stay_sparse_and_give_the_same():
    rows, codes = rows_of("digits")
    rows = np.where(np.abs(rows) > 1, rows, 0).astype(np.float32)
    dense = Logistic(10.0).fit(rows, codes).predict_proba(rows)
    sparse = csr_matrix(rows)
    assert all(
        each.rows.is_sparse_csr and each.turned.is_sparse_csr for each in cut(sparse, 500, "cpu")
    )
    found = Logistic(10.0).fit(sparse, codes).predict_proba(sparse)
    np.testing.assert_allclose(found, dense, atol=NEAR)


@pytest.mark.parametrize("is_sparse", [False, True])
def test_rows_that_come_in_many_batches_give_the_same(is_sparse, monkeypatch):
    rows, codes = rows_of("wine")
    rows = csr_matrix(rows) if is_sparse else rows
    whole = Logistic().fit(rows, codes).predict_proba(rows)
    monkeypatch.setattr(device_memory, "MOST_ON_CPU", 4_000)
    row_bytes = batching.bytes_of_row(rows)
    assert 4_000 // row_bytes < 178 / 2
    np.testing.assert_allclose(Logistic().fit(rows, codes).predict_proba(rows), whole, atol=1e-6)


def test_wider_than_long_and_without_a_spread_it_ends():
    rng = np.random.default_rng(0)
    rows = random_array((40, 5_000), density=0.01, dtype=np.float32, rng=rng).tocsr()
    codes = rng.integers(0, 3, 40)
    found = Logistic(10.0).fit(rows, codes).predict_proba(rows)
    np.testing.assert_allclose(found, by_scikit_learn(rows, codes, 10.0), atol=NEAR)
    flat = np.zeros((30, 2), dtype=np.float32)
    said = Logistic().fit(flat, codes[:30]).predict_proba(flat[:1])[0]
    # Nothing is known but how frequent each class is.
    np.testing.assert_allclose(said, np.bincount(codes[:30]) / 30, atol=1e-5)


def test_classes_keep_their_codes():
    rows = np.array([[0.0], [1.0], [2.0]], dtype=np.float32)
    assert [3, 7] == Logistic().fit(rows, np.array([7, 3, 3])).classes_.tolist()
