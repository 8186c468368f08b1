"""A process that makes versions, and is killed at a named point if one is given.

    committer.py TARGET FOLDER VERB COUNT [POINT]

VERB is commit, merge or checkout; a point counts from the last call of the second
step on. It prints the id of every version after it was acknowledged.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import polars as pl

import qforge_jupyter as qf

_SAVER = Path(__file__).parents[1] / "store" / "writer.py"


def arm(workspace: qf.Workspace, point: str) -> None:
    """Make the process die at the point, if there is one, as the store's own tests do."""
    if not point:
        return
    spec = importlib.util.spec_from_file_location("writer", _SAVER)
    writer = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(writer)  # type: ignore[union-attr]
    writer.arm(workspace.context.store, point)


def changed(rows: pl.DataFrame, number: int) -> pl.DataFrame:
    """Change a cell, take the second row away and add one; the first row counts the steps."""
    new = rows.tail(1).with_columns(id=pl.lit(1_000_000 + number, pl.Int64))
    rows = pl.concat([rows.head(1), rows.slice(2), new.select(rows.columns)])
    return rows.with_columns(
        n=pl.when(pl.col("id") == 0).then(pl.lit(number)).otherwise(pl.col("n"))
    )


def step(workspace: qf.Workspace, verb: str, point: str) -> str:
    """Make one version, and give its id."""
    if verb == "checkout":
        arm(workspace, point)
        return str(workspace.checkout("d@main").table.version.commit)
    rows = workspace.checkout("d@main").frame
    number = int(rows["n"][0]) + 1
    if verb == "commit":
        arm(workspace, point)
        return str(workspace.commit(changed(rows, number), to="d").commit)
    workspace.tag("d", as_=f"before-{number}")
    workspace.branch("d", as_=f"side-{number}")
    x = pl.when(pl.col("id") == pl.col("id").max()).then(number + 0.5).otherwise(pl.col("x"))
    workspace.commit(rows.with_columns(x=x), to=f"d@side-{number}")
    workspace.commit(changed(rows, number), to="d")
    arm(workspace, point)
    return str(workspace.merge("d", from_=f"side-{number}").commit)


def main(target: str, folder: str, verb: str, count: str, point: str = "") -> None:
    """Make so many versions."""
    with qf.open(target, tracker="none", folder=folder, actor="ann") as workspace:
        for number in range(int(count)):
            print(step(workspace, verb, point if number == 1 else ""), flush=True)  # noqa: T201 — the parent reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
