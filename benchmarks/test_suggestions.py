"""Every strategy against random labeling, and planted label errors, on real sets.

Area under the learning curve: accuracy of the built-in model on rows that are never labeled, by
how many labels it has, averaged over the steps and over the seeds. Run with ``-s`` for the table.
"""

from __future__ import annotations

import time

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_wine

from qforge_jupyter.engine.active_learning.asked import Asked
from qforge_jupyter.engine.active_learning.choosing import choose
from qforge_jupyter.engine.active_learning.committee import fit_predict
from qforge_jupyter.engine.active_learning.describing import describe_columns
from qforge_jupyter.engine.active_learning.matrices import make_matrices
from qforge_jupyter.engine.active_learning.pool import Pool
from qforge_jupyter.engine.active_learning.stopping import stop_by_stability
from qforge_jupyter.engine.active_learning.suggesting import SuggestCase, suggest
from qforge_jupyter.frames import Table

SEEDS = range(4)
FIRST, STEP, N_STEPS = 10, 10, 7
#: Strategies that learn which rows to ask for.
STRATEGIES = (
    "uncertainty-diversity", "margin", "least-confidence", "entropy", "density", "committee",
    "diversity",
)  # fmt: skip
SETS = {"digits": load_digits, "wine": load_wine, "breast cancer": load_breast_cancer}


def table_of(name):
    bunch = SETS[name]()
    names = [f"x{place}" for place in range(bunch.data.shape[1])]
    frame = pl.DataFrame(bunch.data, schema=names, orient="row")
    return frame, bunch.target.astype(np.int64)


def words():
    """Real sentences: documentation of installed packages, by which package each is from."""
    import inspect
    import re

    import scipy.stats
    import sklearn.ensemble
    import torch

    topics = {"stats": scipy.stats, "learn": sklearn.ensemble, "torch": torch}
    rows = []
    for topic, module in topics.items():
        texts = {
            re.sub(r"\s+", " ", part).strip()
            for _, member in sorted(vars(module).items(), key=lambda pair: pair[0])
            if callable(member)
            for part in (inspect.getdoc(member) or "").split("\n\n")[:6]
        }
        rows += [(each, topic) for each in sorted(texts) if 60 < len(each) < 400][:300]
    names = sorted(topics)
    body, topic = zip(*rows, strict=True)
    return pl.DataFrame({"body": body}), np.array([names.index(each) for each in topic])


def run(frame, truth, strategy, seed):
    """Label in steps; give the accuracy after each, and where predictions became stable."""
    rng = np.random.default_rng(seed)
    matrices = make_matrices(frame, describe_columns(frame), seed=seed)
    order = rng.permutation(len(truth))
    n_test = max(80, len(truth) // 4)
    tried, pool = order[:n_test], order[n_test : n_test + 600]
    n_classes = int(truth.max()) + 1
    labeled = list(pool[:FIRST])
    accuracies, predictions = [], []
    for _ in range(N_STEPS):
        rest = np.setdiff1d(pool, labeled)
        rows = np.concatenate([tried, rest])
        said = fit_predict(
            matrices, truth, np.array(labeled), rows, n_classes, seed=seed, n_trees=30
        )
        chosen = said.mean.argmax(axis=1)
        accuracies.append((chosen[:n_test] == truth[tried]).mean())
        predictions.append(chosen[:n_test])
        seen = Pool(
            matrices.points[rest], matrices.points[labeled], np.ones(len(rest)), seed,
            said=said.mean[n_test:], members=said.members[:, n_test:],
        )  # fmt: skip
        found = choose(seen, strategy, STEP)
        labeled += rest[found.order[:STEP]].tolist()
    return np.array(accuracies), stop_by_stability(predictions)


def areas(frame, truth, strategy, seeds=SEEDS):
    return np.array([run(frame, truth, strategy, seed)[0].mean() for seed in seeds])


@pytest.mark.parametrize("name", [*SETS, "texts"])
def test_every_strategy_beats_random_labeling(name):
    frame, truth = words() if name == "texts" else table_of(name)
    start = time.process_time()
    random = areas(frame, truth, "random")
    losers: list[tuple[str, str]] = []
    print(f"\n{name:14} random {random.mean():.3f}", end="")
    for strategy in STRATEGIES:
        area = areas(frame, truth, strategy)
        gain = area - random
        print(f" | {strategy} {area.mean():.3f} ({gain.mean():+.3f})", end="")
        losers += [(name, strategy)] if gain.mean() <= 0 else []
    print(f" | {time.process_time() - start:.0f} CPU s")
    assert not losers


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [("digits", 0.85, 0.8), ("wine", 0.75, 0.65), ("breast cancer", 0.8, 0.7)],
)
def test_planted_label_errors_are_found(name, precision, recall):
    frame, truth = table_of(name)
    found = []
    start = time.process_time()
    for seed in (0, 1, 2):
        rng = np.random.default_rng(seed)
        wrong = rng.choice(len(truth), len(truth) // 10, replace=False)
        labels = truth.copy()
        labels[wrong] = (labels[wrong] + rng.integers(1, truth.max() + 1, len(wrong))) % (
            truth.max() + 1
        )
        table = Table.of_frame(name, frame.with_columns(y=pl.Series(labels)))
        report = suggest(SuggestCase(table, Asked("y", find="errors", top=len(truth)), seed=seed))
        hits = len(set(report.rows["row"]) & set(wrong.tolist()))
        found.append((hits / report.rows.height, hits / len(wrong), report.share_wrong.value))
    mean = np.mean(found, axis=0)
    print(
        f"\n{name}: precision {mean[0]:.2f}, recall {mean[1]:.2f}, "
        f"expected share {mean[2]:.3f}, {(time.process_time() - start) / 3:.1f} CPU s a set"
    )
    assert mean[0] >= precision
    assert mean[1] >= recall


def test_ten_thousand_rows_take_seconds():
    from sklearn.datasets import make_classification

    values, labels = make_classification(10_000, 20, n_informative=8, n_classes=5, random_state=0)
    names = [f"x{place}" for place in range(20)]
    frame = pl.DataFrame(values, schema=names, orient="row").with_columns(y=pl.Series(labels))
    start = time.process_time()
    suggest(SuggestCase(Table.of_frame("t", frame), Asked("y", find="errors")))
    took = time.process_time() - start
    print(f"\n10,000 rows x 20 columns: {took:.1f} CPU s")
    assert took < 20
