"""From any released schema to this one, and no further than this code knows.

The id of the last revision before a release ends in its version
(``r0007_v0_3_0``), so that an older Q-Forge can say which one it needs.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from qforge_jupyter.errors import StoreError
from qforge_jupyter.store.tables import Schema

#: The newest revision; a test holds it against the folder ``versions``.
HEAD = "r0004_jobs"
VERSION_TABLE = "qforge_alembic_version"
# Alembic's ``op`` is a module's global, so two threads cannot migrate at once.
_one_at_a_time = threading.Lock()


def current(connection: sa.Connection) -> str | None:
    """Read which revision a database has; None when it holds no store yet.

    Raises
    ------
    StoreError
        The database has tables named as ours and is no store.

    """
    tables = set(sa.inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        row = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").first()  # noqa: S608 — a constant
        if row is not None:
            return str(row[0])
    if taken := tables & set(Schema.metadata.tables):
        raise StoreError(
            f"The database has a table {min(taken)!r} that is not of a Q-Forge store: "
            "open another folder or another database"
        )
    return None


def upgrade(
    connection: sa.Connection, *, before: Callable[[str], None] = lambda _revision: None
) -> None:
    """Bring a database to `HEAD`, inside the transaction that is open.

    Parameters
    ----------
    connection
        In a transaction that holds the write lock.
    before
        Called with the old revision before a store that holds data is changed.

    Raises
    ------
    StoreError
        A newer Q-Forge wrote the store; the sentence says which is needed.

    """
    found = current(connection)
    if found == HEAD:
        return
    with _one_at_a_time:
        script = _scripts()
        if found is not None:
            if found not in {revision.revision for revision in script.walk_revisions()}:
                version = version_of(found)
                raise StoreError(
                    f"The store was written by Q-Forge {version or 'of an unreleased version'}, "
                    "which is newer than this one: update qforge-jupyter to "
                    f"{'that version or a later one' if version else 'its latest version'}"
                )
            before(found)
        _run(connection, script)


def version_of(revision: str) -> str:
    """Read the version out of a revision's id; empty when it names none.

    Examples
    --------
    >>> version_of("r0007_v0_3_0"), version_of("r0002_views")
    ('0.3.0', '')

    """
    found = re.search(r"_v(\d+(?:_\d+)*)\Z", revision)
    return found[1].replace("_", ".") if found else ""


def context_options() -> dict[str, Any]:
    """Say how Alembic has to look at our schema."""
    return {
        "version_table": VERSION_TABLE,
        "transactional_ddl": True,
        "render_as_batch": True,
        "compare_type": True,
        "target_metadata": Schema.metadata,
    }


def _scripts() -> Any:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(Path(__file__).parent))


def _run(connection: sa.Connection, script: Any) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 — Alembic's documented recipe

    context = MigrationContext.configure(connection, opts={**context_options(), "fn": steps})
    with Operations.context(context):
        context.run_migrations()
