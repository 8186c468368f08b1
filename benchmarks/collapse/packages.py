"""Where the benchmark's tables and rivals lie: packages that nothing else needs.

They are installed apart (``make bench-collapse`` does it) and appended to the
END of the path, so that they shadow nothing of the environment.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

FOLDER = Path(os.environ.get("COLLAPSE_BENCH_PACKAGES", ".bench-packages")).resolve()


def use_packages() -> None:
    """Put the folder last on the path, once."""
    if FOLDER.is_dir() and str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))


def is_installed(package: str) -> bool:
    """Whether the package is there; it is not imported."""
    use_packages()
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:  # the package above it is absent
        return False


def folder_of(package: str) -> Path:
    """The folder a package's files lie in; the package is not imported."""
    use_packages()
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is not installed: run `make bench-collapse` once")
    return Path(next(iter(found.submodule_search_locations)))
