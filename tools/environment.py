"""Build the project's environment: ``python tools/environment.py .venv``.

Runs with any Python >= 3.11 and its standard library. Packages are the ones
that ``constraints.txt`` pins; uv installs them, told where this machine's pip
looks for files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(folder: str) -> None:
    """Make the environment, or bring it up to date."""
    target = Path(folder).resolve()
    python = target / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print(f"making {folder}", flush=True)
        venv.create(target, with_pip=True)
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv>=0.5")
    print("installing packages (about a minute the first time)", flush=True)
    run(
        *(python, "-m", "uv", "pip", "install", "--quiet", "--python", python),
        *where_pip_looks(python),
        *("--constraint", ROOT / "constraints.txt", "--editable", f"{ROOT}[test]"),
    )


def where_pip_looks(python: Path) -> list[str]:
    """Give uv the places that pip is configured to look at."""
    options = []
    links = configured(python, "find-links", "PIP_FIND_LINKS")
    indexes = configured(python, "extra-index-url", "PIP_EXTRA_INDEX_URL")
    for place in links:
        options += ["--find-links", place]
    for place in indexes:
        options += ["--extra-index-url", place]
    main_index = configured(python, "index-url", "PIP_INDEX_URL")
    if main_index:
        options += ["--index-url", main_index[0]]
    return [*options, "--index-strategy", "unsafe-best-match"]


def configured(python: Path, option: str, variable: str) -> list[str]:
    """Read one of pip's settings from the environment and its files."""
    answer = subprocess.run(
        [python, "-m", "pip", "config", "get", f"global.{option}"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = os.environ.get(variable, "").split() + answer.stdout.split()
    return list(dict.fromkeys(found))


def run(*command: object) -> None:
    """Run a command; stop with its exit code when it fails."""
    finished = subprocess.run([str(part) for part in command], check=False)
    if finished.returncode:
        sys.exit(finished.returncode)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".venv")
