"""Find outliers by column and group, or across columns."""

from __future__ import annotations

from typing import Literal

from qforge_jupyter.context import Context
from qforge_jupyter.engine.outliers import check_question, find_outliers
from qforge_jupyter.errors import CallError, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import row_marks
from qforge_jupyter.results.outliers import OutlierReport
from qforge_jupyter.rules.expressions import read_filter
from qforge_jupyter.settings import Settings

EXAMPLE = """\
%qforge outliers calcs by formula --method mad --columns gap,homo into odd
"""

Method = Literal["iqr", "z", "mad", "isolation-forest", "local-outlier-factor", "elliptic-envelope"]


def run(
    context: Context,
    subject: Table,
    *,
    method: Method = "iqr",
    columns: list[str] | None = None,
    by: list[str] | None = None,
    threshold: float | None = None,
    document: str = "",
    where: str = "",
) -> OutlierReport:
    """Find outliers and record them as anomalies.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table.
    method
        iqr, z and mad look at each column, by group; the others at all columns
        together.
    columns
        Columns to look at; every measured one by default.
    by
        Columns that make the groups.
    threshold
        How far is out: IQRs beyond the quartiles, |z|, or robust |z|.
    document
        A note that explains them; then they no longer keep a row from being
        certified.
    where
        Only outliers in rows for which this rule holds are documented.

    """
    _needs_note(where, document)
    with telling_when_stopped("stopped while looking for outliers; none was recorded"):
        report = find_outliers(
            subject,
            method=method,
            columns=columns,
            by=tuple(by or ()),
            threshold=_threshold(context.settings, method, threshold),
            seed=context.seed,
            progress=context.progress,
        )
    if not document:
        return report
    rows = report.rows["row"].unique().sort()
    if where:
        holds = subject.lazy.select(read_filter(where, subject.schema)).collect().to_series()
        rows = rows.filter(holds[rows])
    marks = row_marks(subject)[rows].to_list()
    return report.documented(subject.fingerprint, rows.to_list(), marks, document)


def rehearse(
    settings: Settings,
    subject: Table,
    *,
    method: Method = "iqr",
    columns: list[str] | None = None,
    by: list[str] | None = None,
    threshold: float | None = None,
    document: str = "",
    where: str = "",
) -> None:
    """Check the columns, the threshold and the filter."""
    _needs_note(where, document)
    check_question(
        subject.without_rows(),
        method=method,
        columns=columns,
        by=tuple(by or ()),
        threshold=_threshold(settings, method, threshold),
    )
    if where:
        read_filter(where, subject.schema)


def _needs_note(where: str, document: str) -> None:
    if where and not document:
        raise CallError('`where` chooses outliers to document: add --document "why they are right"')


def _threshold(settings: Settings, method: str, threshold: float | None) -> float | None:
    defaults = {
        "iqr": settings.outlier_iqr_multiplier,
        "z": settings.outlier_z_score_threshold,
    }
    return threshold or defaults.get(method)
