"""Certify the rows of a scored table that may be trained on."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.engine.ancestry import Ancestry
from qforge_jupyter.engine.readiness import count_refusals, judge
from qforge_jupyter.errors import CallError, QualityError
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import fingerprint, row_marks
from qforge_jupyter.results.certificate import Certificate
from qforge_jupyter.results.decision import approval
from qforge_jupyter.results.run import LineageStep
from qforge_jupyter.results.run import document_outliers as document_outliers_of
from qforge_jupyter.results.score import ScoreReport
from qforge_jupyter.results.version import Version
from qforge_jupyter.rules.expressions import read_filter
from qforge_jupyter.settings import Settings

EXAMPLE = """\
%qforge certify calcs from report --approve-lineage --reason "GFN2, default settings, reviewed"
"""


def run(
    context: Context,
    subject: Table,
    *,
    from_: ScoreReport,
    approve_lineage: bool = False,
    reason: str = "",
    document_outliers: str = "",
    where: str = "",
    all_: bool = False,
) -> Certificate:
    """Certify what a report found to be in order.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table; it must be the one that was scored.
    from_
        The score report of this very table.
    approve_lineage
        Vouch for where the data came from; needs a reason.
    reason
        Why the lineage is approved.
    document_outliers
        A note that explains the outliers; they no longer stand in the way.
    where
        Only the outliers in rows for which this rule holds are documented.
    all_
        Demand every row, not only some.

    Raises
    ------
    QualityError
        The report is not certifiable, no row is ready, or (with ``all_``) one
        is not; the certificate that would have been is in the error.

    """
    report = _matching(subject, from_)
    _check(approve_lineage, reason, document_outliers, where)
    if report.missing:
        raise QualityError(
            f"{subject.name} cannot be certified, because {report.missing[0]}: "
            "add it to the scorecard, or give that dimension the weight 0"
        )
    # Equal content may stand in another order: everything is by the rows as they were scored.
    scored = Table(subject.name, report.source, subject.origin)
    marks = row_marks(scored)
    flagged = _flagged(context, report, marks)
    is_odd = pl.select(pl.any_horizontal(report.rows["is_outlier"], *flagged.values())).to_series()
    rows = report.rows.with_columns(
        _documented(context, scored, report, marks, is_odd, document_outliers, where),
        is_odd.alias("is_odd"),
    )
    is_approved = _is_approved(context, subject, vouches=approve_lineage)
    rows = judge(rows, report.card["ml_ready"], is_lineage_approved=is_approved, flagged=flagged)
    certificate = _certificate(subject.name, report, rows, reason=reason, is_approved=is_approved)
    certificate = replace(certificate, version=_version(context, subject), marks=marks)
    _refuse(certificate, demands_all=all_)
    if approve_lineage:
        vouched = approval(
            subject.name, subject.fingerprint, context.actor, context.clock(), reason
        )
        certificate = replace(certificate, approval=vouched)
    certificate = replace(certificate, step=_made(certificate))
    if document_outliers:
        chosen = rows.filter(pl.col("is_odd") & pl.col("is_documented"))["row"]
        own = marks[chosen].to_list()
        said = document_outliers_of(report.fingerprint, chosen.to_list(), own, document_outliers)
        certificate = replace(certificate, documented=said)
    return certificate


def rehearse(
    settings: Settings,  # noqa: ARG001 - every verb has one shape
    subject: Table,
    *,
    from_: ScoreReport,
    approve_lineage: bool = False,
    reason: str = "",
    document_outliers: str = "",
    where: str = "",
    all_: bool = False,  # noqa: ARG001 - every verb has one shape
) -> None:
    """Check the report, what is missing, and the filter."""
    _matching(subject, from_)
    _check(approve_lineage, reason, document_outliers, where)
    if where:
        read_filter(where, subject.schema)


def _check(approve_lineage: bool, reason: str, document_outliers: str, where: str) -> None:
    if approve_lineage and not reason.strip():
        raise CallError('Approving lineage needs a reason: add --reason "why you vouch for it"')
    if where and not document_outliers:
        raise CallError('`where` chooses outliers to document: add --document-outliers "why"')


def _is_approved(context: Context, subject: Table, *, vouches: bool) -> bool:
    """Say whether the lineage is approved; what is revoked is refused whatever the gate asks."""
    ancestry = Ancestry(context.store.lineage.above(subject.fingerprint))
    standing = ancestry.standing(subject.fingerprint)
    if standing.state == "made of revoked":
        above = ancestry.named(standing.because)[0]
        raise QualityError(
            f"{subject.name} cannot be certified, because it is made of {above}, which was "
            f"revoked ({standing.reason}): make it anew, or approve {above} again"
        )
    if standing.state == "revoked" and not vouches:
        raise QualityError(
            f"{subject.name} cannot be certified, because it was revoked ({standing.reason}): "
            'if that no longer holds, `%qforge approve` it with --reason "…"'
        )
    return vouches or standing.is_approved


def _made(certificate: Certificate) -> LineageStep | None:
    """Say how the certified rows came about, where some were left out."""
    if certificate.n_ready == certificate.n_rows:
        return None
    name = certificate.name
    return LineageStep(
        f"{name} ready",
        fingerprint(certificate.ready),
        f"certified rows of {name}",
        inputs=(certificate.fingerprint,),
        input_names=(name,),
    )


def _matching(subject: Table, report: ScoreReport) -> ScoreReport:
    if not isinstance(report, ScoreReport):
        raise CallError("`from` wants the report of `%%qforge score`: score the table first")
    if report.fingerprint != subject.fingerprint:
        raise CallError(
            f"{subject.name} is not the table that was scored as {report.name}: "
            "its content differs, so score it again"
        )
    return report


def _flagged(context: Context, report: ScoreReport, marks: pl.Series) -> dict[str, pl.Series]:
    """Find the rows that `outliers` flagged in this very content, by method and severity."""
    found: dict[str, pl.Series] = {}
    for part in context.store.findings.flagged_rows(report.fingerprint):
        name = f"{part.method} ({part.severity})"
        here = marks.is_in(sorted(part.marks))
        found[name] = (found[name] | here if name in found else here).alias(f"by {name}")
    return found


def _documented(
    context: Context,
    scored: Table,
    report: ScoreReport,
    marks: pl.Series,
    is_odd: pl.Series,
    note: str,
    where: str,
) -> pl.Series:
    """Mark rows whose outliers are explained, now or earlier."""
    explained = pl.repeat(value=False, n=report.n_rows, dtype=pl.Boolean, eager=True)
    if earlier := context.store.findings.documented_marks(report.fingerprint):
        explained |= marks.is_in(sorted(earlier))
    if note:
        now = is_odd
        if where:
            now &= scored.lazy.select(read_filter(where, scored.schema)).collect().to_series()
        explained |= now
    return explained.alias("is_documented")


def _version(context: Context, subject: Table) -> Version | None:
    """Find the stored version that was certified: the one it was read from, or its equal."""
    if subject.version is not None:
        return subject.version
    found = context.store.commits.holding(subject.fingerprint)
    dataset = context.store.datasets.get(found[0].dataset_id) if found else None
    return Version(dataset.name, found[0].id, keys=dataset.keys) if dataset else None


def _certificate(
    name: str, report: ScoreReport, rows: pl.DataFrame, *, reason: str, is_approved: bool
) -> Certificate:
    return Certificate(
        name=name,
        fingerprint=report.fingerprint,
        n_rows=report.n_rows,
        n_documented=int((rows["is_odd"] & rows["is_documented"]).sum()),
        refusals=count_refusals(rows),
        gate=report.card["ml_ready"],
        overall=report.overall.value if report.overall else 0.0,
        rows=rows.select("row", "overall", "ml_ready", "refusals"),
        source=report.source,
        reason=reason,
        is_lineage_approved=is_approved,
    )


def _refuse(certificate: Certificate, *, demands_all: bool) -> None:
    n_ready, total = certificate.n_ready, certificate.n_rows
    if n_ready == total or (n_ready and not demands_all):
        return
    why, n_rows = certificate.refusals[0]
    verb = "no row" if not n_ready else f"only {n_ready:,} of {total:,} rows"
    advice = (
        'vouch for it with --approve-lineage --reason "…"'
        if why == "lineage not approved"
        else "`%qforge why REPORT` shows the rows"
    )
    raise QualityError(
        f"{certificate.name}: {verb} can be certified, first because of {why!r} "
        f"({n_rows:,} rows): {advice}",
        result=replace(certificate, is_granted=False),
    )
