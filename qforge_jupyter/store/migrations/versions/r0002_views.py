"""Show performance and batch statistics as views over the runs.

A later revision that rebuilds `run`, `metric` or `finding` drops the views
first and creates them again: SQLite refuses to rename a table under a view.
"""

from __future__ import annotations

from alembic import op

from qforge_jupyter.store.backends import postgresql, sqlite

revision = "r0002_views"
down_revision = "r0001_v0_1_0"
branch_labels = None
depends_on = None

_PERFORMANCE = """
SELECT workspace_id, verb,
  count(*) AS n_runs,
  count(*) FILTER (WHERE status = 'finished') AS n_finished,
  count(*) FILTER (WHERE status = 'failed') AS n_failed,
  count(*) FILTER (WHERE status = 'refused') AS n_refused,
  count(*) FILTER (WHERE status = 'interrupted') AS n_interrupted,
  CAST(sum(attempts - 1) AS BIGINT) AS n_retries,
  avg(seconds) AS mean_seconds,
  max(seconds) AS max_seconds,
  sum(cpu_seconds) AS cpu_seconds,
  max(peak_memory_bytes) AS max_memory_bytes,
  CAST(coalesce(sum(n_rows), 0) AS BIGINT) AS n_rows,
  CAST(sum(n_rows) AS DOUBLE PRECISION)
    / nullif(sum(seconds) FILTER (WHERE n_rows IS NOT NULL), 0) AS rows_per_second,
  max(started_at) AS last_at
FROM run GROUP BY workspace_id, verb
"""
_BATCH_STATISTICS = """
SELECT workspace_id, id AS run_id, verb, dataset, fingerprint, status, error_category,
  attempts - 1 AS n_retries, device, n_rows, seconds, cpu_seconds, peak_memory_bytes,
  CAST(n_rows AS DOUBLE PRECISION) / nullif(seconds, 0) AS rows_per_second,
  (SELECT count(*) FROM metric
    WHERE metric.workspace_id = run.workspace_id AND metric.run_id = run.id) AS n_metrics,
  (SELECT count(*) FROM finding
    WHERE finding.workspace_id = run.workspace_id AND finding.run_id = run.id) AS n_findings,
  tracker_run_id, started_at
FROM run WHERE n_rows IS NOT NULL
"""


def upgrade() -> None:
    """Create the views."""
    connection = op.get_bind()
    backend = postgresql if connection.dialect.name == "postgresql" else sqlite
    backend.require_views(connection)
    for name, query in (("performance", _PERFORMANCE), ("batch_statistics", _BATCH_STATISTICS)):
        for statement in backend.view(name, query):
            op.execute(statement)
