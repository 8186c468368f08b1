"""Erase rows from every version of a dataset, and leave a tombstone."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.changes import Change, ForgetLabels, ForgetRows
from qforge_jupyter.results.forgotten import ForgetReport
from qforge_jupyter.rules.expressions import read_filter
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._exports_without import Rewriting, rewrite
from qforge_jupyter.verbs._stored import WORKING
from qforge_jupyter.versions.forgetting import Erased, erase
from qforge_jupyter.versions.identities import names_of, naming_columns, tombstones_of
from qforge_jupyter.versions.label_keys import item_keys
from qforge_jupyter.versions.laying import lay, pick
from qforge_jupyter.versions.mentions import Mentions, mentions_of
from qforge_jupyter.versions.redacting import Recorded, recorded_of, redacted_jobs
from qforge_jupyter.versions.references import read_reference, require_dataset, resolve

EXAMPLE = """\
%qforge forget golden/tiers where "id == 5" --reason "consent withdrawn"
"""
#: Options that may hold the key of a person, so no record keeps them.
UNRECORDED = frozenset({"where"})


def run(
    context: Context,
    subject: str,
    *,
    where: str,
    reason: str,
    preview: bool = False,
    all_: bool = False,
    exports: bool = False,
) -> ForgetReport:
    """Take rows out of every version, whatever values they had, and out of what runs kept.

    Commits keep their ids. The fingerprint of a version that held a row speaks of
    what it held before; a table taken out of it gets a fingerprint of its own.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The dataset, or the version to find the rows in, as ``name@v1``.
    where
        Which rows, as a rule; by their keys they are found in all other versions.
    reason
        Why; it is kept in the audit log.
    preview
        Say what would go, and leave it.
    all_
        Allow that every row of the version goes.
    exports
        Write recorded exports anew without the rows, where they are as they were written.

    Raises
    ------
    CallError
        There is no such version, no such row, no reason, or every row is meant.

    """
    _check(subject, reason)
    store = context.store
    store.objects.remove_forgotten()  # what a killed process left
    reference = read_reference(subject)
    if reference is None:
        raise CallError(f"{subject[:60]!r} is no version: write name, name@tag or name@branch")
    dataset = require_dataset(store, reference.dataset)
    n_events, salt = store.forgetting.state()
    commit = resolve(store, dataset, reference.ref, reference.back)
    frame = lay(store.objects, commit).frame()
    is_meant = frame.select(meant=read_filter(where, frame.schema))["meant"]
    rows, others = frame.filter(is_meant), frame.filter(~is_meant)
    _check_rows(str(reference), rows, others, all_=all_)
    erased = erase(store, dataset, rows)
    every = mentions_of((*erased.cells, *erased.rows), rows, others, dataset.keys)
    recorded = recorded_of(store, erased, every)
    kept = store.commits.sharing(recorded.files)
    files = recorded.files - {file.sha256 for each in kept for file in each.objects}
    columns = naming_columns(store, dataset, rows.columns)
    named = names_of(pick(rows, columns), dataset.keys).unique(maintain_order=True)
    change = ForgetRows(
        tuple(each.id for each in erased.datasets),
        redact(reason.strip()),
        context.clock(),
        n_events,
        salt,
        tombstones_of(named, salt),
        erased.versions,
        (*erased.files, *sorted(files - set(erased.files))),
        tuple(recorded.runs),
        recorded.moved,
        redacted_jobs(store, erased, every),
    )
    left = store.forgetting.built_on(set(change.files) - set(recorded.moved))
    left += _left(context, erased, recorded, every, preview=preview)
    rewriting = _exports(context, recorded, every, is_wanted=exports and not preview)
    changes = () if preview else (change, _labels(context, erased, rows, salt))
    return _report(change, erased, files, rewriting, left, changes)


def rehearse(
    settings: Settings,  # noqa: ARG001 — every rehearsal gets them
    subject: str,
    *,
    where: str,  # noqa: ARG001 — its columns are known when the store is open
    reason: str,
    preview: bool = False,  # noqa: ARG001 — changes nothing here
    all_: bool = False,  # noqa: ARG001 — changes nothing here
    exports: bool = False,  # noqa: ARG001 — changes nothing here
) -> None:
    """Raise what can be said before the store is asked; ``--preview`` counts rows and files."""
    _check(subject, reason)


def _check(subject: str, reason: str) -> None:
    if not reason.strip():
        raise CallError("What is forgotten is forgotten for a reason, and none was given: --reason")
    if subject.rpartition("@")[2] == WORKING or subject.rpartition("/")[2] == WORKING:
        raise CallError(
            f"{WORKING!r} is a variable of this kernel, and rows are forgotten in what is stored: "
            "name the dataset, as in golden/tiers"
        )


def _check_rows(version: str, rows: pl.DataFrame, others: pl.DataFrame, *, all_: bool) -> None:
    if not rows.height:
        raise CallError(
            f"No row of {version} is meant by `where`: check it with `%qforge sql`, or name the "
            "version that still has the row, as in name@v1"
        )
    if not others.height and not all_:
        raise CallError(
            f"Every row of {version} is meant by `where`: narrow it, or add --all to leave none"
        )


def _labels(context: Context, erased: Erased, rows: pl.DataFrame, salt: str) -> ForgetLabels:
    """Name the labels of the rows in every dataset that held them."""
    found = []
    for one in erased.datasets:
        columns = naming_columns(context.store, one, rows.columns)
        if set(columns) <= set(rows.columns):
            named = pick(rows, columns)
            made = tombstones_of(names_of(named, one.keys), salt)
            items = dict(zip(item_keys(named, one.keys), made, strict=True))
            found += [(one.id, item, tombstone) for item, tombstone in items.items()]
    return ForgetLabels(tuple(found))


def _left(
    context: Context, erased: Erased, recorded: Recorded, mentions: Mentions, *, preview: bool
) -> tuple[tuple[str, str], ...]:
    """Name what may hold values and cannot be erased; MLflow's own files here are deleted.

    They go before the transaction: a tracker only shows what the store keeps, and
    a process that is killed in between leaves the rows to be forgotten once more.
    """
    told = {run: record for record, run in (*recorded.shown, *recorded.told)}
    kept = [
        run
        for run, record in told.items()
        if not context.tracker.forget(record, run, preview=preview)
    ]
    logged = [file for record, run in recorded.made for file in context.tracker.logged(record, run)]
    commits = [each for one in erased.datasets for each in context.store.commits.of(one.id)]
    said = [each.short for each in commits if mentions.cut(each.message) != each.message]
    return (
        *(("MLflow run", run) for run in sorted(kept)),
        *(("file that your code logged", file) for file in logged),
        *(("message of a commit", short) for short in said),
        *(("backup of the database", name) for name in context.store.backups()),
    )


def _exports(
    context: Context, recorded: Recorded, mentions: Mentions, *, is_wanted: bool
) -> Rewriting:
    """Write exports without the rows, before the store forgets them: what stops is done again."""
    if is_wanted:
        return rewrite(recorded.exports, recorded.manifests, mentions, context.progress)
    folders = dict.fromkeys(recorded.exports)
    return Rewriting(left=tuple(("export (see --exports)", folder) for folder in folders))


def _report(
    change: ForgetRows,
    erased: Erased,
    files: set[str],
    rewriting: Rewriting,
    left: tuple[tuple[str, str], ...],
    made: tuple[Change, ...],
) -> ForgetReport:
    return ForgetReport(
        tuple(each.name for each in erased.datasets),
        change.reason,
        change.tombstones,
        len(erased.versions),
        len(erased.files),
        len(files),
        len(change.runs),
        rewriting.left + left,
        is_done=bool(made),
        rewritten=rewriting.steps,
        made=made,
    )
