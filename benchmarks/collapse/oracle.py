"""How useful candidate rows are, judged on real rows; fixed before any check was run.

Utility kept = skill of a model trained on the candidate over the skill of the
same model trained on as many fresh real rows, both tested on real rows that
neither was trained on. 0.9 and more is healthy, below 0.7 degraded; what lies
between is left out of the false alarms, and counted.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.collapse.view import codes

HEALTHY, DEGRADED = 0.9, 0.7
AT_MOST_ROWS, AT_MOST_TARGETS, AT_MOST_CLASSES, LEAST_SKILL = 2_000, 5, 30, 0.1


def utility_kept(
    candidate: pl.DataFrame,
    source: pl.DataFrame,
    test: pl.DataFrame,
    target: str,
    numbers: list[str],
) -> float | None:
    """Give the share of the skill that is kept, or None where there is no skill to keep."""
    usable = [c.name for c in source if c.name in numbers or c.n_unique() <= AT_MOST_CLASSES]
    names = [target] if target else evenly(usable, AT_MOST_TARGETS)
    kept = had = 0.0
    for name in names:
        real = skill(source, source, test, name, is_number=name in numbers)
        if real >= LEAST_SKILL:
            had += real
            kept += max(0.0, skill(candidate, source, test, name, is_number=name in numbers))
    return kept / had if had else None


def skill(
    train: pl.DataFrame, fitted: pl.DataFrame, test: pl.DataFrame, name: str, *, is_number: bool
) -> float:
    """Explained share of a number's variance, or of the Brier score of the classes' shares."""
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    columns = [column for column in train.columns if column != name]
    train, test = (side.drop_nulls(name).head(AT_MOST_ROWS) for side in (train, test))
    if min(train.height, test.height) < 30:
        return 0.0
    x, x_test = (np.nan_to_num(codes(side.select(columns), fitted.select(columns)), nan=-999.0)
                 for side in (train, test))  # fmt: skip
    y, y_test = (np.nan_to_num(codes(side.select(name), fitted.select(name))[:, 0], nan=-1.0)
                 for side in (train, test))  # fmt: skip
    if is_number:
        model = ExtraTreesRegressor(60, min_samples_leaf=3, random_state=0).fit(x, y)
        truth = np.clip(y_test, *np.quantile(y_test, [0.01, 0.99]))
        return float(1 - np.mean((truth - model.predict(x_test)) ** 2) / (np.var(truth) or 1.0))
    levels, place = np.unique(np.concatenate([y, y_test]), return_inverse=True)
    forest = ExtraTreesClassifier(60, min_samples_leaf=3, random_state=0).fit(x, place[: len(y)])
    guess = np.zeros((len(y_test), len(levels)))
    guess[:, forest.classes_] = forest.predict_proba(x_test)
    truth = place[len(y) :, None] == np.arange(len(levels))
    blind = float(np.sum(truth.mean(axis=0) * (1 - truth.mean(axis=0))))
    return 1 - float(np.mean(np.sum((guess - truth) ** 2, axis=1))) / blind if blind else 0.0


def evenly(names: list[str], many: int) -> list[str]:
    """Choose names at equal distances."""
    return [names[i] for i in np.unique(np.linspace(0, len(names) - 1, many).astype(int))]
