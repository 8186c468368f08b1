"""Labeled examples to be trusted: gold, silver, bronze, or rejected.

Completeness counts 30, correctness 40, clarity and representativeness 15 each; from 90 of 100 an
example is gold, from 75 silver, from 60 bronze, below that rejected. Columns are recognised by
their usual names; others are named under ``examples`` in the body. What no column tells makes
the dimension decline with its reason.
"""

from __future__ import annotations

import polars as pl

from qforge_jupyter.columns import column, is_present
from qforge_jupyter.engine.scorecard import Examples, OutlierRule, Scorecard
from qforge_jupyter.frames import Table

#: Usual names, the first that is there.
NAMES = {
    "target": ("label", "target", "class", "tier", "category", "answer"),
    "verified": ("verified_by", "verified", "validated_by", "validated", "reviewed_by"),
    "outcome": ("outcome", "actual", "true_label", "ground_truth"),
    "boundary": ("rationale", "reason", "explanation", "justification"),
    "edge_case": ("edge_case", "is_edge_case", "is_edge"),
    "documentation": ("documentation", "note", "notes", "comment"),
}
#: A column that is filled at least this often is required.
FILLED = 0.5


def build(table: Table) -> Scorecard:
    """Recognise the columns of labeled examples, and require those that are mostly filled."""
    schema = table.schema
    found = {
        key: next((name for name in names if name in schema), "") for key, names in NAMES.items()
    }
    # What tells about a label is judged by its own dimension.
    about = {name for key, name in found.items() if key != "target"}
    asked = [name for name in schema if name not in about]
    return Scorecard(
        required=tuple(name for name in asked if _is_filled(table, name)),
        examples=Examples(**found),
        weights={
            "completeness": 0.30, "correctness": 0.40, "clarity": 0.15,
            "representativeness": 0.15, "validity": 0.0, "consistency": 0.0, "uniqueness": 0.0,
        },
        bands={"gold": 0.90, "silver": 0.75, "bronze": 0.60},
        lowest="rejected",
        outliers=OutlierRule(method="none"),
        ml_ready="overall >= 0.75 and lineage approved",
    )  # fmt: skip


def _is_filled(table: Table, name: str) -> bool:
    share = table.lazy.select(
        is_present(column(name), table.schema[name]).cast(pl.Float64).mean()
    ).collect()
    return float(share.item() or 0.0) >= FILLED
