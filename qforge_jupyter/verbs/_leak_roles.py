"""What a split says of the columns: its groups, its time, its target."""

from __future__ import annotations

from typing import Any

from qforge_jupyter.engine.split_plan import SplitPlan


def roles_of(plan: SplitPlan) -> dict[str, Any]:
    """Give the roles in which a plan uses columns, as `LeakCase` takes them.

    Examples
    --------
    >>> roles_of(SplitPlan(stratify=["gap in 10 bins"], group=["batch"]))
    {'groups': ('batch',), 'joint': (), 'time': None, 'target': 'gap'}
    >>> roles_of(SplitPlan(group=["batch", "day"]))["joint"]
    ('batch', 'day')

    """
    columns = tuple(each.column for each in plan.groupings if not each.is_scaffold)
    is_joint = len(plan.groupings) > 1 and not plan.linked
    # Beside a scaffold, which is no column, a combined value cannot be looked for.
    joint = columns if is_joint and len(columns) == len(plan.groupings) else ()
    return {
        "groups": () if is_joint else columns,
        "joint": joint,
        "time": plan.time or None,
        "target": plan.stratifiers[0].column if plan.stratifiers else None,
    }
