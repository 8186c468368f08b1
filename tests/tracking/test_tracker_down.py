"""A tracker that is down costs seconds and one sentence, and no run."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from tracked_objects import OBJECTS, read

from qforge_jupyter.errors import TrackerError
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.tracking import Tracker, open_tracker

pytestmark = pytest.mark.filterwarnings("ignore:::mlflow", "ignore::ResourceWarning")
Make = Callable[..., RunRecord]
#: A server that never answers is waited for far longer by MLflow itself.
LIMIT_S = 40


@contextmanager
def refused_within_seconds(match: str) -> Iterator[None]:
    started = time.monotonic()
    with pytest.raises(TrackerError, match=match) as refused:
        yield
    assert time.monotonic() - started < LIMIT_S
    assert "\n" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(autouse=True)
def _mlflow_is_imported(tracker: Tracker) -> None:
    """Importing MLflow is no part of the time limit."""
    tracker.prepare()


def at(uri: str, folder: Path) -> Tracker:
    return open_tracker("mlflow", uri=uri, experiment="qforge", artifact_root=folder / "artifacts")


def test_a_server_that_is_not_there(make_record: Make, tmp_path: Path):
    tracker = at(f"http://ann:hunter2@127.0.0.1:{free_port()}", tmp_path)
    with refused_within_seconds(r"^MLflow at http://\*\*\*@127") as _:
        tracker.show(make_record(), read=read)


def test_a_server_that_never_answers(make_record: Make, tmp_path: Path):
    with closing(socket.socket()) as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(8)
        tracker = at(f"http://127.0.0.1:{deaf.getsockname()[1]}", tmp_path)
        with refused_within_seconds("^MLflow at http://127"):
            tracker.show(make_record(), read=read)


@contextmanager
def silent_server() -> Iterator[tuple[int, list[socket.socket]]]:
    """Accept every connection and never say a word."""
    accepted: list[socket.socket] = []
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    accepted.append(listener.accept()[0])

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1], accepted
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for one in accepted:
                one.close()


@pytest.mark.parametrize("kind", ["http", "postgresql+psycopg"])
def test_a_server_that_accepts_and_stays_silent_costs_no_more_than_the_time_limit(
    make_record: Make, tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
):
    with silent_server() as (port, accepted):
        tracker = open_tracker(
            "mlflow",
            uri=f"{kind}://ann:hunter2@127.0.0.1:{port}/db",
            experiment="qforge",
            artifact_root=tmp_path / "artifacts",
            timeout_s=1.5,
        )
        tracker.prepare()
        started = time.monotonic()
        with refused_within_seconds(r"^MLflow at .*\*\*\*@127.*did not (answer|take)"):
            tracker.show(make_record(), read=read)
        assert time.monotonic() - started < LIMIT_S / 2
        until = time.monotonic() + 60
        while not accepted and time.monotonic() < until:
            time.sleep(0.1)
        assert accepted, "somebody did come"
        with refused_within_seconds(r"did not (answer|take)|not answered an earlier call"):
            tracker.show(make_record(), read=read)
        until = time.monotonic() + 60
        while names_of_threads() and time.monotonic() < until:
            time.sleep(0.1)
        tracker.close()
        assert names_of_threads() == []
    assert capfd.readouterr() == ("", "")


def names_of_threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("qforge")]


def test_a_run_that_is_too_slow_is_given_up_goes_no_further_and_is_ended_later(
    make_record: Make, tracker: Tracker, lab: Path
):
    tracker.timeout_s = 3.0  # type: ignore[attr-defined]
    go = threading.Event()

    def slow(sha256: str) -> bytes:
        go.wait(60)
        return read(sha256)

    with refused_within_seconds(r"did not answer within 3 s"):
        tracker.show(make_record(), read=slow)
    with refused_within_seconds("has still not answered an earlier call"):
        tracker.show(make_record(), read=read)
    go.set()
    tracker.close()
    assert names_of_threads() == []
    with closing(sqlite3.connect(lab / "mlflow.db")) as database:
        query = "SELECT status FROM runs JOIN tags USING (run_uuid) WHERE key = 'qforge.run_id'"
        assert database.execute(query).fetchall() == [("RUNNING",)]
        tracker.timeout_s = 60.0  # type: ignore[attr-defined]
        assert tracker.show(make_record(), read=read)
        assert database.execute(query).fetchall() == [("FINISHED",)]


def test_a_database_server_that_is_not_there(
    make_record: Make, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    pytest.importorskip("psycopg")
    tracker = at(f"postgresql+psycopg://ann:hunter2@127.0.0.1:{free_port()}/db", tmp_path)
    with refused_within_seconds(r"postgresql\+psycopg://\*\*\*@127.* did not answer within"):
        tracker.show(make_record(), read=read)
    time.sleep(1.5)
    assert capfd.readouterr() == ("", "")


def test_a_file_that_is_no_database(make_record: Make, tracker: Tracker, lab: Path):
    (lab / "mlflow.db").write_bytes(b"not a database" * 1000)
    with refused_within_seconds("mlflow.db cannot be used .* move it away"):
        tracker.show(make_record(), read=read)
    assert (lab / "mlflow.db").read_bytes().startswith(b"not a database")


def test_a_database_of_something_else(make_record: Make, tracker: Tracker, lab: Path):
    (lab / "mlflow.db").unlink()
    with closing(sqlite3.connect(lab / "mlflow.db")) as other:
        other.execute("CREATE TABLE theirs (a)")
    with refused_within_seconds("mlflow.db cannot be used"):
        tracker.show(make_record(), read=read)
    with closing(sqlite3.connect(lab / "mlflow.db")) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_a_folder_in_the_place_of_the_database(make_record: Make, tracker: Tracker, lab: Path):
    (lab / "mlflow.db").unlink()
    (lab / "mlflow.db").mkdir()
    with refused_within_seconds("mlflow.db cannot be used"):
        tracker.show(make_record(), read=read)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_database_that_may_not_be_written(make_record: Make, tracker: Tracker, lab: Path):
    (lab / "mlflow.db").chmod(0o400)
    with refused_within_seconds("mlflow.db cannot be used"):
        tracker.show(make_record(), read=read)


def test_a_database_that_another_process_holds(make_record: Make, tracker: Tracker, lab: Path):
    with closing(sqlite3.connect(lab / "mlflow.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with refused_within_seconds("database is locked"):
            tracker.show(make_record(), read=read)
        holder.execute("ROLLBACK")
    assert tracker.show(make_record(), read=read)


def test_a_database_that_is_deleted_between_two_runs_is_made_anew(
    make_record: Make, tracker: Tracker, lab: Path
):
    tracker.show(make_record("run-1"), read=read)
    (lab / "mlflow.db").unlink()
    tracker.show(make_record("run-2"), read=read)
    with closing(sqlite3.connect(lab / "mlflow.db")) as database:
        names = database.execute("SELECT value FROM tags WHERE key = 'qforge.run_id'").fetchall()
    assert names == [("run-2",)]


def test_a_database_of_another_version_of_mlflow(make_record: Make, lab: Path):
    with closing(sqlite3.connect(lab / "mlflow.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '0a8213491aaa'")
        database.commit()
    fresh = at("", lab)
    with refused_within_seconds("did not take the run|mlflow db upgrade"):
        fresh.show(make_record(), read=read)


class Server:
    """A real ``mlflow server`` on the loopback interface."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "1"]
        command += ["--backend-store-uri", f"sqlite:///{self.folder / 'server.db'}"]
        command += ["--artifacts-destination", str(self.folder / "served")]
        self.process = subprocess.Popen(  # noqa: S603 — our own interpreter and arguments
            command,
            cwd=self.folder,
            env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(1_000):
            try:
                with urllib.request.urlopen(f"{self.uri}/health", timeout=1):  # noqa: S310 — loopback
                    return
            except OSError:
                time.sleep(0.2)
        raise AssertionError

    def kill(self) -> None:
        os.killpg(self.process.pid, 9)
        self.process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_a_server_killed_midway_gets_the_rest_after_its_restart(make_record: Make, tmp_path: Path):
    from qforge_jupyter.tracking._template import place_database

    place_database(tmp_path / "server.db")
    server = Server(tmp_path)
    server.start()
    tracker = at(server.uri, tmp_path)
    usual, tracker.timeout_s = tracker.timeout_s, 60.0  # type: ignore[attr-defined]
    try:

        def die(sha256: str) -> bytes:
            server.kill()
            return OBJECTS[sha256]

        with refused_within_seconds("did not take the run"):
            tracker.show(make_record(), read=die)
        tracker.timeout_s = usual  # type: ignore[attr-defined]
        with refused_within_seconds("^MLflow at http://127"):
            tracker.show(make_record(), read=read)
        server.start()
        tracker.timeout_s = 60.0  # type: ignore[attr-defined]
        run_id = tracker.show(make_record(), read=read)
    finally:
        if server.process.poll() is None:
            server.kill()
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'server.db'}")
    experiment = client.get_experiment_by_name("qforge")
    runs = client.search_runs([experiment.experiment_id], "tags.`qforge.run_id` = 'run-1'")
    assert [(run.info.run_id, run.info.status) for run in runs] == [(run_id, "FINISHED")]
    assert experiment.artifact_location.startswith("mlflow-artifacts:")
    assert len(list((tmp_path / "served").rglob("*.html"))) == 1


def test_the_log_of_the_users_own_threads_is_left_alone(
    tracker: Tracker, make_record: Make, capfd: pytest.CaptureFixture[str]
):
    import logging

    def speak() -> None:
        logging.getLogger("mlflow.theirs").warning("said by the user's thread")

    def read_and_speak(sha256: str) -> bytes:
        thread = threading.Thread(target=speak)
        thread.start()
        thread.join()
        return read(sha256)

    tracker.show(make_record(), read=read_and_speak)
    assert "said by the user's thread" in capfd.readouterr().err
