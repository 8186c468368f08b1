"""Known answers that are hidden among the items: how many were given right."""

from __future__ import annotations

from typing import Any

from qforge_jupyter.labeling.disagreement import canonical
from qforge_jupyter.labeling.queue import Queue
from qforge_jupyter.labeling.showing import plain


def accuracy(queue: Queue) -> dict[str, int] | None:
    """Count the known answers that the labeler of a queue was asked for, and gave right.

    None where no known answers are hidden.
    """
    gold = queue.plan.known
    if gold is None:
        return None
    n = n_right = 0
    for place in queue.answered_gold():
        event = queue.state(place).answers.get(queue.session.labeler, {}).get(gold.question)
        if event is None:
            continue
        if place not in queue.known:
            cell = queue.items.cells(place, [gold.column])[gold.column]
            queue.known[place] = canonical(alike(plain(cell)))
        n += 1
        n_right += queue.known[place] == canonical(alike(event.label.value))
    return {"n": n, "n_right": n_right}


def alike(value: Any) -> Any:
    """Make answers comparable: numbers as numbers, lists in any order."""
    if isinstance(value, list):
        return sorted(map(canonical, value))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else value
