"""Erase from the workspace's own MLflow what it was shown of a run."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.tracking._content import artifacts_of, params_of, tags_of

_RUN = re.compile(r"[0-9a-f]{32}")
#: Seconds to wait for another process that writes.
_PATIENCE_S = 30.0


def forget(
    root: Path, database: Path | None, record: RunRecord, run_id: str, *, preview: bool
) -> bool:
    """Delete our files of a run and tell its options again; say whether the run lies here."""
    folder = _folder(root, run_id)
    own = (root.parent / "mlflow.db").resolve()
    is_here = database is not None and database.resolve() == own and own.is_file()
    if folder is not None and not preview:
        for name, _ in artifacts_of(record):
            (folder / name).unlink(missing_ok=True)
    if is_here and not preview:
        _retell(own, record, run_id)
    return folder is not None or is_here


def logged(root: Path, record: RunRecord, run_id: str) -> tuple[str, ...]:
    """Name the files of a run that are not ours, as they lie in the workspace."""
    folder = _folder(root, run_id)
    if folder is None:
        return ()
    ours = {folder / name for name, _ in artifacts_of(record)}
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path not in ours)
    return tuple(path.relative_to(root.parent).as_posix() for path in found)


def _folder(root: Path, run_id: str) -> Path | None:
    folder = root / run_id / "artifacts"
    return folder if _RUN.fullmatch(run_id) and folder.is_dir() else None


def _retell(database: Path, record: RunRecord, run_id: str) -> None:
    """Write options and error as the record has them now, over what lay in the same pages."""
    params, tags = params_of(record), tags_of(record, [])
    with closing(sqlite3.connect(database, timeout=_PATIENCE_S)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        with connection:
            for table, told in (("params", params), ("tags", tags)):
                connection.executemany(
                    f"UPDATE {table} SET value = ? WHERE run_uuid = ? AND key = ? AND value <> ?",  # noqa: S608 — our own names
                    [(text, run_id, key, text) for key, text in told.items()],
                )
