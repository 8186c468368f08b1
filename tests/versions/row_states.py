"""Small random tables and edit scripts, for tests against brute force."""

from __future__ import annotations

import polars as pl
from hypothesis import strategies as st

KEYS = st.integers(0, 9)
TIERS = st.sampled_from(["a", "b", None])
NUMBERS = st.sampled_from([0.0, 1.5, float("nan"), float("inf"), None])
Cells = dict[str, object]
State = dict[int, Cells]

SCHEMA = {"id": pl.Int64, "tier": pl.String, "x": pl.Float64}

states = st.dictionaries(
    KEYS, st.fixed_dictionaries({"tier": TIERS, "x": NUMBERS}), min_size=1, max_size=8
)


def frame_of(state: State) -> pl.DataFrame:
    """Write a state as a table, in the order of the dictionary."""
    rows = [{"id": key, **cells} for key, cells in state.items()]
    return pl.DataFrame(rows, schema=SCHEMA)


def state_of(frame: pl.DataFrame) -> State:
    """Read a table back; NaN becomes a text, so that it equals itself."""
    return {
        row.pop("id"): {name: _plain(value) for name, value in row.items()}
        for row in frame.to_dicts()
    }


def plain(state: State) -> State:
    """Write NaN as a text in a state, too."""
    return {key: {n: _plain(v) for n, v in cells.items()} for key, cells in state.items()}


def _plain(value: object) -> object:
    return "NaN" if isinstance(value, float) and value != value else value  # noqa: PLR0124 — NaN
