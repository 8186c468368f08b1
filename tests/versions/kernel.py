"""A kernel that changes its own rows of a dataset and commits after each change.

    kernel.py TARGET FOLDER NAME COUNT HOW

HOW is ``disjoint`` (rows of its own, from one checkout on), ``same`` (one cell that
others want, too) or ``refs`` (it moves one tag and one branch). It waits for a line
before it begins and prints a line for each version it made or refusal it got.
"""

from __future__ import annotations

import sys

import polars as pl

import qforge_jupyter as qf
from qforge_jupyter.errors import QForgeError

#: Rows of each kernel in the table that both take out.
N_ROWS = 60


def disjoint(workspace: qf.Workspace, name: str, count: int) -> None:
    """Change, one after the other, the rows of this kernel; add and remove one now and then."""
    rows = workspace.checkout("d").frame
    for number in range(count):
        key = f"{name}{number % N_ROWS}"
        mark = pl.when(pl.col("id") == key).then(number + 1)
        rows = rows.with_columns(n=mark.otherwise(pl.col("n")))
        if number % 10 == 0:
            new = rows.tail(1).with_columns(
                id=pl.lit(f"{name} new {number}"), n=pl.lit(number, pl.Int64)
            )
            rows = pl.concat([rows, new])
        if number % 10 == 5:
            rows = rows.filter(pl.col("id") != f"{name}{N_ROWS - 1 - number // 10}")
        print(workspace.commit(rows, to="d", message=f"{name} {number}").commit, flush=True)  # noqa: T201 — read by the test


def same(workspace: qf.Workspace, name: str, count: int) -> None:
    """Give one cell a value of this kernel, from the version that all took out."""
    rows = workspace.checkout("d").frame
    print("ready", flush=True)  # noqa: T201 — read by the test
    sys.stdin.readline()
    for _ in range(count):
        value = pl.when(pl.col("id") == "a0").then(pl.lit(ord(name))).otherwise(pl.col("n"))
        try:
            print(workspace.commit(rows.with_columns(n=value), to="d").commit, flush=True)  # noqa: T201 — read by the test
        except QForgeError as problem:
            print(f"{type(problem).__name__}: {problem.message}", flush=True)  # noqa: T201 — read by the test


def refs(workspace: qf.Workspace, name: str, count: int) -> None:
    """Move a tag that others move, too, and make branches under names that others want."""
    for number in range(count):
        back = number % 2
        workspace.tag(f"d~{back}", as_="here", move=True)
        try:
            workspace.branch(f"d~{ord(name) % 2}", as_=f"side-{number}")
            print(f"made side-{number}", flush=True)  # noqa: T201 — read by the test
        except QForgeError as problem:
            print(f"{type(problem).__name__}: {problem.message}", flush=True)  # noqa: T201 — read by the test


def main(target: str, folder: str, name: str, count: str, how: str) -> None:
    """Begin together with the others."""
    with qf.open(target, tracker="none", folder=folder, actor=name) as workspace:
        print("open", flush=True)  # noqa: T201 — read by the test
        sys.stdin.readline()
        {"disjoint": disjoint, "same": same, "refs": refs}[how](workspace, name, int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
