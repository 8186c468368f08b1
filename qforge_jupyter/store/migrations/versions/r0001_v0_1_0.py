"""Create the nineteen tables, their triggers and their policies.

Long, because it is the schema of version 0.1.0 as it was, written by Alembic
and never edited again: later models do not change it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qforge_jupyter.store import types
from qforge_jupyter.store.backends import postgresql, sqlite

revision = "r0001_v0_1_0"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "workspace",
    "dataset",
    "object",
    "run",
    "state",
    "commit",
    "event",
    "feature_set",
    "finding",
    "labeling_session",
    "lineage",
    "metric",
    "model",
    "signature",
    "commit_object",
    "label_event",
    "prediction",
    "ref",
    "split",
)
APPEND_ONLY = ("event", "label_event")


def upgrade() -> None:
    """Create everything."""
    _create_tables()
    backend = postgresql if op.get_context().dialect.name == "postgresql" else sqlite
    for table in TABLES:
        for statement in backend.isolate(table):
            op.execute(statement)
    for table in APPEND_ONLY:
        for statement in backend.append_only(table):
            op.execute(statement)


def _create_tables() -> None:  # noqa: PLR0915 — one statement a table and an index
    op.create_table(
        "workspace",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("members", types.Json(), nullable=False),
        sa.Column("n_events", types.Whole(), nullable=False),
        sa.Column("last_hash", types.AnyText(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint("n_events >= 0", name=op.f("ck_workspace_n_events")),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_workspace")),
        sqlite_strict=True,
    )
    op.create_table(
        "dataset",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("name", types.Word(), nullable=False),
        sa.Column("description", types.AnyText(), nullable=False),
        sa.Column("owner", types.AnyText(), nullable=False),
        sa.Column("status", types.AnyText(), nullable=False),
        sa.Column("tags", types.Json(), nullable=False),
        sa.Column("collection", types.Json(), nullable=False),
        sa.Column("parent_id", types.AnyText(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'archived', 'deleted')", name=op.f("ck_dataset_status")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "parent_id"],
            ["dataset.workspace_id", "dataset.id"],
            name=op.f("fk_dataset_workspace_id_parent_id_dataset"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_dataset_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_dataset")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_dataset_workspace_id_name"),
        "dataset",
        ["workspace_id", "name"],
        unique=True,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        op.f("ix_dataset_workspace_id_parent_id"),
        "dataset",
        ["workspace_id", "parent_id"],
        unique=False,
    )
    op.create_table(
        "object",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("sha256", types.AnyText(), nullable=False),
        sa.Column("media_type", types.AnyText(), nullable=False),
        sa.Column("n_bytes", types.Whole(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_object_sha256")),
        sa.CheckConstraint("n_bytes >= 0", name=op.f("ck_object_n_bytes")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_object_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "sha256", name=op.f("pk_object")),
        sqlite_strict=True,
    )
    op.create_table(
        "run",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("verb", types.Word(), nullable=False),
        sa.Column("actor", types.AnyText(), nullable=False),
        sa.Column("status", types.AnyText(), nullable=False),
        sa.Column("started_at", types.Moment(), nullable=False),
        sa.Column("ended_at", types.Moment(), nullable=False),
        sa.Column("seconds", types.Real(), nullable=False),
        sa.Column("options", types.Json(), nullable=False),
        sa.Column("seed", types.Whole(), nullable=True),
        sa.Column("device", types.AnyText(), nullable=False),
        sa.Column("cpu_seconds", types.Real(), nullable=False),
        sa.Column("peak_memory_bytes", types.Whole(), nullable=False),
        sa.Column("n_rows", types.Whole(), nullable=True),
        sa.Column("attempts", types.Whole(), nullable=False),
        sa.Column("error_category", types.AnyText(), nullable=True),
        sa.Column("error_message", types.AnyText(), nullable=False),
        sa.Column("engine_version", types.AnyText(), nullable=False),
        sa.Column("host", types.AnyText(), nullable=False),
        sa.Column("notebook", types.AnyText(), nullable=False),
        sa.Column("cell", types.AnyText(), nullable=False),
        sa.Column("git_commit", types.AnyText(), nullable=False),
        sa.Column("report", types.Json(), nullable=True),
        sa.Column("inputs", types.Json(), nullable=False),
        sa.Column("artifacts", types.Json(), nullable=False),
        sa.Column("dataset", types.AnyText(), nullable=False),
        sa.Column("fingerprint", types.AnyText(), nullable=False),
        sa.Column("parent_id", types.AnyText(), nullable=True),
        sa.Column("tracker_state", types.AnyText(), nullable=False),
        sa.Column("tracker_run_id", types.AnyText(), nullable=False),
        sa.Column("tracker_reason", types.AnyText(), nullable=False),
        sa.Column("tracker_attempts", types.Whole(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint(
            "error_category IN ('data', 'model', 'resource', 'timeout', 'internal')",
            name=op.f("ck_run_error_category"),
        ),
        sa.CheckConstraint(
            "status IN ('finished', 'failed', 'refused', 'interrupted')", name=op.f("ck_run_status")
        ),
        sa.CheckConstraint(
            "tracker_state IN ('none', 'pending', 'synced', 'failed')",
            name=op.f("ck_run_tracker_state"),
        ),
        sa.CheckConstraint("attempts >= 1", name=op.f("ck_run_attempts")),
        sa.CheckConstraint("cpu_seconds >= 0", name=op.f("ck_run_cpu_seconds")),
        sa.CheckConstraint("n_rows >= 0", name=op.f("ck_run_n_rows")),
        sa.CheckConstraint("peak_memory_bytes >= 0", name=op.f("ck_run_peak_memory_bytes")),
        sa.CheckConstraint("tracker_attempts >= 0", name=op.f("ck_run_tracker_attempts")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "parent_id"],
            ["run.workspace_id", "run.id"],
            name=op.f("fk_run_workspace_id_parent_id_run"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_run_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_run")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_run_dataset"), "run", ["dataset"], unique=False, postgresql_using="hash"
    )
    op.create_index(
        op.f("ix_run_fingerprint"), "run", ["fingerprint"], unique=False, postgresql_using="hash"
    )
    op.create_index(
        op.f("ix_run_workspace_id_parent_id"), "run", ["workspace_id", "parent_id"], unique=False
    )
    op.create_index(
        op.f("ix_run_workspace_id_started_at"), "run", ["workspace_id", "started_at"], unique=False
    )
    op.create_index(
        op.f("ix_run_workspace_id_status_started_at"),
        "run",
        ["workspace_id", "status", "started_at"],
        unique=False,
        sqlite_where=sa.text("status <> 'finished'"),
        postgresql_where=sa.text("status <> 'finished'"),
    )
    op.create_index(
        op.f("ix_run_workspace_id_tracker_state_started_at"),
        "run",
        ["workspace_id", "tracker_state", "started_at"],
        unique=False,
        sqlite_where=sa.text("tracker_state IN ('pending', 'failed')"),
        postgresql_where=sa.text("tracker_state IN ('pending', 'failed')"),
    )
    op.create_index(
        op.f("ix_run_workspace_id_verb_started_at"),
        "run",
        ["workspace_id", "verb", "started_at"],
        unique=False,
    )
    op.create_table(
        "state",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("scope", types.AnyText(), nullable=False),
        sa.Column("owner", types.Word(), nullable=False),
        sa.Column("key", types.Word(), nullable=False),
        sa.Column("value", types.Json(), nullable=False),
        sa.Column("started_at", types.Moment(), nullable=True),
        sa.Column("last_seen_at", types.Moment(), nullable=True),
        sa.Column("ended_at", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint("scope IN ('session', 'user')", name=op.f("ck_state_scope")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_state_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_state")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_state_workspace_id_scope_owner_key"),
        "state",
        ["workspace_id", "scope", "owner", "key"],
        unique=True,
    )
    op.create_table(
        "commit",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("dataset_id", types.AnyText(), nullable=False),
        sa.Column("parents", types.Json(), nullable=False),
        sa.Column("author", types.AnyText(), nullable=False),
        sa.Column("message", types.AnyText(), nullable=False),
        sa.Column("committed_at", types.Moment(), nullable=False),
        sa.Column("n_rows", types.Whole(), nullable=False),
        sa.Column("n_added", types.Whole(), nullable=False),
        sa.Column("n_removed", types.Whole(), nullable=False),
        sa.Column("n_modified", types.Whole(), nullable=False),
        sa.Column("fingerprint", types.AnyText(), nullable=False),
        sa.Column("columns", types.Json(), nullable=False),
        sa.Column("quality_score", types.Real(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint("length(id) = 64", name=op.f("ck_commit_id")),
        sa.CheckConstraint("n_added >= 0", name=op.f("ck_commit_n_added")),
        sa.CheckConstraint("n_modified >= 0", name=op.f("ck_commit_n_modified")),
        sa.CheckConstraint("n_removed >= 0", name=op.f("ck_commit_n_removed")),
        sa.CheckConstraint("n_rows >= 0", name=op.f("ck_commit_n_rows")),
        sa.CheckConstraint(
            "quality_score >= 0 AND quality_score <= 1", name=op.f("ck_commit_quality_score")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dataset_id"],
            ["dataset.workspace_id", "dataset.id"],
            name=op.f("fk_commit_workspace_id_dataset_id_dataset"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_commit_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_commit")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_commit_fingerprint"),
        "commit",
        ["fingerprint"],
        unique=False,
        postgresql_using="hash",
    )
    op.create_index(
        op.f("ix_commit_workspace_id_dataset_id_committed_at"),
        "commit",
        ["workspace_id", "dataset_id", "committed_at"],
        unique=False,
    )
    op.create_table(
        "event",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("position", types.Whole(), nullable=False),
        sa.Column("kind", types.AnyText(), nullable=False),
        sa.Column("actor", types.AnyText(), nullable=False),
        sa.Column("action", types.AnyText(), nullable=False),
        sa.Column("entity", types.AnyText(), nullable=False),
        sa.Column("before", types.Json(), nullable=True),
        sa.Column("after", types.Json(), nullable=True),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("run_id", types.AnyText(), nullable=True),
        sa.Column("previous_hash", types.AnyText(), nullable=False),
        sa.Column("hash", types.AnyText(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint("kind IN ('audit', 'call', 'error')", name=op.f("ck_event_kind")),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_event_hash")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_event_position")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["run.workspace_id", "run.id"],
            name=op.f("fk_event_workspace_id_run_id_run"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_event_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_event")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_event_entity"), "event", ["entity"], unique=False, postgresql_using="hash"
    )
    op.create_index(
        op.f("ix_event_workspace_id_kind_at"), "event", ["workspace_id", "kind", "at"], unique=False
    )
    op.create_index(
        op.f("ix_event_workspace_id_position"), "event", ["workspace_id", "position"], unique=True
    )
    op.create_index(
        op.f("ix_event_workspace_id_run_id"), "event", ["workspace_id", "run_id"], unique=False
    )
    op.create_table(
        "feature_set",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("name", types.Word(), nullable=False),
        sa.Column("version", types.Word(), nullable=False),
        sa.Column("kind", types.AnyText(), nullable=False),
        sa.Column("run_id", types.AnyText(), nullable=True),
        sa.Column("n_features", types.Whole(), nullable=False),
        sa.Column("names", types.Json(), nullable=False),
        sa.Column("correlation", types.Json(), nullable=False),
        sa.Column("parameters", types.Json(), nullable=False),
        sa.Column("depends_on", types.Json(), nullable=False),
        sa.Column("git_commit", types.AnyText(), nullable=False),
        sa.Column("feature_values", types.AnyText(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint("n_features >= 0", name=op.f("ck_feature_set_n_features")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "feature_values"],
            ["object.workspace_id", "object.sha256"],
            name=op.f("fk_feature_set_workspace_id_feature_values_object"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["run.workspace_id", "run.id"],
            name=op.f("fk_feature_set_workspace_id_run_id_run"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_feature_set_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_feature_set")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_feature_set_workspace_id_feature_values"),
        "feature_set",
        ["workspace_id", "feature_values"],
        unique=False,
    )
    op.create_index(
        op.f("ix_feature_set_workspace_id_name_version"),
        "feature_set",
        ["workspace_id", "name", "version"],
        unique=True,
    )
    op.create_index(
        op.f("ix_feature_set_workspace_id_run_id"),
        "feature_set",
        ["workspace_id", "run_id"],
        unique=False,
    )
    op.create_table(
        "finding",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("run_id", types.AnyText(), nullable=False),
        sa.Column("position", types.Whole(), nullable=False),
        sa.Column("kind", types.Word(), nullable=False),
        sa.Column("name", types.AnyText(), nullable=False),
        sa.Column("n_rows", types.Whole(), nullable=False),
        sa.Column("severity", types.AnyText(), nullable=False),
        sa.Column("column_name", types.AnyText(), nullable=False),
        sa.Column("method", types.AnyText(), nullable=False),
        sa.Column("statistic", types.Real(), nullable=True),
        sa.Column("low", types.Real(), nullable=True),
        sa.Column("high", types.Real(), nullable=True),
        sa.Column("rows", types.Json(), nullable=False),
        sa.Column("entities", types.Json(), nullable=False),
        sa.Column("action", types.AnyText(), nullable=False),
        sa.Column("note", types.AnyText(), nullable=False),
        sa.Column("detail", types.Json(), nullable=False),
        sa.Column("documented_rows", types.Json(), nullable=False),
        sa.Column("documented_by", types.AnyText(), nullable=False),
        sa.Column("documented_at", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint(
            "action IN ('flagged', 'excluded', 'documented')", name=op.f("ck_finding_action")
        ),
        sa.CheckConstraint(
            "severity IN ('low', 'medium', 'high', 'critical')", name=op.f("ck_finding_severity")
        ),
        sa.CheckConstraint("n_rows >= 0", name=op.f("ck_finding_n_rows")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_finding_position")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["run.workspace_id", "run.id"],
            name=op.f("fk_finding_workspace_id_run_id_run"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_finding_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_finding")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_finding_workspace_id_kind_created_at"),
        "finding",
        ["workspace_id", "kind", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_finding_workspace_id_run_id_position"),
        "finding",
        ["workspace_id", "run_id", "position"],
        unique=False,
    )
    op.create_index(
        op.f("ix_finding_workspace_id_severity"),
        "finding",
        ["workspace_id", "severity"],
        unique=False,
        sqlite_where=sa.text("action = 'flagged'"),
        postgresql_where=sa.text("action = 'flagged'"),
    )
    op.create_table(
        "labeling_session",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("dataset_id", types.AnyText(), nullable=False),
        sa.Column("labeler", types.Word(), nullable=False),
        sa.Column("kind", types.AnyText(), nullable=False),
        sa.Column("started_at", types.Moment(), nullable=False),
        sa.Column("ended_at", types.Moment(), nullable=True),
        sa.Column("n_labeled", types.Whole(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('initial', 'validation', 'correction')", name=op.f("ck_labeling_session_kind")
        ),
        sa.CheckConstraint("n_labeled >= 0", name=op.f("ck_labeling_session_n_labeled")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dataset_id"],
            ["dataset.workspace_id", "dataset.id"],
            name=op.f("fk_labeling_session_workspace_id_dataset_id_dataset"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_labeling_session_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_labeling_session")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_labeling_session_workspace_id_dataset_id_started_at"),
        "labeling_session",
        ["workspace_id", "dataset_id", "started_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_labeling_session_workspace_id_labeler_started_at"),
        "labeling_session",
        ["workspace_id", "labeler", "started_at"],
        unique=False,
    )
    op.create_table(
        "lineage",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("run_id", types.AnyText(), nullable=True),
        sa.Column("position", types.Whole(), nullable=False),
        sa.Column("dataset", types.AnyText(), nullable=False),
        sa.Column("fingerprint", types.AnyText(), nullable=False),
        sa.Column("source", types.AnyText(), nullable=False),
        sa.Column("method", types.AnyText(), nullable=False),
        sa.Column("parameters", types.Json(), nullable=False),
        sa.Column("software", types.Json(), nullable=False),
        sa.Column("seconds", types.Real(), nullable=True),
        sa.Column("resource", types.AnyText(), nullable=False),
        sa.Column("inputs", types.Json(), nullable=False),
        sa.Column("notebook", types.AnyText(), nullable=False),
        sa.Column("cell", types.AnyText(), nullable=False),
        sa.Column("git_commit", types.AnyText(), nullable=False),
        sa.Column("approved_by", types.AnyText(), nullable=False),
        sa.Column("approved_at", types.Moment(), nullable=True),
        sa.Column("reason", types.AnyText(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_lineage_position")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_lineage_seconds")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["run.workspace_id", "run.id"],
            name=op.f("fk_lineage_workspace_id_run_id_run"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_lineage_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_lineage")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_lineage_dataset"), "lineage", ["dataset"], unique=False, postgresql_using="hash"
    )
    op.create_index(
        op.f("ix_lineage_fingerprint"),
        "lineage",
        ["fingerprint"],
        unique=False,
        postgresql_using="hash",
    )
    op.create_index(
        op.f("ix_lineage_workspace_id_run_id_position"),
        "lineage",
        ["workspace_id", "run_id", "position"],
        unique=False,
    )
    op.create_table(
        "metric",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("run_id", types.AnyText(), nullable=False),
        sa.Column("position", types.Whole(), nullable=False),
        sa.Column("subject", types.AnyText(), nullable=False),
        sa.Column("name", types.AnyText(), nullable=False),
        sa.Column("value", types.Real(), nullable=True),
        sa.Column("low", types.Real(), nullable=True),
        sa.Column("high", types.Real(), nullable=True),
        sa.Column("confidence", types.Real(), nullable=True),
        sa.Column("method", types.AnyText(), nullable=False),
        sa.Column("unit", types.AnyText(), nullable=False),
        sa.Column("period", types.AnyText(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint(
            "confidence >= 0 AND confidence <= 1", name=op.f("ck_metric_confidence")
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_metric_position")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["run.workspace_id", "run.id"],
            name=op.f("fk_metric_workspace_id_run_id_run"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_metric_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_metric")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_metric_name"), "metric", ["name"], unique=False, postgresql_using="hash"
    )
    op.create_index(
        op.f("ix_metric_workspace_id_run_id_position"),
        "metric",
        ["workspace_id", "run_id", "position"],
        unique=False,
    )
    op.create_table(
        "model",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("name", types.Word(), nullable=False),
        sa.Column("version", types.Word(), nullable=False),
        sa.Column("kind", types.AnyText(), nullable=False),
        sa.Column("status", types.AnyText(), nullable=False),
        sa.Column("run_id", types.AnyText(), nullable=True),
        sa.Column("properties", types.Json(), nullable=False),
        sa.Column("entry_point", types.AnyText(), nullable=False),
        sa.Column("weights_sha256", types.AnyText(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint(
            "status IN ('registered', 'approved', 'retired')", name=op.f("ck_model_status")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["run.workspace_id", "run.id"],
            name=op.f("fk_model_workspace_id_run_id_run"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_model_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_model")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_model_workspace_id_name_version"),
        "model",
        ["workspace_id", "name", "version"],
        unique=True,
    )
    op.create_index(
        op.f("ix_model_workspace_id_run_id"), "model", ["workspace_id", "run_id"], unique=False
    )
    op.create_table(
        "signature",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("run_id", types.AnyText(), nullable=False),
        sa.Column("label", types.AnyText(), nullable=False),
        sa.Column("n_values", types.Whole(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("scores", types.Json(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint("length(vector) = 4 * n_values", name=op.f("ck_signature_vector")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["run.workspace_id", "run.id"],
            name=op.f("fk_signature_workspace_id_run_id_run"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_signature_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_signature")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_signature_label"), "signature", ["label"], unique=False, postgresql_using="hash"
    )
    op.create_index(
        op.f("ix_signature_workspace_id_run_id"),
        "signature",
        ["workspace_id", "run_id"],
        unique=False,
    )
    op.create_table(
        "commit_object",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("commit_id", types.AnyText(), nullable=False),
        sa.Column("position", types.Whole(), nullable=False),
        sa.Column("role", types.AnyText(), nullable=False),
        sa.Column("sha256", types.AnyText(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint(
            "role IN ('base', 'delta', 'tombstones', 'row_hashes')",
            name=op.f("ck_commit_object_role"),
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_commit_object_position")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "commit_id"],
            ["commit.workspace_id", "commit.id"],
            name=op.f("fk_commit_object_workspace_id_commit_id_commit"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "sha256"],
            ["object.workspace_id", "object.sha256"],
            name=op.f("fk_commit_object_workspace_id_sha256_object"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_commit_object_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "commit_id", "position", name=op.f("pk_commit_object")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_commit_object_workspace_id_sha256"),
        "commit_object",
        ["workspace_id", "sha256"],
        unique=False,
    )
    op.create_table(
        "label_event",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("session_id", types.AnyText(), nullable=False),
        sa.Column("commit_id", types.AnyText(), nullable=True),
        sa.Column("row_key", types.AnyText(), nullable=False),
        sa.Column("labeler", types.Word(), nullable=False),
        sa.Column("label_type", types.AnyText(), nullable=False),
        sa.Column("value", types.Json(), nullable=False),
        sa.Column("previous", types.Json(), nullable=True),
        sa.Column("labeled_at", types.Moment(), nullable=False),
        sa.Column("confidence", types.Real(), nullable=True),
        sa.Column("note", types.AnyText(), nullable=False),
        sa.Column("latency_ms", types.Whole(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint(
            "confidence >= 0 AND confidence <= 1", name=op.f("ck_label_event_confidence")
        ),
        sa.CheckConstraint("latency_ms >= 0", name=op.f("ck_label_event_latency_ms")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "commit_id"],
            ["commit.workspace_id", "commit.id"],
            name=op.f("fk_label_event_workspace_id_commit_id_commit"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "session_id"],
            ["labeling_session.workspace_id", "labeling_session.id"],
            name=op.f("fk_label_event_workspace_id_session_id_labeling_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_label_event_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_label_event")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_label_event_row_key"),
        "label_event",
        ["row_key"],
        unique=False,
        postgresql_using="hash",
    )
    op.create_index(
        op.f("ix_label_event_workspace_id_commit_id"),
        "label_event",
        ["workspace_id", "commit_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_label_event_workspace_id_session_id"),
        "label_event",
        ["workspace_id", "session_id"],
        unique=False,
    )
    op.create_table(
        "prediction",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("model_id", types.AnyText(), nullable=False),
        sa.Column("run_id", types.AnyText(), nullable=True),
        sa.Column("subject_id", types.AnyText(), nullable=False),
        sa.Column("input_hash", types.Word(), nullable=False),
        sa.Column("properties", types.Json(), nullable=False),
        sa.Column("confidence", types.Real(), nullable=True),
        sa.Column("reference", types.Json(), nullable=False),
        sa.Column("comparison", types.Json(), nullable=False),
        sa.Column("bulk", types.AnyText(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint(
            "confidence >= 0 AND confidence <= 1", name=op.f("ck_prediction_confidence")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "bulk"],
            ["object.workspace_id", "object.sha256"],
            name=op.f("fk_prediction_workspace_id_bulk_object"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "model_id"],
            ["model.workspace_id", "model.id"],
            name=op.f("fk_prediction_workspace_id_model_id_model"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["run.workspace_id", "run.id"],
            name=op.f("fk_prediction_workspace_id_run_id_run"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_prediction_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_prediction")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_prediction_subject_id"),
        "prediction",
        ["subject_id"],
        unique=False,
        postgresql_using="hash",
    )
    op.create_index(
        op.f("ix_prediction_workspace_id_bulk"),
        "prediction",
        ["workspace_id", "bulk"],
        unique=False,
    )
    op.create_index(
        op.f("ix_prediction_workspace_id_model_id_input_hash"),
        "prediction",
        ["workspace_id", "model_id", "input_hash"],
        unique=True,
    )
    op.create_index(
        op.f("ix_prediction_workspace_id_run_id"),
        "prediction",
        ["workspace_id", "run_id"],
        unique=False,
    )
    op.create_table(
        "ref",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("dataset_id", types.AnyText(), nullable=False),
        sa.Column("kind", types.AnyText(), nullable=False),
        sa.Column("name", types.Word(), nullable=False),
        sa.Column("head", types.AnyText(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint("kind IN ('branch', 'tag')", name=op.f("ck_ref_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dataset_id"],
            ["dataset.workspace_id", "dataset.id"],
            name=op.f("fk_ref_workspace_id_dataset_id_dataset"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "head"],
            ["commit.workspace_id", "commit.id"],
            name=op.f("fk_ref_workspace_id_head_commit"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_ref_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_ref")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_ref_workspace_id_dataset_id_name"),
        "ref",
        ["workspace_id", "dataset_id", "name"],
        unique=True,
    )
    op.create_index(op.f("ix_ref_workspace_id_head"), "ref", ["workspace_id", "head"], unique=False)
    op.create_table(
        "split",
        sa.Column("workspace_id", types.AnyText(), nullable=False),
        sa.Column("id", types.AnyText(), nullable=False),
        sa.Column("name", types.Word(), nullable=False),
        sa.Column("run_id", types.AnyText(), nullable=True),
        sa.Column("commit_id", types.AnyText(), nullable=True),
        sa.Column("fingerprint", types.AnyText(), nullable=False),
        sa.Column("strategy", types.AnyText(), nullable=False),
        sa.Column("seed", types.Whole(), nullable=False),
        sa.Column("fractions", types.Json(), nullable=False),
        sa.Column("stratify_by", types.AnyText(), nullable=False),
        sa.Column("group_by", types.AnyText(), nullable=False),
        sa.Column("n_folds", types.Whole(), nullable=False),
        sa.Column("quality_threshold", types.Real(), nullable=True),
        sa.Column("row_filter", types.AnyText(), nullable=False),
        sa.Column("counts", types.Json(), nullable=False),
        sa.Column("leakage", types.Json(), nullable=False),
        sa.Column("assignments", types.AnyText(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.Column("meta", types.Json(), nullable=False),
        sa.CheckConstraint("n_folds >= 0", name=op.f("ck_split_n_folds")),
        sa.CheckConstraint(
            "quality_threshold >= 0 AND quality_threshold <= 1",
            name=op.f("ck_split_quality_threshold"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "assignments"],
            ["object.workspace_id", "object.sha256"],
            name=op.f("fk_split_workspace_id_assignments_object"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "commit_id"],
            ["commit.workspace_id", "commit.id"],
            name=op.f("fk_split_workspace_id_commit_id_commit"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["run.workspace_id", "run.id"],
            name=op.f("fk_split_workspace_id_run_id_run"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.workspace_id"],
            name=op.f("fk_split_workspace_id_workspace"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_split")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_split_fingerprint"),
        "split",
        ["fingerprint"],
        unique=False,
        postgresql_using="hash",
    )
    op.create_index(
        op.f("ix_split_workspace_id_assignments"),
        "split",
        ["workspace_id", "assignments"],
        unique=False,
    )
    op.create_index(
        op.f("ix_split_workspace_id_commit_id"),
        "split",
        ["workspace_id", "commit_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_split_workspace_id_name_created_at"),
        "split",
        ["workspace_id", "name", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_split_workspace_id_run_id"), "split", ["workspace_id", "run_id"], unique=False
    )
