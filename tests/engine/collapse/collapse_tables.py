"""Real tables for the collapse check, dealt into a candidate and a reference."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.checking import check
from qforge_jupyter.frames import Table


@cache
def real(name):
    """Read a table that ships with a package."""
    import sklearn.datasets
    import statsmodels.datasets

    if name in ("breast_cancer", "diabetes", "digits"):
        held = getattr(sklearn.datasets, f"load_{name}")()
        names = [f"x{index}" for index in range(held.data.shape[1])]
        frame = pl.DataFrame(held.data, schema=names)
        return frame.with_columns(target=pl.Series(held.target))
    return pl.from_pandas(getattr(statsmodels.datasets, name).load_pandas().data)


def halves(name, n, seed=0):
    """Deal rows of a table into two fresh samples of at most n."""
    table = real(name)
    order = np.random.default_rng(seed).permutation(table.height)
    n = min(n, table.height // 2)
    return table[order[:n]], table[order[n : 2 * n]]


def checked(candidate, reference, **options):  # noqa: ANN003 — keys of a case
    """Check one frame against another."""
    return check(
        CollapseCase(
            Table.of_frame("synth", candidate), Table.of_frame("real", reference), **options
        )
    )
