"""Proving that versions are what was committed: ids, branches, files, counts of rows."""

from __future__ import annotations

from collections.abc import Iterator

from qforge_jupyter.errors import QForgeError
from qforge_jupyter.frames.fingerprint import finish
from qforge_jupyter.store.commits import KeptCommit
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.drafting import read_state
from qforge_jupyter.versions.laying import Known, lay
from qforge_jupyter.versions.sealing import id_of


def verify_versions(store: Store) -> tuple[str, ...]:
    """Compute every version's id again and lay its files; name what is wrong.

    A version is proved by its id, which covers its parents' ids: who changes one
    has to change all that follow. Damaged files are found by `Objects.verify`;
    here it is looked whether the files of a version make up what it says.

    Returns
    -------
    tuple
        One sentence for each problem; empty when there is none.

    Examples
    --------
    >>> import tempfile
    >>> from qforge_jupyter.store.opening import open_store
    >>> with tempfile.TemporaryDirectory() as folder, open_store(folder, actor="ann") as store:
    ...     verify_versions(store)
    ()

    """
    return tuple(
        problem for dataset in store.datasets.list() for problem in _problems(store, dataset)
    )


def _problems(store: Store, dataset: KeptDataset) -> Iterator[str]:
    commits = store.commits.of(dataset.id)
    known = {each.id for each in commits}
    yield from _lost(store, dataset, known)
    layers: Known = {}
    for each in commits:
        yield from _of_commit(store, dataset, each, known)
        yield from _of_files(store, dataset, each, layers)


def _lost(store: Store, dataset: KeptDataset, known: set[str]) -> Iterator[str]:
    refs = store.refs.of(dataset.id)
    for ref in refs:
        if ref.head not in known:
            yield f"The {ref.kind} {ref.name!r} of {dataset.name} points to no version of it"
    if known and not any(ref.kind == "branch" for ref in refs):
        yield f"{dataset.name} has versions and no branch"


def _of_commit(
    store: Store, dataset: KeptDataset, commit: KeptCommit, known: set[str]
) -> Iterator[str]:
    named = f"The version {commit.short} of {dataset.name}"
    if id_of(commit) != commit.id:
        yield f"{named} was changed after it was committed"
    for parent in commit.parents:
        # A merge may bring in a version of the dataset that this one was branched from.
        if parent not in known and store.commits.get(parent) is None:
            yield f"{named} follows a version {parent[:12]} that is missing"


def _of_files(
    store: Store, dataset: KeptDataset, commit: KeptCommit, layers: Known
) -> Iterator[str]:
    """Lay the files, which counts their rows and finds their columns."""
    named = f"The version {commit.short} of {dataset.name}"
    try:
        laid = lay(store.objects, commit, layers)
    except QForgeError as problem:
        yield f"{named} cannot be read: {problem.message}"
        return
    # Both go into the next version, and the id does not cover them.
    state = read_state(commit)
    if state is not None and finish(state) != commit.fingerprint:
        yield f"{named} keeps the sums of another fingerprint"
    if commit.detail.get("next_row", 0) < laid.next_row:
        yield f"{named} would give a new row the number of another"
