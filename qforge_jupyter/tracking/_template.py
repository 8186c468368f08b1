"""A new MLflow database in no time: a copy of one that was migrated before.

MLflow makes its schema by all its migrations, one after the other; there is no
shorter way through its own code (``create_all`` on its models fails on SQLite
with an index over an expression, and differs from the migrated schema). So the
migrations run once for each version of MLflow, in a process of their own, and
the result is kept in the user's cache folder and copied for each workspace.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from importlib.metadata import version
from pathlib import Path

from qforge_jupyter.errors import TrackerError

#: Seconds that another process may hold the database.
BUSY_S = 5.0
_BUILD_S = 180


def cache_folder() -> Path:
    """Give the user's cache folder for us, as the platform has it."""
    if chosen := os.environ.get("XDG_CACHE_HOME"):
        root = Path(chosen)
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        root = Path.home() / ".cache"
    return root / "qforge"


def template_path() -> Path:
    """Say where the template of the installed MLflow lies, if it was built."""
    return cache_folder() / f"mlflow-{version('mlflow')}.db"


def sqlite_path(uri: str) -> Path | None:
    """Give the file of a ``sqlite:///`` URI, None for everything else.

    Examples
    --------
    >>> sqlite_path("sqlite:///lab/mlflow.db").as_posix()
    'lab/mlflow.db'
    >>> sqlite_path("http://localhost:5000") is None
    True

    """
    prefix = "sqlite:///"
    name = uri.removeprefix(prefix).split("?", 1)[0]
    return Path(name) if uri.startswith(prefix) and name not in ("", ":memory:") else None


def revision_of(path: Path) -> str | None:
    """Read which schema an SQLite file has; None if it is missing or empty.

    Raises
    ------
    TrackerError
        It is no MLflow database, is damaged, or cannot be written.

    """
    if not path.exists() or (path.is_file() and path.stat().st_size == 0):
        return None
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=BUSY_S)) as database:
            database.execute("BEGIN IMMEDIATE")
            row = database.execute("SELECT version_num FROM alembic_version").fetchone()
            database.execute("SELECT count(*) FROM experiments").fetchone()
            database.rollback()
    except sqlite3.Error as problem:
        raise TrackerError(
            f"The MLflow database {path.name} cannot be used ({problem}): "
            "repair it, or move it away and a new one is made"
        ) from None
    if row is None:
        raise TrackerError(f"The MLflow database {path.name} has no version: move it away")
    return str(row[0])


def place_database(path: Path) -> None:
    """Make a new MLflow database, from the template, which is built if needed.

    Raises
    ------
    TrackerError
        It cannot be built or written.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        template = template_path()
        if not _is_sound(template):
            template = _build_template(template, spare=path.parent)
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        shutil.copyfile(template, part)
        _publish(part, path)
    except OSError as problem:
        raise TrackerError(
            f"The MLflow database {path.name} cannot be made ({problem.strerror or 'no access'}): "
            "make its folder writable or set QFORGE_MLFLOW_URI"
        ) from None


def _publish(part: Path, path: Path) -> None:
    """Give the finished file its name, unless another process was faster."""
    try:
        if path.exists() and path.stat().st_size > 0:
            return
        if path.exists():
            part.replace(path)
        else:
            path.hardlink_to(part)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _is_sound(template: Path) -> bool:
    try:
        return revision_of(template) is not None
    except TrackerError:
        return False


def _build_template(template: Path, *, spare: Path) -> Path:
    """Run MLflow's migrations once; without a cache folder, for ``spare`` alone."""
    with tempfile.TemporaryDirectory(prefix="qforge-mlflow-") as folder:
        built = Path(folder) / "new.db"
        _migrate(built)
        try:
            template.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            place = template
        except OSError:
            place = spare / f".{template.name}"
        part = place.with_name(f"{place.name}.{uuid.uuid4().hex}")
        shutil.copyfile(built, part)
        part.replace(place)
    return place


def _migrate(path: Path) -> None:
    """Create MLflow's schema by its own command, in a process of its own."""
    environment = {key: val for key, val in os.environ.items() if not key.startswith("MLFLOW_")}
    environment |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    command = [sys.executable, "-m", "mlflow", "db", "upgrade", f"sqlite:///{path.as_posix()}"]
    try:
        subprocess.run(  # noqa: S603 — our own interpreter and arguments
            command,
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            cwd=path.parent,
            env=environment,
            timeout=_BUILD_S,
        )
    except (subprocess.SubprocessError, OSError) as problem:
        raise TrackerError(
            "MLflow could not create its database "
            f"({type(problem).__name__}): run  python -m mlflow doctor  to see why"
        ) from None
