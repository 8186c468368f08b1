"""Number labels, name the question of each, and keep a submission once.

A label may be changed in one way from now on: when the row that it was given to
is forgotten, what it says is erased.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from qforge_jupyter.store import types
from qforge_jupyter.store.backends import postgresql, sqlite

revision = "r0003_labels"
down_revision = "r0002_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and their indexes, and write the triggers anew."""
    is_postgresql = op.get_context().dialect.name == "postgresql"
    whole = "BIGINT" if is_postgresql else "INTEGER"
    op.execute(
        f"ALTER TABLE label_event ADD COLUMN position {whole} DEFAULT 0 NOT NULL "
        "CONSTRAINT ck_label_event_position CHECK (position >= 0)"
    )
    added: tuple[sa.Column[str], ...] = (
        sa.Column("submission", types.Word(), nullable=False, server_default=""),
        sa.Column("question", types.Word(), nullable=False, server_default=""),
    )
    for column in added:
        op.add_column("label_event", column)
    op.create_index(
        op.f("ix_label_event_workspace_id_position"), "label_event", ["workspace_id", "position"]
    )
    op.create_index(
        op.f("ix_label_event_workspace_id_session_id_submission_question"),
        "label_event",
        ["workspace_id", "session_id", "submission", "question"],
        unique=True,
        sqlite_where=sa.text("submission <> ''"),
        postgresql_where=sa.text("submission <> ''"),
    )
    backend = postgresql if is_postgresql else sqlite
    for statement in backend.labels_can_be_forgotten():
        op.execute(statement)
