"""What the views over the runs give, by column; the migrations say how.

Their metadata is their own: no table is made of them, and no foreign key may
point to one.
"""

from __future__ import annotations

import sqlalchemy as sa

from qforge_jupyter.store.types import AnyText, Moment, Real, Whole

_VIEWS = sa.MetaData()


def _view(name: str, latest: str, *columns: sa.Column[object]) -> sa.Table:
    """Name a view, its columns, and the one by which its latest rows are found."""
    return sa.Table(
        name, _VIEWS, sa.Column("workspace_id", AnyText), *columns, info={"latest": latest}
    )


def _columns(kind: type, *names: str) -> tuple[sa.Column[object], ...]:
    return tuple(sa.Column(name, kind) for name in names)


#: One row a verb: how often it ran, how it ended, how fast it was.
PERFORMANCE = _view(
    "performance",
    "last_at",
    *_columns(AnyText, "verb"),
    *_columns(Whole, "n_runs", "n_finished", "n_failed", "n_refused", "n_interrupted"),
    *_columns(Whole, "n_retries"),
    *_columns(Real, "mean_seconds", "max_seconds", "cpu_seconds"),
    *_columns(Whole, "max_memory_bytes", "n_rows"),
    *_columns(Real, "rows_per_second"),
    *_columns(Moment, "last_at"),
)
#: One row a run over a table: what went in, what it took, what came of it.
BATCH_STATISTICS = _view(
    "batch_statistics",
    "started_at",
    *_columns(AnyText, "run_id", "verb", "dataset", "fingerprint", "status", "error_category"),
    *_columns(Whole, "n_retries"),
    *_columns(AnyText, "device"),
    *_columns(Whole, "n_rows"),
    *_columns(Real, "seconds", "cpu_seconds"),
    *_columns(Whole, "peak_memory_bytes"),
    *_columns(Real, "rows_per_second"),
    *_columns(Whole, "n_metrics", "n_findings"),
    *_columns(AnyText, "tracker_run_id"),
    *_columns(Moment, "started_at"),
)
VIEWS = dict(_VIEWS.tables)
