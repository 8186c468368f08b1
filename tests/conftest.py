"""Parts that many tests need: a real private PostgreSQL, and a store on either database."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

# astropy asks for a running IPython when it is imported, and one that a test closed is none.
import astropy  # noqa: F401
import psycopg
import pytest
from hypothesis import HealthCheck, settings

from qforge_jupyter.store import Store, open_store

# A fifth of a second an example, as it is by default, is little where a machine is busy.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
#: Nobody looks for examples in here: by then a folder's own `conftest` has taken its name, and
#: a script for a process of its own wants arguments.
collect_ignore = ["conftest.py", "flows/prefect_survey.py"]
#: Owns the databases of the tests; no superuser, so that every test is under the policies.
OWNER = "qforge_owner"
#: May read and write the tables and owns nothing.
MEMBER = "qforge_member"

FAST = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "50",
    "shared_buffers": "32MB",
}


def _binaries() -> Path:
    """Find the newest PostgreSQL; a test run without it fails rather than skips."""
    found = shutil.which("pg_ctl")
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: int(bin_.parent.name)
    )
    if folders:
        return folders[-1]
    if found:
        return Path(found).resolve().parent
    pytest.fail(
        "PostgreSQL's server programs are not installed and the store is tested on both "
        "databases: run  apt-get install postgresql  (or your system's like)",
        pytrace=False,
    )


def _as_server_user() -> tuple[list[str], int | None]:
    """PostgreSQL refuses to run as root: give what goes before a command, and who owns it."""
    if os.geteuid() != 0:
        return [], None
    known = {user.pw_name: user.pw_uid for user in pwd.getpwall()}
    name = "postgres" if "postgres" in known else "nobody"
    return ["runuser", "-u", name, "--"], known[name]


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Start a PostgreSQL of our own behind a socket, and stop it at the end."""
    binaries = _binaries()
    before, owner = _as_server_user()
    # Not pytest's folder: a socket's path may have 107 bytes, and root's is closed to others.
    folder = Path(tempfile.mkdtemp(prefix="qf-pg-"))
    if owner is not None:
        os.chown(folder, owner, -1)
    data = folder / "data"
    settings = " ".join(f"-c {name}={value!r}" for name, value in FAST.items())

    def run(program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603 — our own arguments
            [*before, str(binaries / program), *arguments],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )

    keeper = _keeper(before, binaries, folder)
    try:
        run("initdb", "-D", str(data), "-U", "qforge_admin", "-A", "trust", "-E", "UTF8", "-N")
        log = str(folder / "log")
        run("pg_ctl", "-D", str(data), "-w", "-l", log, "-o", f"-k {folder} {settings}", "start")
        url = f"postgresql+psycopg://qforge_admin@/postgres?host={folder}"
        with _admin(url) as connection:
            for role in (OWNER, MEMBER):
                connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS")  # type: ignore[call-overload]
        yield url
    finally:
        keeper.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _keeper(before: list[str], binaries: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start what stops the server when its input ends, so also when the tests are killed."""
    script = 'cat; "$1/pg_ctl" -D "$2/data" -m immediate stop; rm -rf "$2"'
    return subprocess.Popen(  # noqa: S603 — our own arguments
        [*before, "sh", "-c", script, "keeper", str(binaries), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=folder,
    )


def _admin(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@pytest.fixture
def postgresql_database(postgresql_url: str) -> Iterator[Callable[[], str]]:
    """Give a maker of fresh databases; each is dropped after the test."""
    made: list[str] = []

    def make() -> str:
        name = f"t{uuid.uuid4().hex}"
        with _admin(postgresql_url) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {OWNER}")  # type: ignore[call-overload]
        made.append(name)
        return postgresql_url.replace("qforge_admin@/postgres", f"{OWNER}@/{name}")

    yield make
    with _admin(postgresql_url) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@pytest.fixture(params=["sqlite", "postgresql"])
def open_again(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Give what opens the test's store, as often as wanted; all are closed after it."""
    if request.param == "sqlite":
        target: str = str(tmp_path / "lab")
        place = {}
    else:
        target = request.getfixturevalue("postgresql_database")()
        place = {"objects": tmp_path / "objects"}
    opened: list[Store] = []

    def again(**options: object) -> Store:
        store = open_store(target, **{"actor": "ann", **place, **options})  # type: ignore[arg-type]
        opened.append(store)
        return store

    again.target, again.place = target, place  # type: ignore[attr-defined]
    yield again
    for store in opened:
        store.close()


@pytest.fixture
def store(open_again: Callable[..., Store]) -> Store:
    """Give an empty store, once on each database."""
    return open_again()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Give what mounts a file system of so many bytes, where that is allowed."""
    if sys.platform != "linux":
        pytest.skip("small file systems are mounted on Linux only")
    place = tmp_path / "disk"
    place.mkdir()
    mounted: list[Path] = []

    def mount(n_bytes: int) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={n_bytes}", "qforge-test", str(place)]
        if subprocess.run(command, check=False, capture_output=True).returncode != 0:  # noqa: S603 — our own arguments
            pytest.skip("no file system can be mounted here")
        mounted.append(place)
        return place

    yield mount
    for each in mounted:
        subprocess.run(["umount", "--lazy", str(each)], check=True)  # noqa: S603, S607 — our own
