"""Rows whose band changed from one scoring to the next, and the dimension that moved each.

The overall score is a weighed mean, so its change is the sum of what each dimension's part of it
changed by. The dimension whose part changed most in the direction of the whole is the one named.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.results.score import ScoreReport

Places = NDArray[np.int64]
Floats = NDArray[np.float64]


def band_moves(
    before: ScoreReport, after: ScoreReport, pairs: tuple[Places, Places] | None = None
) -> pl.DataFrame:
    """Compare two scored states of a table, row by row.

    Parameters
    ----------
    before, after
        The reports, by the same card.
    pairs
        Positions of the rows that both have; None where row stands beside row.

    Returns
    -------
    polars.DataFrame
        ``row_before``, ``row_after``, ``from``, ``to``, ``component`` (the dimension),
        ``change`` (of the overall score) and ``part`` (the component's share of it, in points
        of the overall score).

    Examples
    --------
    >>> from qforge_jupyter.engine.case import Case
    >>> from qforge_jupyter.engine.scoring import score
    >>> from qforge_jupyter.frames import Table
    >>> card = Scorecard(required="gap", ranges={"gap": "0 .. 5"}, ml_ready="overall >= .8")
    >>> states = [pl.DataFrame({"gap": [1.0, gap]}) for gap in (2.0, 9.0)]
    >>> old, new = (score(Case(Table.of_frame("t", each), card)) for each in states)
    >>> band_moves(old, new).select("row_after", "from", "to", "component").rows()
    [(1, 'excellent', 'exclude', 'validity')]

    """
    if pairs is None:
        every = np.arange(min(before.n_rows, after.n_rows))
        pairs = (every, every)
    bands = [report.rows["band"].cast(pl.String) for report in (before, after)]
    old_band, new_band = (band.gather(at) for band, at in zip(bands, pairs, strict=True))
    moved = np.flatnonzero((old_band != new_band).to_numpy())
    at = (pairs[0][moved], pairs[1][moved])
    names, old = _parts(before, at[0])
    _, new = _parts(after, at[1])
    change = new - old
    whole = change.sum(axis=1)
    # A band can change with no score, too: then what moved most, whichever way.
    ahead = np.where(whole[:, None] == 0, np.abs(change), change * np.sign(whole)[:, None])
    which = ahead.argmax(axis=1) if len(names) else np.zeros(len(moved), dtype=np.int64)
    rows = np.arange(len(moved))
    return pl.DataFrame({
        "row_before": at[0],
        "row_after": at[1],
        "from": old_band.gather(moved),
        "to": new_band.gather(moved),
        "component": pl.Series([names[each] for each in which], dtype=pl.String),
        "change": whole,
        "part": change[rows, which],
    })  # fmt: skip


def count_moves(moves: pl.DataFrame) -> tuple[tuple[str, str, str, int], ...]:
    """Count the rows by from, to and component, the most first."""
    counted = moves.group_by("from", "to", "component").len("n")
    counted = counted.sort("n", "from", "to", "component", descending=[True, False, False, False])
    return tuple(counted.rows())


def _parts(report: ScoreReport, at: Places) -> tuple[list[str], Floats]:
    """Give what each dimension adds to the overall score of some rows."""
    shares = Scorecard(**report.card).shares()
    names = [name for name, share in shares.items() if share > 0]
    scores = np.stack(
        [report.rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy()[at] for name in names], 1
    )
    weights = np.array([shares[name] for name in names])
    held = np.isfinite(scores) * weights
    total = held.sum(axis=1, keepdims=True)
    parts: Floats = np.nan_to_num(scores) * held / np.where(total > 0, total, 1.0)
    return names, parts
