"""Where a call is made: notebook, cell and the commit of the code."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Notebook, cell with the hash of its source, git commit; empty where nobody can say."""

    notebook: str = ""
    cell: str = ""
    git_commit: str = ""
    cell_sha256: str = ""
    #: Names that the cell gives to what the call returns.
    into: tuple[str, ...] = ()


def find_place() -> Place:
    """Ask Jupyter for the notebook and git for the commit; never fail."""
    session = os.environ.get("JPY_SESSION_NAME", "")
    return Place(notebook=Path(session).name, git_commit=_git_commit())


def _git_commit() -> str:
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - git is found as the user's shell finds it
            capture_output=True,
            text=True,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
