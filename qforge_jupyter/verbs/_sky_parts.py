"""What becomes of detections once they are committed: parts that share no place of the sky."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.engine.collectors._sky_plan import Plan
from qforge_jupyter.engine.sky_parts import shared_between
from qforge_jupyter.engine.sky_quality import refusals
from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.errors import CallError, QualityError, blaming
from qforge_jupyter.frames import Table
from qforge_jupyter.results.sky_collection import SkyCollection
from qforge_jupyter.results.sky_part import SkyPart
from qforge_jupyter.results.version import Version
from qforge_jupyter.sky.preprocessing import COLUMN, Preprocessing
from qforge_jupyter.verbs import split
from qforge_jupyter.verbs._kept_splits import kept_split
from qforge_jupyter.versions.reading import find_version, table_of
from qforge_jupyter.versions.references import require_dataset

TOGETHER = ("field", "object")


def check_plan(plan: Plan) -> None:
    """Refuse parts that cannot be made, before any image is read."""
    with blaming("together"):
        odd = next((each for each in plan.together if each not in TOGETHER), None)
        if odd is not None or not plan.together:
            raise CallError("A field, an object or both lie in one part: together: [field, object]")
    plan.bounds  # noqa: B018 — read here, where a fault can be told
    with blaming("parts"):
        SplitPlan(parts=plan.parts).shares({"train": 70, "validation": 15, "test": 15})


def require_quality(found: SkyCollection, plan: Plan) -> None:
    """Refuse what is not good enough to train on; the report goes with the refusal.

    Raises
    ------
    QualityError
        A bound is not kept.

    """
    if found.quality is None or not found.n_new:
        return
    reasons = refusals(found.quality, plan.bounds)
    if not reasons:
        return
    issues = "; ".join(found.quality.issues[:3])
    raise QualityError(
        f"{found.dataset} is refused: {'; '.join(reasons)}"
        + (f" ({issues})" if issues else "")
        + ": mend the detections, look with --preview, or ask less with  refuse if: none",
        result=replace(found, is_preview=True, refused=reasons),
    )


def parted(
    context: Context, found: SkyCollection, frame: pl.DataFrame, version: Version, plan: Plan
) -> SkyCollection:
    """Split all detections of a dataset; those that were there before stay in their parts.

    Raises
    ------
    QualityError
        A position of the sky would be in two parts.

    """
    table = Table(found.dataset, frame.lazy(), version=version)
    table.__dict__["frame"] = frame
    body = SplitPlan(parts=plan.parts, group=[" or ".join(plan.together)], leaks=False)
    made = split.run(context, table, body=body)
    checked = shared_between(frame, made.part_of, found.radius_arcsec)
    result = replace(found, split=made, checked=checked)
    what, n = checked[0]
    if n:
        raise QualityError(
            f"{n:,} {what} lie in two parts: keep objects together with  together: [field, "
            "object],  or collect into another dataset where old detections hold them apart",
            result=replace(found, is_preview=True, commit=None, checked=checked),
        )
    return result


def kept_parts(context: Context, dataset: str) -> tuple[SkyPart, ...]:
    """Read the parts of the last split of a dataset; their rows are in memory afterwards.

    Raises
    ------
    CallError
        There is no such dataset, or it was never split.

    """
    kept = require_dataset(context.store, dataset)
    commits = {each.id for each in context.store.commits.of(kept.id)}
    splits = context.store.splits.list()
    name = next((each.name for each in splits if each.commit_id in commits), "")
    made = kept_split(context, name) if name else None
    if made is None:
        raise CallError(f"{dataset} was never split: collect it, or  %qforge split {dataset}")
    folders = tuple(dict.fromkeys((*context.store.lineage.folders(dataset), str(Path.cwd()))))
    source = made.source.collect().lazy()  # the store may be closed when classes are numbered
    return tuple(SkyPart(each, made[each], folders, source) for each in made.part_names)


def kept_preprocessing(context: Context, dataset: str) -> Preprocessing:
    """Read how the cut-outs of a version of a dataset are made.

    Raises
    ------
    CallError
        There is no such dataset, or it holds no cut-outs.

    """
    found = find_version(context.store, dataset)
    if found is None:
        raise CallError(f"No dataset named {dataset[:60]!r}: collect it first")
    kept, version, reference = found
    frame = table_of(context.store, kept, version, reference.ref).frame
    if COLUMN not in frame.columns or not frame.height:
        raise CallError(f"{dataset[:60]} holds no cut-outs: collect some with `collect`")
    return Preprocessing.of(str(frame[COLUMN][0]))
