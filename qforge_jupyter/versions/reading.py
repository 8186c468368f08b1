"""Stored versions as tables."""

from __future__ import annotations

from dataclasses import replace

from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.version import Version
from qforge_jupyter.store.commits import KeptCommit
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.laying import Known, lay
from qforge_jupyter.versions.references import MAIN, Reference, read_reference, resolve


def find_version(store: Store, text: str) -> tuple[KeptDataset, KeptCommit, Reference] | None:
    """Find the version that a text names; None where no dataset is called so.

    Raises
    ------
    CallError
        There is such a dataset, but no such version of it.

    """
    reference = read_reference(text)
    if reference is None:
        return None
    dataset = store.datasets.find(reference.dataset)
    if dataset is None:
        return None
    return dataset, resolve(store, dataset, reference.ref, reference.back), reference


def table_of(
    store: Store,
    dataset: KeptDataset,
    commit: KeptCommit,
    ref: str = "",
    *,
    known: Known | None = None,
) -> Table:
    """Read a version into memory as a table that knows what it is.

    Parameters
    ----------
    store
        The open store.
    dataset, commit
        Which version of what.
    ref
        The branch or the tag by which it was asked for.
    known
        Layers that were read for another version, and need not be again.

    Raises
    ------
    StoreError
        A file of it is missing or damaged.

    """
    branches = {each.name for each in store.refs.of(dataset.id) if each.kind == "branch"}
    branch = ref if ref in branches else MAIN
    version = Version(dataset.name, commit.id, ref, dataset.keys, branch)
    frame = lay(store.objects, commit, known).frame()
    table = Table.of_frame(dataset.name, frame, f"dataset {dataset.name}, version {commit.short}")
    table = replace(table, version=version)
    table.__dict__["frame"] = frame
    if not commit.n_forgotten:  # else it speaks of what the version held before
        table.remember_fingerprint(commit.fingerprint)
    return table


def open_version(store: Store, text: str, *, known: Known | None = None) -> Table | None:
    """Open the version that a text names as a table; None where it names no dataset."""
    found = find_version(store, text)
    if found is None:
        return None
    dataset, commit, reference = found
    ref = reference.ref if not reference.back else ""
    return table_of(store, dataset, commit, ref, known=known)
