"""What balanced group folds cost, beside scikit-learn's in the same run."""

from __future__ import annotations

import time

import numpy as np
import polars as pl
from sklearn.model_selection import StratifiedGroupKFold

from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.engine.splitting import SplitCase, split
from qforge_jupyter.frames import Table

N_ROWS, N_GROUPS, N_CLASSES, N_FOLDS = 1_000_000, 50_000, 10, 5


def rows() -> pl.DataFrame:
    """Give groups of about 20 rows, each with a class that it favours."""
    random = np.random.default_rng(1)
    group = random.integers(0, N_GROUPS, N_ROWS)
    label = random.choice(N_CLASSES, N_ROWS, p=random.dirichlet(np.ones(N_CLASSES)))
    favoured = random.integers(0, N_CLASSES, N_GROUPS)
    is_favoured = random.random(N_ROWS) < 0.5
    label[is_favoured] = favoured[group[is_favoured]]
    return pl.DataFrame({"id": range(N_ROWS), "group": group, "label": label})


def worst(label: np.ndarray, fold: np.ndarray) -> float:
    overall = np.bincount(label, minlength=N_CLASSES) / len(label)
    held = [np.bincount(label[fold == k], minlength=N_CLASSES) for k in range(N_FOLDS)]
    return max(np.abs(each / each.sum() - overall).max() for each in held)


def test_a_million_rows_in_fifty_thousand_groups_fold_in_a_cpu_second():
    table = Table.of_frame("rows", rows())
    plan = SplitPlan(folds=N_FOLDS, group=["group"], stratify=["label"], key=["id"])
    label, group = (table.frame[name].to_numpy() for name in ("label", "group"))
    seconds = []
    for _ in range(3):
        started = time.process_time()
        found = split(SplitCase(table, plan))
        seconds.append(time.process_time() - started)
    fold = np.empty(N_ROWS, dtype=int)
    started = time.process_time()
    folds = StratifiedGroupKFold(N_FOLDS).split(np.zeros(N_ROWS), label, group)
    for number, (_, validation) in enumerate(folds):
        fold[validation] = number
    theirs = time.process_time() - started
    off = worst(label, found.assignment["fold_1"].to_numpy()), worst(label, fold)
    print(
        f"\nstratified group 5-fold, 1M rows, 50,000 groups, 10 classes: "
        f"{min(seconds):.2f} CPU s; scikit-learn {theirs:.2f} CPU s; "
        f"ratio {theirs / min(seconds):.1f}; worst class share off by {off[0]:.1e} and {off[1]:.1e}"
    )
    assert min(seconds) <= 1.0
    assert off[0] <= off[1]
