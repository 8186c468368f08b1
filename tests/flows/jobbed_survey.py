"""A small survey of nine chunks, and a process that collects it as a job and may be killed.

    jobbed_survey.py TARGET FOLDER ACTION [N_CHUNKS]

ACTION is begin or resume; after so many chunks were kept the process kills itself. It prints
a line after every chunk and the fingerprint at the end.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import qforge_jupyter as qf
from qforge_jupyter.engine.collectors import _sky_chunks

N_CHUNKS = 9
CALL: dict[str, Any] = {
    "from_": "detections.parquet",
    "folder": "fits",
    "confidence": "none",
    "quality": "none",
    "cutout": {"size": 15},
}


def make_sources(folder: Path) -> None:
    """Write the images, and the table of what was detected in them."""
    from tests.sky.sky_survey import make_survey

    (folder / "fits").mkdir()
    make_survey(folder / "fits", n_fields=N_CHUNKS).write_parquet(folder / "detections.parquet")


def told_after(workspace: qf.Workspace, n_chunks: int) -> None:
    """Print a line after every chunk that is kept, and die after so many."""
    checkpoints = type(workspace.context.store.checkpoints)
    keep, done = checkpoints.keep, []

    def told(*arguments: Any) -> None:
        keep(*arguments)
        done.append(1)
        os.write(1, b"chunk\n")  # what a job prints is heard by nobody
        if len(done) == n_chunks:
            os.kill(os.getpid(), signal.SIGKILL)

    checkpoints.keep = told


def main(target: str, folder: str, action: str, n_chunks: str = "0") -> None:
    """Begin the job, or go on with it."""
    os.chdir(folder)
    _sky_chunks.LEAST = 12  # a file a chunk
    with qf.open(target, folder=f"{folder}/files", tracker="none", progress=False) as workspace:
        told_after(workspace, int(n_chunks))
        if action == "begin":
            workspace.job("collect", "sky", job_name="nightly", **CALL)
        else:
            workspace.resume("nightly")
        print(workspace.attach("nightly").job.fingerprint)  # noqa: T201 — the test reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
