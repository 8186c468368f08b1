"""Class balance of grouped folds, beside scikit-learn's StratifiedGroupKFold."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.engine.splitting import SplitCase, split
from qforge_jupyter.frames import Table

N_FOLDS = 5


def table(n_rows, n_groups, n_classes, seed):
    """Give groups of uneven size, each with a class that it favours."""
    random = np.random.default_rng(seed)
    group = random.integers(0, n_groups, n_rows)
    label = random.choice(n_classes, n_rows, p=random.dirichlet(np.ones(n_classes)))
    favoured = random.integers(0, n_classes, n_groups)
    is_favoured = random.random(n_rows) < 0.5
    label[is_favoured] = favoured[group[is_favoured]]
    return group, label


def imbalance(label, fold):
    """Give the largest and the mean |share of a class in a fold - its share in all|."""
    n_classes = label.max() + 1
    overall = np.bincount(label, minlength=n_classes) / len(label)
    off = [
        np.abs(np.bincount(label[fold == k], minlength=n_classes) / (fold == k).sum() - overall)
        for k in range(N_FOLDS)
    ]
    return np.max(off), np.mean(off)


def ours(group, label):
    frame = pl.DataFrame({"id": range(len(group)), "group": group, "label": label})
    plan = SplitPlan(folds=N_FOLDS, group=["group"], stratify=["label"], key=["id"])
    found = split(SplitCase(Table.of_frame("t", frame), plan))
    return imbalance(label, found.assignment["fold_1"].to_numpy())


def theirs(group, label):
    fold = np.empty(len(label), dtype=int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folds = StratifiedGroupKFold(N_FOLDS).split(np.zeros(len(label)), label, group)
        for number, (_, validation) in enumerate(folds):
            fold[validation] = number
    return imbalance(label, fold)


@pytest.mark.parametrize(
    ("n_rows", "n_groups", "n_classes"),
    [(300, 40, 2), (1_000, 100, 4), (2_000, 300, 5), (5_000, 1_000, 3), (20_000, 5_000, 10)],
)
def test_folds_are_balanced_as_well_as_scikit_learns(n_rows, n_groups, n_classes):
    pairs = [
        (ours(*case), theirs(*case))
        for case in (table(n_rows, n_groups, n_classes, seed) for seed in range(4))
    ]
    largest, mean = (np.mean([[a[i], b[i]] for a, b in pairs], axis=0) for i in (0, 1))
    assert largest[0] <= largest[1]
    assert mean[0] <= mean[1]
    # Which rows a fold gets decides the last of them; what one row weighs is the measure.
    one_row = N_FOLDS / n_rows
    assert all(a[0] <= b[0] + one_row for a, b in pairs)
