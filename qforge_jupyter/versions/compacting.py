"""Putting many small deltas into one, so that a long history is read as fast as a short one."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qforge_jupyter.results.run import Artifact
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.versions.laying import ROW, Laid

#: So many deltas of one kind on top of each other are put into one …
MOST_DELTAS = 16
#: … if they weigh less than this share of the base, or this much: what is written twice
#: stays little.
LIGHTEST, LIGHTEST_BYTES = 0.05, 100_000


def compact(
    objects: Objects, laid: Laid, files: Sequence[tuple[str, Artifact]]
) -> list[tuple[str, Artifact]]:
    """Give a version's files, the topmost light deltas of the same columns put into one.

    The rows and cells are the same, so nothing but the list of files changes;
    versions before keep theirs.

    Parameters
    ----------
    objects
        Where the one file is kept.
    laid
        The version.
    files
        Role and file of each of its layers.

    """
    n_run = _run(laid, files)
    if n_run < MOST_DELTAS:
        return list(files)
    stacked = pl.concat([layer.frame for layer in laid.layers[-n_run:]])
    # What lies above covers what lies below.
    merged = stacked.unique(subset=ROW, keep="last").sort(ROW)
    return [*files[:-n_run], ("delta", objects.put_frame(merged, name="delta.parquet"))]


def _run(laid: Laid, files: Sequence[tuple[str, Artifact]]) -> int:
    """Count the topmost deltas that have the same columns and are light together."""
    base = sum(file.n_bytes for role, file in files if role == "base")
    budget = max(LIGHTEST * base, LIGHTEST_BYTES)
    n_run, top = 0, laid.layers[-1]
    for layer, (role, file) in zip(reversed(laid.layers), reversed(files), strict=True):
        budget -= file.n_bytes
        if role != "delta" or layer.schema != top.schema or budget < 0:
            break
        n_run += 1
    return n_run
