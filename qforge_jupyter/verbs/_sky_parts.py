"""The parts of a dataset of detections as they were split last, read anew."""

from __future__ import annotations

from pathlib import Path

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.sky_part import SkyPart
from qforge_jupyter.sky.preprocessing import COLUMN, Preprocessing
from qforge_jupyter.verbs._kept_splits import kept_split
from qforge_jupyter.versions.reading import find_version, table_of
from qforge_jupyter.versions.references import require_dataset


def kept_parts(context: Context, dataset: str, version: str = "") -> tuple[SkyPart, ...]:
    """Read the parts of the last split of a dataset; their rows are in memory afterwards.

    Where the id of a version is given, those of the last split of this version.

    Raises
    ------
    CallError
        There is no such dataset, or it was never split.

    """
    kept = require_dataset(context.store, dataset)
    commits = {version} if version else {each.id for each in context.store.commits.of(kept.id)}
    splits = context.store.splits.list()
    name = next((each.name for each in splits if each.commit_id in commits), "")
    made = kept_split(context, name, version) if name else None
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
