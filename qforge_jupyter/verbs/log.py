"""List the versions of a dataset, the newest first."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.history import History
from qforge_jupyter.store.commits import KeptCommit
from qforge_jupyter.versions.references import read_reference, require_dataset, resolve

EXAMPLE = """\
%qforge log golden/tiers
"""


def run(context: Context, subject: str, *, top: int = 20) -> History:
    """Show who changed what, when and why.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The dataset, or a version of it from which to look back.
    top
        How many versions to show; all of them are in ``frame``.

    """
    reference = read_reference(subject)
    if reference is None:
        raise CallError(f"{subject[:60]!r} is no dataset: write its name, or name@branch")
    if top < 1:
        raise CallError(f"`top` is {top} and must be at least 1")
    dataset = require_dataset(context.store, reference.dataset)
    start = resolve(context.store, dataset, reference.ref, reference.back)
    known = {each.id: each for each in context.store.commits.of(dataset.id)}
    refs = context.store.refs.of(dataset.id)
    names: dict[str, list[str]] = {each.head: [] for each in refs}
    for each in refs:
        names[each.head].append(each.name)
    line = _reachable(known, start)
    return History(dataset.name, dataset.keys, _frame(line, names, _steps(known, start)), top)


def _reachable(known: dict[str, KeptCommit], start: KeptCommit) -> list[KeptCommit]:
    """Give every ancestor, the newest first, children always before parents."""
    seen, rim = {start.id}, [start.id]
    while rim:
        rim = [up for one in rim for up in known[one].parents if up in known and up not in seen]
        seen.update(rim)
    return [each for each in known.values() if each.id in seen]


def _steps(known: dict[str, KeptCommit], start: KeptCommit) -> dict[str, int]:
    """Count the steps along first parents."""
    steps, each = {start.id: 0}, start
    while each.parents and each.parents[0] in known:
        each = known[each.parents[0]]
        steps[each.id] = len(steps)
    return steps


def _frame(
    line: list[KeptCommit], names: dict[str, list[str]], steps: dict[str, int]
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "back": [steps.get(each.id) for each in line],
            "names": [", ".join(names.get(each.id, [])) for each in line],
            "message": [each.message for each in line],
            "author": [each.author for each in line],
            "at": [each.committed_at for each in line],
            "n_rows": [each.n_rows for each in line],
            "n_added": [each.n_added for each in line],
            "n_removed": [each.n_removed for each in line],
            "n_modified": [each.n_modified for each in line],
            "content": [each.fingerprint for each in line],
            "commit": [each.id for each in line],
            "parents": [list(each.parents) for each in line],
        },
        schema_overrides={"parents": pl.List(pl.String), "back": pl.Int64},
    )
