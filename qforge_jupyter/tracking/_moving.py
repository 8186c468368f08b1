"""Follow a workspace whose folder was moved: MLflow keeps absolute places.

MLflow's API cannot change where an experiment keeps its artifacts, so the
workspace's own database is changed, and only there: the places that lie in the
former folder ``artifacts`` beside it get the new one, in one transaction.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from qforge_jupyter.tracking._template import BUSY_S

#: Where MLflow keeps a place of artifacts; the last since MLflow 3.
_PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
)


def follow(database: Path, experiment: str, artifact_root: Path) -> None:
    """Point the experiment and its runs to the artifacts beside the database.

    Nothing is changed while the former folder is there and the one beside the
    database is not, nor for an experiment that lies elsewhere by choice.

    Raises
    ------
    sqlite3.Error
        The database cannot be read or changed.

    """
    if not database.is_file() or database.stat().st_size == 0:
        return
    root = artifact_root.resolve()
    with contextlib.closing(
        sqlite3.connect(database, timeout=BUSY_S, isolation_level=None)
    ) as opened:
        query = "SELECT artifact_location FROM experiments WHERE name = ?"
        row = opened.execute(query, (experiment,)).fetchone()
        if row is None or not _was_moved(str(row[0]), root):
            return
        opened.execute("BEGIN IMMEDIATE")
        known = {name for (name,) in opened.execute("SELECT name FROM sqlite_master")}
        for table, column in _PLACES:
            if table in known:
                _replace(opened, table, column, str(row[0]), root.as_uri())
        opened.execute("COMMIT")


def _was_moved(location: str, root: Path) -> bool:
    url = urlsplit(location)
    if url.scheme != "file" or location == root.as_uri():
        return False
    former = Path(url2pathname(url.path))
    return former.name == root.name and (root.is_dir() or not former.exists())


def _replace(opened: sqlite3.Connection, table: str, column: str, old: str, new: str) -> None:
    """Put one place for another, in the place itself and in all that lie below it."""
    opened.execute(
        f"UPDATE {table} SET {column} = :new || substr({column}, length(:old) + 1) "  # noqa: S608 — constants
        f"WHERE {column} = :old OR substr({column}, 1, length(:old) + 1) = :old || '/'",
        {"old": old, "new": new},
    )
