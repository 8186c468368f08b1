"""Merge duplicate records, keeping the approved one of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.columns import column as exact
from qforge_jupyter.context import Context
from qforge_jupyter.engine.deduplication import CERTIFIED, DuplicateCase, deduplicate
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import row_marks
from qforge_jupyter.results.certificate import Certificate
from qforge_jupyter.results.deduplication import Deduplication
from qforge_jupyter.results.run import LineageStep
from qforge_jupyter.rules.expressions import read_filter
from qforge_jupyter.verbs._approved_rows import approvals_of

#: It may take so long that it can run as a job.
IS_LONG = True
EXAMPLE = """\
%qforge deduplicate calcs by inchikey keep approved --approved "status = 'approved'" into clean
"""

Keep = Literal["approved", "complete", "newest", "first"]
Merge = Literal["keep", "fill"]


class Duplicates(BaseModel):
    """What is known of the duplicates."""

    model_config = ConfigDict(extra="forbid")

    approved: str = Field("", description="A rule, or a Boolean column: which rows are approved.")
    newest: str | None = Field(None, description="A column that grows with time.")
    merge: Merge | None = Field(None, description="fill: gaps are filled from the duplicates.")
    columns: list[str] | None = Field(None, description="What near duplicates are compared by.")
    embedding: str | None = Field(None, description="A column of vectors that says what is near.")
    within: float | None = Field(None, description="Distance up to which rows nearly repeat.")


def run(
    context: Context,
    subject: Table,
    *,
    by: list[str] | None = None,
    keep: Keep | None = None,
    approved: str = "",
    from_: Certificate | None = None,
    newest: str | None = None,
    merge: Merge | None = None,
    near: bool = False,
    within: float | None = None,
    columns: list[str] | None = None,
    embedding: str | None = None,
    body: Duplicates | None = None,
) -> Deduplication:
    """Merge the records of the same thing.

    Which record is approved is asked of the call first (``approved``, ``from``),
    then of a Boolean column ``approved`` where ``keep approved`` is asked for,
    then of the store: rows that a certificate certified go before rows of
    stored versions whose lineage is approved, these before all others.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table.
    by
        Columns that name a record; whole rows are compared by default.
    keep
        What decides first which record is kept: approved, complete, newest or
        first; the others decide between equals, in this order.
    approved
        A rule, or a Boolean column, that says which rows are approved; without it
        the store says what it knows.
    from_
        A certificate: the rows that it certified are approved.
    newest
        A column that grows with time.
    merge
        fill: gaps of the kept record are filled where its duplicates agree.
    near
        Merge near duplicates, too.
    within
        Distance up to which rows nearly repeat each other; calibrated by default.
    columns
        What near duplicates are compared by; all but ids and keys by default.
    embedding
        A column of vectors that alone says what is near.
    body
        The same as keys.

    """
    given = body or Duplicates()
    within = within if within is not None else given.within
    embedding = embedding or given.embedding
    chosen = columns if columns is not None else given.columns
    ranks, said = _approved(context, subject, approved or given.approved, from_, keep)
    case = DuplicateCase(
        subject,
        by=tuple(dict.fromkeys(by or ())),
        columns=None if chosen is None else tuple(chosen),
        seeks_near=near or within is not None or embedding is not None,
        near=within,
        embedding=embedding,
        approved=ranks,
        newest=newest or given.newest,
        keep=keep,
        fills=(merge or given.merge) == "fill",
        seed=context.seed,
        progress=context.progress,
    )
    merged = deduplicate(case)
    return replace(merged, steps=(_step(subject, merged),), notes=(*said, *merged.notes))


def _approved(
    context: Context,
    subject: Table,
    rule: str,
    certificate: Certificate | None,
    keep: Keep | None,
) -> tuple[pl.Series | None, tuple[str, ...]]:
    """Say of every row how well it is approved, and by what; None where nothing tells."""
    if rule and certificate is not None:
        raise CallError("Both `approved` and `from` came: one of them says what is approved")
    if certificate is not None:
        certified = Table("certified", certificate.source.filter(certificate.rows["ml_ready"]))
        is_certified = row_marks(subject).is_in(row_marks(certified).implode())
        return is_certified.cast(pl.Int8) * CERTIFIED, ()
    if not rule and keep == "approved" and subject.schema.get("approved") == pl.Boolean:
        rule = "approved"
    if not rule:
        known = approvals_of(context, subject)
        said = f"Approved, as the store knows: {'; '.join(known.said)}." if known.said else ""
        return known.ranks, (said,) if said else ()
    if subject.schema.get(rule) == pl.Boolean:
        return subject.frame.select(exact(rule).alias("approved"))["approved"], ()
    holds = subject.frame.lazy().select(read_filter(rule, subject.schema).alias("approved"))
    return holds.collect()["approved"], ()


def _step(subject: Table, merged: Deduplication) -> LineageStep:
    made = Table.of_frame(f"{subject.name} without duplicates", merged.frame)
    return LineageStep(
        made.name,
        made.fingerprint,
        subject.origin,
        "deduplicate",
        parameters={**merged.payload(), "groups": merged.n_groups},
        inputs=(subject.fingerprint,),
    )
