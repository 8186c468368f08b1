"""What a model said of each label of a dataset, as far as the store remembers."""

from __future__ import annotations

from typing import Any

import polars as pl

from qforge_jupyter.engine.model_performance import performance_of
from qforge_jupyter.labeling.rows import Rows
from qforge_jupyter.store.opening import Store

_WANTED = {"row", "given", "predicted", "self_confidence", "order"}


def model_of(store: Store, run_id: str, rows: Rows) -> dict[str, Any]:
    """Say how well the model of a `suggest` run does, example by example.

    Parameters
    ----------
    store
        The open store.
    run_id
        The run over these rows; empty where there is none.
    rows
        Of the version that is looked at.

    """
    none: dict[str, Any] = {"target": "", "n": 0, "histogram": None, "classes": [], "lowest": []}
    if not run_id:
        note = "`%qforge suggest` over these rows tells how well a model predicts their labels."
        return {**none, "note": note}
    record = store.runs.get(run_id)
    file = next((each for each in record.artifacts if each.name == "judged.parquet"), None)
    judged = store.objects.read_frame(file.sha256) if file else pl.DataFrame()
    found = performance_of(judged) if set(judged.columns) >= _WANTED else None
    target = str(record.options.get("target", ""))
    if found is None:
        note = "The last `suggest` could not judge any label: some class has too few."
        return {**none, "target": target, "note": note}
    is_placed = judged["order"][0] == rows.order
    note = "" if is_placed else "The model saw these rows in another order, so none is named."
    lowest = [[rows.key(row), *rest] for row, *rest in found["lowest"] if is_placed]
    return {"target": target, **found, "lowest": lowest, "note": note}
