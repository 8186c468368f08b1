"""Keep jobs, and the chunks of their work that are done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qforge_jupyter.store import types
from qforge_jupyter.store.backends import postgresql, sqlite

revision = "r0004_jobs"
down_revision = "r0003_labels"
branch_labels = None
depends_on = None

_STATES = ("queued", "running", "done", "failed", "cancelled", "interrupted")
_CATEGORIES = ("data", "model", "resource", "timeout", "internal")
_COUNTS = ("n_done", "n_total", "attempts", "most_attempts", "every_s", "fresh_within_s")


def upgrade() -> None:
    """Create both tables with their policies."""
    _create_job()
    _create_checkpoint()
    backend = postgresql if op.get_context().dialect.name == "postgresql" else sqlite
    for table in ("job", "checkpoint"):
        for statement in backend.isolate(table):
            op.execute(statement)


def _create_job() -> None:
    moments = ("started_at", "ended_at", "succeeded_at", "cancel_asked_at", "alerted_at")
    op.create_table(
        "job",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("name", types.Word(), nullable=False),
        sa.Column("verb", types.Word(), nullable=False),
        sa.Column("call", types.Json(), nullable=False),
        sa.Column("actor", types.AnyText(), nullable=False),
        sa.Column("state", types.Word(), nullable=False),
        sa.Column("owner", types.Word(), nullable=False),
        sa.Column("heartbeat_at", types.Moment(), nullable=True),
        sa.Column("n_done", types.Whole(), nullable=False),
        sa.Column("n_total", types.Whole(), nullable=True),
        sa.Column("doing", types.AnyText(), nullable=False),
        sa.Column("attempts", types.Whole(), nullable=False),
        sa.Column("most_attempts", types.Whole(), nullable=False),
        sa.Column("every_s", types.Real(), nullable=True),
        sa.Column("fresh_within_s", types.Real(), nullable=True),
        sa.Column("next_at", types.Moment(), nullable=True),
        sa.Column("queued_at", types.Moment(), nullable=False),
        *(sa.Column(name, types.Moment(), nullable=True) for name in moments),
        sa.Column("error_category", types.AnyText(), nullable=True),
        sa.Column("error_message", types.AnyText(), nullable=False),
        sa.Column("run_id", types.AnyText(), nullable=True),
        sa.Column("fingerprint", types.AnyText(), nullable=False),
        *_kept(),
        _one_of("state", _STATES),
        _one_of("error_category", _CATEGORIES),
        *(sa.CheckConstraint(f"{each} >= 0", name=op.f(f"ck_job_{each}")) for each in _COUNTS),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["run.workspace_id", "run.id"],
            name=op.f("fk_job_workspace_id_run_id_run"),
        ),
        _of_workspace("job"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_job")),
        sqlite_strict=True,
    )
    _index("job", "name", unique=True)
    _index("job", "run_id")
    _index("job", "state", "next_at")


def _create_checkpoint() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("job_id", types.AnyText(), nullable=False),
        sa.Column("chunk", types.Word(), nullable=False),
        sa.Column("sha256", types.AnyText(), nullable=False),
        *_kept(),
        sa.CheckConstraint("length(chunk) = 64", name=op.f("ck_checkpoint_chunk")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_checkpoint_sha256")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "job_id"],
            ["job.workspace_id", "job.id"],
            name=op.f("fk_checkpoint_workspace_id_job_id_job"),
            ondelete="CASCADE",
        ),
        _of_workspace("checkpoint"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_checkpoint")),
        sqlite_strict=True,
    )
    _index("checkpoint", "job_id", "chunk", unique=True)


def _one_of(column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    words = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({words})", name=op.f(f"ck_job_{column}"))


def _kept() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
    )


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id"],
        ["workspace.workspace_id"],
        name=op.f(f"fk_{table}_workspace_id_workspace"),
        ondelete="CASCADE",
    )


def _index(table: str, *columns: str, unique: bool = False) -> None:
    name = op.f(f"ix_{table}_workspace_id_{'_'.join(columns)}")
    op.create_index(name, table, ["workspace_id", *columns], unique=unique)
