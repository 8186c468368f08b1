"""What labelers said of one row, as lines of its biography."""

from __future__ import annotations

from typing import Any

import polars as pl

from qforge_jupyter.labeling.told import storable, written
from qforge_jupyter.results.label_events import NOT_ASKED, LabelEvent
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.label_keys import item_keys

_SAID = {
    "answer": "labeled",
    "cant_tell": "labeled",
    "skip": "skipped by a labeler",
    "undo": "label taken back",
    "validation": "label judged",
    "adjudication": "disagreement settled",
}
_LONGEST = 60


def label_lines(store: Store, dataset: KeptDataset, key: dict[str, Any]) -> list[dict[str, Any]]:
    """Tell each label of a row, oldest first.

    Parameters
    ----------
    store
        The open store.
    dataset
        Whose row.
    key
        Value of every key column.

    """
    row = pl.DataFrame([pl.Series(name, [value]) for name, value in key.items()])
    (item,) = item_keys(row.select(dataset.keys), dataset.keys)
    told = store.labels.of_item(dataset.id, item)
    return [_line(one) for one in told if one.label.label_type in _SAID]


def _line(event: LabelEvent) -> dict[str, Any]:
    label = event.label
    detail = ""
    if label.question:
        detail = f"{label.question}: {_value(label.value)}"
        if label.previous is not None:
            detail = f"{label.question}: {_value(label.previous)} → {_value(label.value)}"
    note = storable(label.note) or ""
    return {
        "at": event.at,
        "what": _SAID[label.label_type],
        "detail": " · ".join(one for one in (detail, note[:_LONGEST]) if one),
        "by": event.labeler,
        "run": None,
        "tracker_run": None,
        "commit": event.commit_id,
    }


def _value(value: Any) -> str:
    if value == NOT_ASKED:
        return "(not asked any more)"
    return (storable(written(value)) or "")[:_LONGEST]
