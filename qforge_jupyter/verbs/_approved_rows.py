"""Which rows of a table the store knows to be approved, wherever they were approved.

An approval is of content: it holds for the same row in any table. Two things
are looked up, the better one first.

1. Certificates: rows that a certificate found to be ML-ready. Of two
   certificates over the same row, the later one counts, also where it left the
   row out.
2. Stored versions whose lineage is approved, by decision or through what they
   were made of: each of their rows.

What was certified or approved and is revoked since, or is made of something
revoked, counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.engine.deduplication import APPROVED, CERTIFIED
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import row_marks
from qforge_jupyter.store.commits import KeptCommit
from qforge_jupyter.verbs._standing import standing_of
from qforge_jupyter.versions.reading import table_of

#: Certificates, and versions, that are looked at: the latest ones.
MOST_ASKED = 200


@dataclass(frozen=True)
class Approvals:
    """How well each row is approved, and by what.

    Parameters
    ----------
    ranks
        0, `APPROVED` or `CERTIFIED` for every row; None where nothing is known of any.
    said
        What was found, for a report.

    """

    ranks: pl.Series | None
    said: tuple[str, ...] = ()


def approvals_of(context: Context, subject: Table) -> Approvals:
    """Look up what certificates and approved versions say of the rows of a table."""
    found = _Found(pl.DataFrame({"mark": row_marks(subject)}).with_columns(rank=pl.lit(0)))
    _by_certificates(context, found)
    _by_versions(context, subject, found)
    if not found.said:
        return Approvals(None)
    return Approvals(found.rows["rank"], tuple(found.said))


class _Found:
    """The rows by their marks, with the rank that each has so far."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self.rows = rows.with_columns(is_decided=pl.lit(value=False))
        self.said: list[str] = []

    def certify(self, ready: pl.DataFrame, name: str) -> None:
        """Take the word of a certificate for rows of which no later one speaks."""
        known = ready.group_by("mark").agg(pl.col("ml_ready").any())
        here = self.rows.join(known, on="mark", how="left", maintain_order="left")
        is_new = ~pl.col("is_decided") & pl.col("ml_ready").is_not_null()
        made = here.with_columns(
            rank=pl.when(is_new & pl.col("ml_ready")).then(CERTIFIED).otherwise("rank"),
            is_decided=pl.col("is_decided") | is_new,
        )
        n_new = int(here.select((is_new & pl.col("ml_ready")).sum()).item())
        self.rows = made.drop("ml_ready")
        if n_new:
            self.said.append(f"{n_new:,} certified by the certificate of {name}")

    def approve(self, marks: pl.Series, name: str) -> None:
        """Approve rows that a version holds and no certificate certified."""
        is_new = self.rows.select(
            (pl.col("rank") < APPROVED) & pl.col("mark").is_in(marks.implode())
        ).to_series()
        self.rows = self.rows.with_columns(rank=pl.when(is_new).then(APPROVED).otherwise("rank"))
        if n_new := int(is_new.sum()):
            self.said.append(f"{n_new:,} of approved {name}")


def _by_certificates(context: Context, found: _Found) -> None:
    store = context.store
    for summary in store.runs.list(verb="certify", status="finished", limit=MOST_ASKED):
        record = store.runs.get(summary.id)
        file = next((one for one in record.artifacts if one.name == "readiness.parquet"), None)
        content = record.inputs[0].fingerprint if record.inputs else ""
        if file is None or not store.objects.has(file.sha256):
            continue
        ready = store.objects.read_frame(file.sha256)
        is_known = "mark" in ready.columns and ready["mark"].is_in(found.rows["mark"]).any()
        if is_known and not standing_of(context, content).is_revoked:
            found.certify(ready.select("mark", "ml_ready"), str((record.report or {}).get("name")))


def _by_versions(context: Context, subject: Table, found: _Found) -> None:
    """Look into the approved versions with the subject's columns, each content once."""
    store = context.store
    columns = {(name, str(dtype)) for name, dtype in subject.schema.items()}
    commits: list[tuple[KeptCommit, str]] = []
    for dataset in store.datasets.list():
        commits += [
            (each, dataset.name)
            for each in store.commits.of(dataset.id)
            if set(each.columns) == columns
        ]
    latest = sorted(commits, key=lambda pair: pair[0].committed_at, reverse=True)[:MOST_ASKED]
    known = {}
    for commit, name in latest:
        if commit.fingerprint in known or not standing_of(context, commit.fingerprint).is_approved:
            continue
        known[commit.fingerprint] = name
        dataset_of = store.datasets.get(commit.dataset_id)
        if dataset_of is not None:
            found.approve(row_marks(table_of(store, dataset_of, commit)), name)
