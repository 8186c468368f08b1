"""Taking rows out of every version of a dataset, and of what shares its files.

A row is found in one version and named by its keys, or by its whole content.
By that name it is found in every base and every delta that brings whole rows;
by its number there, in the deltas that change some of its cells.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from qforge_jupyter.columns import frame_of
from qforge_jupyter.results.changes import ErasedVersion
from qforge_jupyter.results.run import Artifact
from qforge_jupyter.store.commits import KeptCommit, KeptObject
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.objects import PARQUET
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.identities import names_of, naming_columns
from qforge_jupyter.versions.laying import ROW, Laid, Layer, Rows, pick, schema_of


@dataclass(frozen=True)
class Erased:
    """What the versions are without the rows.

    Parameters
    ----------
    datasets
        Those that held the rows, the one that was named first.
    versions
        Each that held any of them.
    files
        Hashes of the files that no version consists of any more.
    fingerprints
        Of the content that held the rows.
    cells
        What the rows held, file by file.
    rows
        The whole rows, as each version had them.

    """

    datasets: tuple[KeptDataset, ...]
    versions: tuple[ErasedVersion, ...]
    files: tuple[str, ...]
    fingerprints: frozenset[str]
    cells: tuple[pl.DataFrame, ...] = field(repr=False)
    rows: tuple[pl.DataFrame, ...] = field(repr=False)


def erase(store: Store, dataset: KeptDataset, rows: pl.DataFrame) -> Erased:
    """Write the files of every version anew without some rows; nothing points to them yet.

    Parameters
    ----------
    store
        The open store.
    dataset
        Whose versions; others that consist of the same files follow.
    rows
        The rows, with every column.

    """
    work = _Work(store, rows, dataset.keys, naming_columns(store, dataset, rows.columns))
    datasets, waiting = [], [dataset]
    while waiting:
        datasets += waiting
        for each in waiting:
            for commit in store.commits.of(each.id):
                work.take(commit)
        known = {each.id for each in datasets}
        shared = {each.dataset_id for each in store.commits.sharing(work.replaced)} - known
        waiting = [found for one in sorted(shared) if (found := store.datasets.get(one))]
    return Erased(
        tuple(datasets),
        tuple(work.versions.values()),
        tuple(sorted(work.replaced - _still_used(store, work))),
        frozenset(work.fingerprints),
        tuple(work.cells.values()),
        tuple(work.lived),
    )


def _still_used(store: Store, work: _Work) -> set[str]:
    """Name files that a version still consists of, under whose numbers are other rows."""
    used: set[str] = set()
    for commit in store.commits.sharing(work.replaced):
        erased = work.versions.get(commit.id)
        if erased is None:
            used |= {file.sha256 for file in commit.objects}
        else:
            used |= {file.sha256 for _, file in erased.objects}
    return used


@dataclass
class _Work:
    """Versions that were taken so far; every file is read once."""

    store: Store
    rows: pl.DataFrame
    keys: tuple[str, ...]
    naming: list[str]
    versions: dict[str, ErasedVersion] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    fingerprints: set[str] = field(default_factory=set)
    cells: dict[tuple[str, bytes], pl.DataFrame] = field(default_factory=dict)
    lived: list[pl.DataFrame] = field(default_factory=list)
    _frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    _found: dict[str, Rows] = field(default_factory=dict)
    _written: dict[tuple[str, bytes], Artifact] = field(default_factory=dict)

    def take(self, commit: KeptCommit) -> None:
        """Write the files of one version anew, where they hold a row."""
        layers = [Layer(file.role, self._frame(file)) for file in commit.objects]
        found = [
            self._in_layer(file, layer)
            for file, layer in zip(commit.objects, layers, strict=True)
            if layer.role != "tombstones"
        ]
        gone = np.unique(np.concatenate([np.empty(0, np.int64), *found]))
        gone = np.setdiff1d(gone, np.asarray(commit.forgotten, dtype=np.int64))
        if not gone.size:
            return
        laid = Laid(tuple(layers), schema_of(commit, layers), commit.forgotten)
        n_living = int(np.isin(laid.rows, gone).sum())
        if n_living:
            self.fingerprints.add(commit.fingerprint)
            self._remember(laid.at(np.intersect1d(laid.rows, gone)))
        objects = tuple(
            (file.role, self._without(file, layer, gone))
            for file, layer in zip(commit.objects, layers, strict=True)
        )
        every = (*commit.forgotten, *(int(one) for one in gone))
        n_every = commit.n_forgotten + n_living
        self.versions[commit.id] = ErasedVersion(commit.id, objects, every, n_every)

    def _remember(self, rows: pl.DataFrame) -> None:
        """Keep whole rows, once where several versions have them alike."""
        if not any(rows.equals(each) for each in self.lived):
            self.lived.append(rows)

    def _frame(self, file: KeptObject) -> pl.DataFrame:
        if file.sha256 not in self._frames:
            self._frames[file.sha256] = self.store.objects.read_frame(file.sha256)
        return self._frames[file.sha256]

    def _in_layer(self, file: KeptObject, layer: Layer) -> Rows:
        """Find the numbers of the rows in a file that names whole rows."""
        if file.sha256 not in self._found:
            self._found[file.sha256] = layer.rows[self._places(layer.frame)]
        return self._found[file.sha256]

    def _places(self, frame: pl.DataFrame) -> Rows:
        if not set(self.naming) <= set(frame.columns):
            return np.empty(0, np.int64)
        here = names_of(pick(frame, self.naming), self.keys)
        wanted = names_of(pick(self.rows, self.naming), self.keys)
        if here.schema != wanted.schema:
            return np.empty(0, np.int64)
        numbered = here.with_row_index(ROW)
        hits = numbered.join(wanted, on=wanted.columns, how="semi", nulls_equal=True)
        return hits[ROW].cast(pl.Int64).to_numpy()

    def _without(self, file: KeptObject, layer: Layer, gone: Rows) -> Artifact:
        """Give a file without the cells of some rows; the same file where it has none."""
        is_gone = np.isin(layer.rows, gone)
        if layer.role == "tombstones" or not is_gone.any():
            return Artifact(file.sha256, PARQUET, file.sha256, file.n_bytes)
        key = (file.sha256, np.flatnonzero(is_gone).tobytes())
        if key not in self._written:
            self.cells[key] = layer.frame.filter(pl.Series(is_gone))
            left = _blanked(layer.frame, is_gone) if layer.role == "base" else None
            left = layer.frame.filter(pl.Series(~is_gone)) if left is None else left
            self._written[key] = self.store.objects.put_frame(
                left,
                name=f"{layer.role}.parquet",
                compression="lz4" if layer.role == "base" else "zstd",
            )
        self.replaced.add(file.sha256)
        return self._written[key]


def _blanked(
    frame: pl.DataFrame, is_gone: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> pl.DataFrame:
    """Make every cell of some rows null, so that all others keep their numbers."""
    places = pl.Series(np.where(is_gone, -1, np.arange(frame.height))).replace(-1, None)
    return frame_of(column.gather(places) for column in frame.get_columns())
