"""Rows of the reference as rows of the candidate."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair, as_type

Places = NDArray[np.int64]


def with_rows(case: FixCase, keep: Places, added: pl.DataFrame, sentence: str) -> Repair:
    """Put rows under some of the candidate's; columns that these lack are null in them.

    Parameters
    ----------
    case
        The candidate.
    keep
        Its rows that stay.
    added
        Rows with columns of the reference.

    """
    kept = case.candidate[keep]
    named = {*case.keys, *(n for n, why in case.choice.left_out.items() if why == "names rows")}
    columns = []
    for name, dtype in case.candidate.schema.items():
        own = kept.get_column(name)
        if name in named:
            new = _fresh(case.candidate.get_column(name), added.height)
        elif name in added.columns:
            new = as_type(added.get_column(name), dtype)
        else:
            new = pl.Series(name, [None] * added.height, dtype=dtype)
        # Where an Enum lacks a level, both are text from here on.
        own = own.cast(new.dtype) if own.dtype != new.dtype else own
        columns.append(pl.concat([own.alias(name), new.alias(name)]))
    rows = np.concatenate([keep, np.full(added.height, -1)])
    n_gone = case.n - len(keep)
    return Repair(pl.DataFrame(columns), rows, sentence, max(added.height, n_gone))


def _fresh(names: pl.Series, n: int) -> pl.Series:
    """Make names that no row has.

    Examples
    --------
    >>> _fresh(pl.Series([3, 7]), 2).to_list(), _fresh(pl.Series(["a", "new-2"]), 2).to_list()
    ([8, 9], ['new-1', 'new-3'])

    """
    if names.dtype.is_integer():
        first = int(names.max() or 0) + 1  # type: ignore[arg-type]
        return pl.Series(range(first, first + n), dtype=names.dtype)
    if names.dtype != pl.String:
        return pl.Series([None] * n, dtype=names.dtype)
    taken = set(names.drop_nulls())
    free = (f"new-{i}" for i in range(1, n + len(taken) + 1))
    return pl.Series([name for name in free if name not in taken][:n], dtype=pl.String)
