"""What else can be asked whether two tables are alike, each in its plain form."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
import polars as pl

from benchmarks.collapse.methods import Answer, Question
from benchmarks.collapse.packages import is_installed
from benchmarks.collapse.view import codes, metric

N_FEATURES = 256


def sides(asked: Question) -> tuple[pl.DataFrame, int]:
    """Pool the two tables: candidate first, and its number of rows."""
    return pl.concat([asked.candidate, asked.reference]), asked.candidate.height


def c2st(asked: Question) -> Answer:
    """AUC of gradient-boosted trees between the tables, two folds crossed."""
    from sklearn.metrics import roc_auc_score

    pooled, n = sides(asked)
    x = codes(pooled)
    y = np.arange(len(x)) < n
    fold = np.random.default_rng(asked.seed).permutation(len(x)) % 2
    areas = []
    for held in (0, 1):
        learner = booster(asked.seed).fit(x[fold != held], y[fold != held])
        guess = learner.predict_proba(x[fold == held])[:, 1]
        areas.append(float(roc_auc_score(y[fold == held], guess)))
    return Answer(statistic=float(np.mean(areas)))


def booster(seed: int) -> Any:
    """LightGBM where it is installed, else scikit-learn's like."""
    warnings.filterwarnings("ignore", message=".*feature names.*")
    if is_installed("lightgbm"):
        from lightgbm import LGBMClassifier

        return LGBMClassifier(n_estimators=100, verbose=-1, n_jobs=1, random_state=seed)
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=100, random_state=seed)


def rff_mmd(asked: Question) -> Answer:
    """Squared MMD of a Gaussian kernel by random Fourier features, width by the median rule."""
    pooled, n = sides(asked)
    x = metric(pooled)
    rng = np.random.default_rng(asked.seed)
    few = x[rng.choice(len(x), min(400, len(x)), replace=False)]
    squares = (few**2).sum(1)
    distance = np.maximum(squares[:, None] + squares - 2 * few @ few.T, 0)
    width = float(np.sqrt(np.median(distance[np.triu_indices(len(few), 1)]) / 2)) or 1.0
    phase = x @ rng.normal(size=(x.shape[1], N_FEATURES)).astype(np.float32) / width
    view = np.concatenate([np.cos(phase), np.sin(phase)], axis=1)
    gap = view[:n].mean(0) - view[n:].mean(0)
    within = view[:n].var(0).sum() / n + view[n:].var(0).sum() / (len(x) - n)
    return Answer(statistic=float((gap @ gap - within) / N_FEATURES))


def bonferroni(asked: Question) -> Answer:
    """Two-sample KS for numbers, chi² for the rest; the least p-value times their number."""
    from scipy.stats import chi2_contingency, ks_2samp

    least: list[float] = []
    for name in asked.reference.columns:
        pair = [side[name].drop_nulls() for side in (asked.candidate, asked.reference)]
        if not all(len(column) for column in pair):
            continue
        if pair[0].dtype.is_numeric():
            least.append(
                float(ks_2samp(pair[0].to_numpy(), pair[1].to_numpy(), method="asymp").pvalue)
            )
            continue
        counts = (
            pair[0].value_counts(name="s").join(pair[1].value_counts(name="r"), on=name, how="full")
        )
        table = counts.select(pl.col("s", "r").fill_null(0)).to_numpy().T
        common = table.sum(axis=0) >= 10
        rest = table[:, ~common].sum(axis=1, keepdims=True)
        table = np.hstack([table[:, common], rest]) if rest.sum() else table[:, common]
        if table.shape[1] > 1:
            least.append(float(chi2_contingency(table).pvalue))
    p = min(1.0, min(least, default=1.0) * max(1, len(least)))
    return Answer(statistic=-np.log10(max(p, 1e-300)), p_value=p)


def quality_report(asked: Question) -> Answer:
    """One minus SDMetrics' QualityReport of one table."""
    logging.getLogger("sdmetrics").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sdmetrics.reports.single_table import QualityReport

        pooled, n = sides(asked)
        kinds = {
            name: {"sdtype": "numerical" if kind.is_numeric() else "categorical"}
            for name, kind in pooled.schema.items()
        }
        report = QualityReport()
        both = pooled.to_pandas()
        report.generate(both[n:].reset_index(drop=True), both[:n].reset_index(drop=True),
                        {"columns": kinds}, verbose=False)  # fmt: skip
        score = float(report.get_score())
    return Answer(statistic=1 - score, score=100 * score)
