"""Halves of real tables, and damages of known kinds."""

from functools import cache

import numpy as np
import polars as pl

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.frames import Table

NUMBERS = ("lncoins", "lpi", "disea")


@cache
def health():
    """Visits to a doctor and insurance (RAND Health Insurance Experiment), in a random order."""
    from statsmodels.datasets import randhie

    rows = pl.from_pandas(randhie.load_pandas().data)
    rows = rows.select("mdvis", *NUMBERS, "physlm", pl.col("hlthg").cast(pl.String).alias("good"))
    return rows.sample(fraction=1, shuffle=True, seed=7)


def sides(n=1_200, m=1_600):
    rows = health()
    return rows[:n], rows[n : n + m]


def shrunk(rows, share=0.4):
    return rows.with_columns(
        pl.col(name).mean() + (pl.col(name) - pl.col(name).mean()) * share for name in NUMBERS
    )


def scrambled(rows, seed=0):
    chance = np.random.default_rng(seed)
    return rows.with_columns(
        pl.col(name).gather(chance.permutation(rows.height)) for name in rows.columns
    )


def repeated(rows, share=0.4):
    n = int(rows.height * share)
    return pl.concat([rows.head(rows.height - n), rows.head(n)])


def without_a_mode(rows):
    return rows.filter(pl.col("lncoins") > 0)


def case_of(candidate, reference, target=""):
    return CollapseCase(
        Table.of_frame("synth", candidate), Table.of_frame("real", reference), target=target
    )
