"""Which columns a plan of a split reads, and whether the table has them."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.errors import CallError, blaming, nearest


def columns_of(plan: SplitPlan, schema: pl.Schema) -> dict[str, tuple[str, ...]]:
    """Give the columns that each key of the plan names.

    Raises
    ------
    CallError
        The table lacks one, or one stands twice.

    """
    likeness = plan.likeness
    found = {
        "key": tuple(plan.key),
        "stratify": tuple(each.column for each in plan.stratifiers),
        "group": tuple(each.column for each in plan.groupings),
        "time": (plan.time,) if plan.time else (),
        "similar": likeness.columns if likeness else (),
    }
    for key, names in found.items():
        with blaming(key):
            for name in names:
                if name not in schema:
                    raise CallError(f"No column named {name!r}{nearest(name, schema.names())}")
            if len(set(names)) < len(names):
                raise CallError(f"{key!r} names one column twice: name it once")
    return found


def needed(plan: SplitPlan) -> list[str]:
    """Name the columns that have to be read to place the rows, each once."""
    likeness = plan.likeness
    names = [each.column for each in plan.stratifiers]
    names += [each.column for each in plan.groupings]
    names += [plan.time] if plan.time else []
    names += list(likeness.columns) if likeness else []
    return list(dict.fromkeys(names))
