"""PostgreSQL: a store for a team, where a role sees what its workspaces allow."""

from __future__ import annotations

import os
import platform
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from qforge_jupyter.errors import StoreError

#: Rows of the workspace that this transaction is in, if the role is a member.
_VISIBLE = (
    "workspace_id = current_setting('qforge.workspace', true) AND "
    "(json_array_length(members) = 0 OR members::jsonb ? current_user::text)"
)
#: One look-up a statement, not a row: `workspace` shows at most the one row.
_OWN = "workspace_id = (SELECT w.workspace_id FROM workspace AS w)"


def make_engine(url: sa.URL, *, timeout_s: float, workspace: str) -> sa.Engine:
    """Connect, with every transaction bound to the one workspace."""
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=5,
        pool_timeout=timeout_s,
        connect_args={
            "connect_timeout": max(2, int(timeout_s)),
            "application_name": f"qforge process {os.getpid()} on {platform.node()}"[:63],
        },
    )

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # Local to the transaction: a pooled connection forgets it.
        connection.execute(
            sa.text(
                "SELECT set_config('qforge.workspace', :workspace, true), "
                "set_config('lock_timeout', :timeout, true)"
            ),
            {"workspace": workspace, "timeout": f"{max(1, int(timeout_s * 1000))}ms"},
        )
        if connection.get_execution_options().get("qforge_reading", False):
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    return engine


def append_only(table: str) -> tuple[str, ...]:
    """Write the triggers that refuse to change or delete a row of this table."""
    refuse = (
        "CREATE OR REPLACE FUNCTION qforge_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'the table % only grows', TG_TABLE_NAME USING ERRCODE = 'QF001'; "
        "END $$"
    )
    change = (
        f'CREATE TRIGGER "{table}_no_change" BEFORE UPDATE OR DELETE ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION qforge_only_grows()"
    )
    truncate = (
        f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION qforge_only_grows()"
    )
    return refuse, change, truncate


def labels_can_be_forgotten() -> tuple[str, ...]:
    """Write the trigger anew that refuses to change a label, but for erasing what it says."""
    kept = (
        *("workspace_id", "id", "session_id", "commit_id", "labeler", "labeled_at"),
        *("created_at", "position", "submission", "question"),
    )
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in kept)
    refuse = (
        "CREATE OR REPLACE FUNCTION qforge_labels_only_grow() RETURNS trigger LANGUAGE plpgsql "
        f"AS $$ BEGIN IF TG_OP = 'UPDATE' THEN IF {same} AND {_ERASED} "
        "AND NEW.value::text = '{\"forgotten\": true}' THEN RETURN NEW; END IF; END IF; "
        "RAISE EXCEPTION 'the table % only grows', TG_TABLE_NAME USING ERRCODE = 'QF001'; END $$"
    )
    change = (
        "CREATE TRIGGER label_event_no_change BEFORE UPDATE OR DELETE ON label_event "
        "FOR EACH ROW EXECUTE FUNCTION qforge_labels_only_grow()"
    )
    return refuse, "DROP TRIGGER label_event_no_change ON label_event", change


#: What a label is once the row that it was given to is forgotten.
_ERASED = (
    "NEW.label_type = 'forgotten' AND starts_with(NEW.row_key, 'forgotten:') "
    "AND NEW.previous IS NULL AND NEW.note = '' AND NEW.confidence IS NULL "
    "AND NEW.latency_ms IS NULL"
)


def isolate(table: str) -> tuple[str, ...]:
    """Write the policy that shows a role the rows of its workspace only."""
    rule = _VISIBLE if table == "workspace" else _OWN
    return (
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY qforge_workspace ON "{table}" USING ({rule}) WITH CHECK ({rule})',
    )


def view(name: str, query: str) -> tuple[str, ...]:
    """Write a view that asks with the rights of whoever reads it, so that policies hold.

    Everybody may therefore read it: it shows what they may see of the tables.
    """
    return (
        f'CREATE VIEW "{name}" WITH (security_invoker = true) AS {query}',
        f'GRANT SELECT ON "{name}" TO PUBLIC',
    )


def require_views(connection: sa.Connection) -> None:
    """Refuse a server whose views would show what the reader's policies hide.

    Raises
    ------
    StoreError
        The server is older than 15.

    """
    version = connection.dialect.server_version_info or (0,)
    if version < (15,):
        raise StoreError(
            f"The store needs PostgreSQL 15 or newer, and the server is {version[0]}: update it"
        )


def role_of(connection: sa.Connection) -> dict[str, Any]:
    """Say who is connected and whether row-level security holds for them."""
    row = connection.exec_driver_sql(
        "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ).one()
    return {"role": row[0], "sees_all_workspaces": bool(row[1])}
