"""Contacts to label, and the question that is asked of them."""

import polars as pl

ROWS = pl.DataFrame({
    "id": [f"r{n}" for n in range(12)],
    "title": [f"Title {n}" for n in range(12)],
    "gold": ["A", None, "B", *[None] * 9],
})  # fmt: skip
TIER = {"choose tier": {"a": "A", "b": "B"}}
