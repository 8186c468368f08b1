"""A kernel that makes splits under a name that others want, too.

    splitter.py TARGET FOLDER NAME COUNT HOW

HOW is ``same`` (the same plan, rows of its own) or ``other`` (a plan of its own). It
waits for a line before each split and says the id it was kept under, or the refusal.
"""

from __future__ import annotations

import sys

import polars as pl

import qforge_jupyter as qf
from qforge_jupyter.errors import QForgeError

#: Rows of each kernel, beside those that both have.
N_ROWS = 150


def rows_of(name: str) -> pl.DataFrame:
    """Give rows of which two thirds are those of this kernel only."""
    start = 1_000 * ord(name)
    ids = [*range(N_ROWS // 2), *range(start, start + N_ROWS)]
    return pl.DataFrame({"id": ids, "group": [each // 3 for each in ids]})


def main(target: str, folder: str, name: str, count: str, how: str) -> None:
    """Split so often, each time when told to."""
    plan = {"group": ["group"], "leaks": False, "key": ["id"]}
    if how == "other":
        plan["parts"] = {"train": 60 + 10 * (name == "a"), "test": 40 - 10 * (name == "a")}
    with qf.open(target, tracker="none", folder=folder, actor=name) as workspace:
        print("open", flush=True)  # noqa: T201 — read by the test
        for number in range(int(count)):
            sys.stdin.readline()
            try:
                made = workspace.split(rows_of(name), as_=f"split-{number}", **plan)
                print(f"made {made.id}", flush=True)  # noqa: T201 — read by the test
            except QForgeError as problem:
                print(f"{type(problem).__name__}: {problem.message}", flush=True)  # noqa: T201 — read by the test


if __name__ == "__main__":
    main(*sys.argv[1:])
