"""What the store knows of a table, as a dataset card says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qforge_jupyter.context import Context
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.column_facts import column_facts
from qforge_jupyter.results.dataset_card import CardFacts, PartFacts

#: Versions that a card lists, the newest first.
N_VERSIONS = 10


def card_facts(
    context: Context, table: Table, parts: Mapping[str, Table], split: Any, told: Mapping[str, Any]
) -> CardFacts:
    """Ask the store and the rows for everything that a card says."""
    store = context.store
    kept = store.datasets.find(table.version.dataset) if table.version else None
    if kept is not None:
        known = {"description": kept.description, "owner": kept.owner, "tags": list(kept.tags)}
        told = {**told, **{name: one for name, one in known.items() if one and not told.get(name)}}
    return CardFacts(
        table.name,
        tuple(part_facts(name, part) for name, part in parts.items()),
        told,
        tuple(
            step
            for step in store.lineage.history(fingerprint=table.fingerprint)
            if step.method != "export"
        ),
        quality_lines(context, table.fingerprint),
        split_lines(split),
        version_lines(context, table),
        _sealed(context, split),
    )


def part_facts(name: str, part: Table) -> PartFacts:
    """Describe the columns of a part."""
    columns = tuple((c.name, c.dtype, c.n_null, c.about) for c in column_facts(part))
    return PartFacts(name, part.n_rows, part.fingerprint, columns)


def _sealed(context: Context, split: Any) -> tuple[tuple[str, int], ...]:
    """Name the sealed parts, and how often each was opened until now."""
    names = getattr(split, "sealed", ())
    named = getattr(split, "name", "")
    looks = context.store.splits.looks(named) if named else getattr(split, "looks", {})
    return tuple((name, looks.get(name, 0)) for name in names)


def quality_lines(context: Context, fingerprint: str) -> tuple[str, ...]:
    """Say what the latest score, the latest certificate and the approval say."""
    store, lines = context.store, []
    for run in store.runs.list(verb="score", fingerprint=fingerprint, limit=20):
        scores = [m for m in store.runs.get(run.id).metrics if m.name == "score"]
        if scores:
            lines.append("Scores: " + ", ".join(f"{m.subject} {m.value:.3f}" for m in scores))
            break
    granted = store.runs.list(verb="certify", fingerprint=fingerprint, status="finished", limit=1)
    if granted:
        report = store.runs.get(granted[0].id).report or {}
        lines.append(
            f"Certified: {report.get('n_ready')} of {report.get('n_rows')} rows, "
            f"where {report.get('gate')}"
        )
    approval = store.lineage.approval(fingerprint)
    if approval is not None:
        lines.append(f"Lineage approved by {approval.by}: {approval.reason}")
    return tuple(lines)


def split_lines(split: Any) -> tuple[str, ...]:
    """Say how the parts were made, and whether they were searched for leaks."""
    words = ("strategy", "seed", "unit")
    lines = [f"{word}: {getattr(split, word)}" for word in words if hasattr(split, word)]
    shares = getattr(split, "shares", None)
    if isinstance(shares, Mapping) and shares:
        lines.append("asked: " + ", ".join(f"{name} {share:g}" for name, share in shares.items()))
    leaks: Any = getattr(split, "leaks", None)
    if hasattr(leaks, "document"):
        page = leaks.document()
        lines.append(f"{page.title}: {page.verdict}")
    elif leaks:
        lines.append(f"leaks: {leaks}")
    if lines and not leaks:
        lines.append("It was not searched for leaks between the parts")
    return tuple(lines)


def version_lines(context: Context, table: Table) -> tuple[str, ...]:
    """Say which stored version the rows are, and what led to it."""
    if table.version is None:
        return ()
    keys = table.version.keys
    lines = [f"dataset {table.version.dataset}", f"commit {table.version.commit}"]
    lines += [f"asked for as {table.version.ref}"] if table.version.ref else []
    lines += [f"rows are named by {', '.join(keys)}"] if keys else []
    commit = context.store.commits.get(table.version.commit)
    for _ in range(N_VERSIONS):
        if commit is None:
            break
        counts = f"+{commit.n_added} -{commit.n_removed} ~{commit.n_modified}"
        lines.append(f"{commit.short} ({counts}): {commit.message or 'no message'}")
        commit = context.store.commits.get(commit.parents[0]) if commit.parents else None
    return tuple(lines)
