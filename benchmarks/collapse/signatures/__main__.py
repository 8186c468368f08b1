"""``python -m benchmarks.collapse.signatures --seconds 300``: does a signature tell the mode?

Development tables are the library, each left out in turn; held tables are asked with the same
damage and with damage done otherwise, by generators that the library does not know.
``--write`` makes the reference cases that ship, from the development tables.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

# One thread, so that seconds of CPU are the work's and not those of waiting threads.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import polars as pl  # noqa: E402 — after the threads are limited

from benchmarks.collapse.signatures.cases import Signed, collect, specs_of  # noqa: E402 — as above
from benchmarks.collapse.signatures.judging import (  # noqa: E402 — as above
    by,
    leave_tables_out,
    line,
    told,
    unknown_modes,
)
from benchmarks.collapse.signatures.library import save  # noqa: E402 — as above
from benchmarks.collapse.signatures.searching import search_lines  # noqa: E402 — as above
from qforge_jupyter.engine.collapse.signatures.voting import UNLIKE  # noqa: E402 — as above

#: Generators whose generations no library of the held cases holds.
STRANGE = ("generations of mixture", "generations of autoencoder")
HEAD = ["| asked | top 1 [95 %] | top 3 | top 5 | cases |", "|---|---|---|---|---|"]


def main() -> None:
    """Collect, write and judge."""
    ask = argparse.ArgumentParser(prog="python -m benchmarks.collapse.signatures")
    ask.add_argument("--folder", type=Path, default=Path(".benchmarks/signatures"))
    ask.add_argument("--n", default="1000", help="rows a side, comma-separated")
    ask.add_argument("--seconds", type=float, default=300, help="seconds of checking for each part")
    ask.add_argument("--search", type=int, default=100_000, help="signatures to search; 0: none")
    ask.add_argument("--write", action="store_true", help="write the cases that ship")
    ask.add_argument("--held", action="store_true", help="ask the held tables: once, at the end")
    given = ask.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    sizes = [int(n) for n in given.n.split(",")]

    def part(name: str, way: str) -> Signed:
        path = given.folder / f"{name}-{way}.parquet"
        found = collect(specs_of(name, way, sizes, 0), way, path, seconds=given.seconds)
        return found.where(pl.col("verdict") == "collapsed")

    library = part("dev", "same")
    print(
        f"library: {library.frame.height} checks that found damage, "
        f"{library.frame['table'].n_unique()} tables, {library.frame['mode'].n_unique()} modes"
    )
    if given.write:
        print(f"written: {save(library):,} bytes")
    print(
        "\n".join(
            judged(library, part("held", "same"), part("held", "other"))
            if given.held
            else on_development(library)
        )
    )
    if given.search:
        print("\n".join(search_lines(library, given.search)))


def on_development(library: Signed) -> list[str]:
    """Leave out each table in turn; and each mode, for the threshold of what is unlike all."""
    result = leave_tables_out(library)
    shares = [
        (each < UNLIKE).mean()
        for each in (result.frame["nearest"].to_numpy(), unknown_modes(library))
    ]
    said = f"nearest case below {UNLIKE}: {shares[0]:.1%}; mode left out too: {shares[1]:.1%}"
    lines = [*HEAD, line("DEV, each table left out", result), ""]
    return [*lines, *by("DEV", "mode", result), "", said]


def judged(library: Signed, same: Signed, other: Signed) -> list[str]:
    """Ask the held tables of what was made of development tables, without strange generators."""
    known = library.where(~pl.col("family").is_in(STRANGE))
    is_strange = pl.col("family").str.starts_with("generations of ")
    answers = [told(known, each) for each in (same, other)]
    return [
        *HEAD,
        line("HELD, damage of the library", answers[0]),
        line("HELD, damage done otherwise", answers[1]),
        *(
            line(f"HELD, done otherwise, {strength}",
                 type(answers[1])(answers[1].frame.filter(pl.col("strength") == strength)))
            for strength in ("moderate", "severe")
        ),
        line("HELD, generators not in the library",
             type(answers[1])(answers[1].frame.filter(is_strange))),
        "", *by("HELD, damage of the library", "mode", answers[0]),
        "", *by("HELD, done otherwise", "mode", answers[1]),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
