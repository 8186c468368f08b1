"""Both tables of a comparison, read once: what is looked at beyond the check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qforge_jupyter.engine.collapse.columns import choose
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.engine.collapse.passes import SAMPLED_ROWS, Dealing, Side
from qforge_jupyter.engine.collapse.preparing import LEARNED_ROWS
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.progress import Progress, silent

#: Buckets of each side, over which errors are estimated.
BUCKETS = 32


@dataclass(frozen=True)
class Sides:
    """Two tables by the columns that they share, or one.

    Parameters
    ----------
    encoder
        The code of the columns, learned from both.
    candidate, reference
        What reading them left; the reference is None where there is one table only.

    """

    encoder: Encoder
    candidate: Side
    reference: Side | None


def sides_of(  # noqa: PLR0913 — two tables, and how their rows are dealt
    candidate: Table,
    reference: Table | None,
    *,
    ignore: Iterable[str] = (),
    keep: Iterable[str] = (),
    groups: str = "",
    seed: int = 42,
    sampled: int = SAMPLED_ROWS,
    marked: int | None = None,
    progress: Progress = silent,
) -> Sides:
    """Read the columns that can be compared, batch by batch, and learn their code.

    Parameters
    ----------
    candidate, reference
        The tables.
    ignore, keep
        Columns that are left out, and that are not.
    groups
        A column whose equal values are dealt together.
    seed
        Of the samples.
    sampled, marked
        Rows of a side that are kept, and whose contents are.
    progress
        Told the rows that were read.

    Raises
    ------
    DataError
        A table has no rows, or no column can be compared.

    Examples
    --------
    >>> import polars as pl
    >>> table = Table.of_frame("t", pl.DataFrame({"x": [0.5, 1.5, 2.5], "note": [[1]] * 3}))
    >>> sides = sides_of(table, None)
    >>> [each.name for each in sides.encoder.columns], sides.encoder.left_out
    (['x'], {'note': 'nested values'})

    """
    tables = [candidate] if reference is None else [candidate, reference]
    for table in tables:
        if not table.n_rows:
            raise DataError(f"{table.name} has no rows: give a table that has some")
    heads = [table.lazy.head(LEARNED_ROWS).collect() for table in tables]
    choice = choose(heads[0], heads[-1], ignore={*ignore, groups} - {""}, keep=keep)
    if not choice.chosen:
        raise DataError(_nothing(tables, choice.left_out))
    n_rows, n_read = sum(table.n_rows for table in tables), 0

    def tell(n: int) -> None:
        nonlocal n_read
        n_read += n
        progress(n_read, n_rows, "rows read")

    dealing = Dealing(choice, groups, None, BUCKETS, 2 * BUCKETS, 1.0, seed)
    read = [Side.read(each, dealing, tell, sampled=sampled, marked=marked) for each in tables]
    share = min(1.0, LEARNED_ROWS / n_rows)
    few = [each.sample.sample(max(1, round(share * each.n_rows))).frame for each in read]
    encoder = Encoder.of_choice(choice, few[0], few[-1])
    if not encoder.columns:
        raise DataError(_nothing(tables, encoder.left_out))
    return Sides(encoder, read[0], read[1] if len(read) > 1 else None)


def _nothing(tables: list[Table], left_out: dict[str, str]) -> str:
    why = "; ".join(f"{name}: {reason}" for name, reason in list(left_out.items())[:5])
    names = " and ".join(table.name for table in tables)
    return (
        f"No column of {names} can be compared{f' ({why})' if why else ''}: give tables with "
        "columns of numbers or categories"
    )
