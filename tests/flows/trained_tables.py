"""Real tables to train on, and a model that is trained on them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
from sklearn.datasets import load_diabetes, load_wine
from sklearn.linear_model import Ridge

from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.engine.splitting import SplitCase, split
from qforge_jupyter.frames import Table
from qforge_jupyter.results.split import Split


def table_of(bunch: Any) -> pl.DataFrame:
    return pl.DataFrame(bunch.frame.to_dict("list"))


DIABETES = table_of(load_diabetes(as_frame=True))
WINE = table_of(load_wine(as_frame=True)).with_columns(
    kind=pl.col("target").replace_strict({0: "barolo", 1: "grignolino", 2: "barbera"})
)
WINE = WINE.drop("target")


def split_of(frame: pl.DataFrame, **plan: Any) -> Split:
    table = Table.of_frame("rows", frame)
    return replace(split(SplitCase(table, SplitPlan(**plan))), fingerprint=table.fingerprint)


def ridge(X_train: Any, y_train: Any) -> Any:  # noqa: N803 — scikit-learn's name
    return Ridge(alpha=0.1).fit(X_train, y_train)
