"""Find outliers by column and group, or across columns."""

from __future__ import annotations

from typing import Literal

import polars as pl

from qforge_jupyter.columns import free_name
from qforge_jupyter.context import Context
from qforge_jupyter.engine.outliers import check_question, find_outliers
from qforge_jupyter.errors import CallError, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import row_marks
from qforge_jupyter.results.outliers import OutlierReport
from qforge_jupyter.rules.expressions import read_filter
from qforge_jupyter.settings import Settings

#: It may take so long that it can run as a job.
IS_LONG = True
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
    keys: list[str] | None = None,
    contamination: float | None = None,
    document: str = "",
    where: str = "",
) -> OutlierReport:
    """Find outliers and record them as anomalies.

    They keep rows of the same content from being certified until somebody
    documents them, here or with `certify`; the same search again (method,
    columns, groups) takes the place of the earlier one.

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
    keys
        Columns whose values name a row in the anomaly records.
    contamination
        For the methods over all columns, instead of a threshold: the share of
        rows that lies out.
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
            keys=tuple(keys or ()),
            threshold=_threshold(context.settings, method, threshold),
            contamination=contamination,
            seed=context.seed,
            progress=context.progress,
        )
    rows = report.rows["row"].unique().sort()
    marks = _marks(subject, rows)
    known = context.store.findings.documented_marks(subject.fingerprint)
    if document and where:
        holds = subject.lazy.select(read_filter(where, subject.schema)).collect().to_series()
        explained = rows.filter(holds[rows])
    else:
        explained = rows if document else rows.head(0)
    report = report.recorded(
        subject.fingerprint,
        marks,
        documented={*(row for row, mark in marks.items() if mark in known), *explained},
        search={"columns": columns or [], "by": by or []},
    )
    if not document:
        return report
    named = [marks[row] for row in explained]
    return report.documented(subject.fingerprint, explained.to_list(), named, document)


def rehearse(
    settings: Settings,
    subject: Table,
    *,
    method: Method = "iqr",
    columns: list[str] | None = None,
    by: list[str] | None = None,
    keys: list[str] | None = None,
    threshold: float | None = None,
    contamination: float | None = None,
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
        keys=tuple(keys or ()),
        threshold=_threshold(settings, method, threshold),
        contamination=contamination,
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
    return threshold if threshold is not None else defaults.get(method)


def _marks(subject: Table, rows: pl.Series) -> dict[int, str]:
    """Name some rows by their content."""
    place = free_name("row", subject.columns)
    part = subject.lazy.with_row_index(place).filter(pl.col(place).is_in(rows.implode()))
    marks = row_marks(Table(subject.name, part.drop(place), subject.origin))
    return dict(zip(rows.to_list(), marks.to_list(), strict=True))
