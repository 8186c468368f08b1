"""The script that installs what the tests need: silent where nothing lacks, else one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path("tools/system_packages.sh").resolve()
SHELL = shutil.which("sh")
pytestmark = pytest.mark.skipif(SHELL is None, reason="there is no POSIX shell")


def run(path: str, *names: str) -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603 - the project's own script
        [str(SHELL), str(SCRIPT), *names],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_it_does_and_says_nothing_where_nothing_lacks():
    assert run(os.environ["PATH"], "ls", "sh") == (0, "")


def test_without_apt_it_names_what_to_install(tmp_path: Path):
    code, said = run(str(tmp_path), "make", "git")
    assert code == 1
    assert said.startswith("This needs make git: install them with this system's package manager")


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="there is no apt-get")
@pytest.mark.skipif(shutil.which("sudo") is not None, reason="there is sudo")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_without_root_and_sudo_it_says_what_root_has_to_do():
    done = subprocess.run(  # noqa: S603 - the project's own script
        [str(SHELL), "-s", "no-such-command"],
        input=SCRIPT.read_text(),
        capture_output=True,
        text=True,
        check=False,
        user=65534,
    )
    assert done.returncode == 1
    assert "only root may install: run  apt-get install no-such-command  as root" in done.stderr
