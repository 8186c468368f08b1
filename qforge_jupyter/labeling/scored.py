"""How the rows of a dataset were scored last, as far as the store remembers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.labeling.rows import Rows
from qforge_jupyter.store.opening import Store

#: Runs of a verb that are looked through, the latest first.
_LOOKED = 200
N_BINS = 20


def last_run(store: Store, verb: str, fingerprints: Sequence[str]) -> tuple[str, str]:
    """Name the latest run of a verb over the first of these contents that has one.

    Returns
    -------
    tuple
        The run and the content; empty where there is none.

    """
    found: dict[str, str] = {}
    for run in store.runs.list(verb=verb, status="finished", limit=_LOOKED):
        found.setdefault(run.fingerprint, run.id)
    content = next((each for each in fingerprints if each in found), "")
    return found.get(content, ""), content


def tiers_of(store: Store, run_id: str, *, is_of_head: bool) -> dict[str, Any]:
    """Count the rows of a score run by band, and spread their scores.

    Parameters
    ----------
    store
        The open store.
    run_id
        The run; empty where nothing was scored.
    is_of_head
        Whether it scored the version that is looked at.

    """
    none: dict[str, Any] = {"counts": [], "histogram": None, "card": ""}
    if not run_id:
        note = "No version of this dataset was scored: `%qforge score` gives its rows tiers."
        return {**none, "note": note}
    record = store.runs.get(run_id)
    file = next((each for each in record.artifacts if each.name == "scores.parquet"), None)
    if file is None:
        return {**none, "note": "The scores of the last score run are not kept any more."}
    rows = store.objects.scan(file.sha256).select("overall", "band").collect()
    note = (
        "" if is_of_head else "The tiers are those of an earlier version: the rows changed since."
    )
    return {
        "counts": _bands(rows),
        "histogram": _histogram(rows["overall"]),
        "card": str(record.options.get("by", "")),
        "note": note,
    }


def bands_of(store: Store, run_id: str, rows: Rows) -> pl.Series | None:
    """Give the band of each row of a version; None where they were scored in another order."""
    if not run_id:
        return None
    kept = store.runs.get(run_id).artifacts
    file = next((each for each in kept if each.name == "scores.parquet"), None)
    if file is None:
        return None
    held = store.objects.scan(file.sha256).select("band", "order").collect()
    if held.height != rows.frame.height or not held.height or held["order"][0] != rows.order:
        return None
    return held["band"]


def _bands(rows: pl.DataFrame) -> list[list[Any]]:
    """Count the bands, the best first, each with the lowest score in it."""
    least = pl.col("overall").min().round(4)
    counted = rows.group_by("band").agg(n=pl.len(), least=least)
    ordered = counted.sort("least", descending=True, nulls_last=True)
    return [
        [str(band), int(n), least]
        for band, n, least in ordered.select(
            pl.col("band").cast(pl.String), "n", "least"
        ).iter_rows()
    ]


def _histogram(scores: pl.Series) -> dict[str, Any] | None:
    known = scores.drop_nulls().cast(pl.Float64)
    if known.is_empty():
        return None
    counts, _ = np.histogram(known.to_numpy(), bins=N_BINS, range=(0.0, 1.0))
    return {"counts": counts.tolist(), "low": 0.0, "high": 1.0}


def suspected(store: Store, content: str) -> pl.DataFrame:
    """Give the labels that a model doubts, from the latest `suggest` that judged these rows'.

    Returns
    -------
    polars.DataFrame
        ``row``, ``given``, ``proposed``, ``probability``, the most doubtful first; no lines
        where no such run is kept.

    """
    names = ("row", "given", "proposed", "probability")
    runs = store.runs.list(verb="suggest", status="finished", limit=_LOOKED) if content else ()
    for run in runs:
        if run.fingerprint != content:
            continue
        kept = store.runs.get(run.id).artifacts
        file = next((each for each in kept if each.name == "suggestions.parquet"), None)
        if file is None:
            continue
        lines = store.objects.read_frame(file.sha256)
        if {"self_confidence", *names} <= set(lines.columns):
            return lines.select(names)
    return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
