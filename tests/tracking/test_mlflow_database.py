"""A new workspace has its MLflow database in no time, and the right one."""

from __future__ import annotations

import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from qforge_jupyter.errors import TrackerError
from qforge_jupyter.tracking import Tracker, open_tracker
from qforge_jupyter.tracking._template import place_database, template_path

pytestmark = pytest.mark.filterwarnings("ignore:::mlflow", "ignore::ResourceWarning")


def schema_of(path: Path) -> list[list[str]]:
    """Give the words of each definition; MLflow lists allowed values in any order."""
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        rows = [*tables, *database.execute("SELECT version_num FROM alembic_version")]
    return sorted(sorted(re.findall(r"[\w']+", repr(row))) for row in rows)


def test_the_placed_database_is_what_mlflow_itself_makes(tmp_path: Path):
    from mlflow.tracking import MlflowClient

    place_database(tmp_path / "ours.db")
    MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'theirs.db'}").search_experiments()
    assert schema_of(tmp_path / "ours.db") == schema_of(tmp_path / "theirs.db")


def test_the_template_names_no_folder_of_the_machine_that_made_it(tmp_path: Path):
    place_database(tmp_path / "new.db")
    with closing(sqlite3.connect(tmp_path / "new.db")) as database:
        assert database.execute("SELECT count(*) FROM experiments").fetchone() == (0,)


def test_a_template_is_made_once_a_version_in_the_cache_folder(tmp_path: Path, cache: Path):
    place_database(tmp_path / "one.db")
    made = template_path().stat().st_mtime_ns
    place_database(tmp_path / "two.db")
    assert template_path().stat().st_mtime_ns == made
    assert template_path().is_relative_to(cache)


def test_a_damaged_template_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    template_path().parent.mkdir(parents=True)
    template_path().write_bytes(b"half a file")
    place_database(tmp_path / "new.db")
    assert schema_of(tmp_path / "new.db") == schema_of(template_path())


def test_a_database_that_is_there_is_never_replaced(tmp_path: Path):
    (tmp_path / "mlflow.db").write_bytes(b"precious")
    place_database(tmp_path / "mlflow.db")
    assert (tmp_path / "mlflow.db").read_bytes() == b"precious"


def test_eight_at_once_make_one_database_and_leave_no_pieces(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(place_database, [tmp_path / "lab" / "mlflow.db"] * 8))
    assert [path.name for path in (tmp_path / "lab").iterdir()] == ["mlflow.db"]
    assert schema_of(tmp_path / "lab" / "mlflow.db") == schema_of(template_path())


def test_prepared_in_the_background_it_becomes_ready(tracker: Tracker, lab: Path):
    assert not tracker.is_ready()
    started = time.monotonic()
    tracker.prepare(wait=False)
    tracker.prepare(wait=False)
    assert time.monotonic() - started < 30
    while not tracker.is_ready():
        assert time.monotonic() - started < 240
        time.sleep(0.05)
    assert (lab / "mlflow.db").exists()


def test_a_failure_in_the_background_is_met_again_in_the_foreground(tmp_path: Path):
    (tmp_path / "lab").write_bytes(b"a file where the workspace should be")
    root = tmp_path / "lab" / "inner" / "artifacts"
    tracker = open_tracker("mlflow", uri="", experiment="qforge", artifact_root=root)
    tracker.prepare(wait=False)
    with pytest.raises(TrackerError, match=r"mlflow\.db cannot be made"):
        tracker.prepare()


def test_a_folder_with_a_question_mark_is_refused_before_work_starts(tmp_path: Path):
    with pytest.raises(TrackerError, match="rename the folder"):
        open_tracker("mlflow", uri="", experiment="", artifact_root=tmp_path / "a?b" / "artifacts")
