"""Collect a survey as a Prefect flow on a server of its own, and say what Prefect says of it.

prefect_survey.py FOLDER
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from typing import Any

os.chdir(sys.argv[1])

from prefect import flow, get_client  # noqa: E402 — Prefect reads its settings from the folder it is in
from prefect.testing.utilities import prefect_test_harness  # noqa: E402

import qforge_jupyter as qf  # noqa: E402
from qforge_jupyter.engine.collectors import _sky_chunks  # noqa: E402
from qforge_jupyter.pictures import Pictures  # noqa: E402
from tests.flows.jobbed_survey import CALL  # noqa: E402

_sky_chunks.LEAST = 12  # a file a chunk


def failing_once() -> None:
    """Let the first look at a file fail as a disk does that is away for a moment."""
    stamp, failed = Pictures.place, []

    def place(self: Pictures, written: str) -> Any:
        if written == "f4.fits" and len(failed) < 2:
            failed.append(written)
            if len(failed) == 2:  # the first is the stamp's, which knows no trouble
                raise MemoryError
        return stamp(self, written)

    Pictures.place = place  # type: ignore[method-assign]


async def told() -> dict[str, Any]:
    """Ask the server what ran."""
    async with get_client() as client:
        flows = await client.read_flow_runs()
        # A flow within a flow is a task of it, too.
        tasks = [each for each in await client.read_task_runs() if each.name.startswith("chunk")]
        artifacts = await client.read_artifacts()
    return {
        "flows": [each.state_name for each in flows],
        "tasks": Counter(each.state_name for each in tasks),
        "tries": sorted(each.run_count for each in tasks),
        "progress": [each.data for each in artifacts if each.type == "progress"],
    }


@flow
def nightly() -> dict[str, Any]:
    """Collect within a flow of one's own, as one that is deployed does."""
    collect = qf.prefect_flow(
        "lab", "collect", "sky", job_name="nightly", retry_delay_s=0,
        settings={"tracker": "none", "progress": False}, **CALL,
    )  # fmt: skip
    return dict(collect())


def main() -> None:
    """Run the flow and print what came of it."""
    with prefect_test_harness(server_startup_timeout=300):
        failing_once()
        made = nightly()
        print(json.dumps({"made": made, **asyncio.run(told())}))  # noqa: T201 — the test reads it


if __name__ == "__main__":
    main()
