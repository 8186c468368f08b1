"""Both tables of a comparison with all their rows: what is looked at beyond the check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collapse.columns import Choice, choose
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.engine.collapse.keys import contents, row_keys
from qforge_jupyter.engine.collapse.moments import buckets_of
from qforge_jupyter.engine.collapse.preparing import LEARNED_ROWS
from qforge_jupyter.engine.collapse.rows import Rows, alike
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames import Table

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
        All rows; the reference is None where there is one table only.

    """

    encoder: Encoder
    candidate: Rows
    reference: Rows | None


def sides_of(  # noqa: PLR0913 — two tables, and how their rows are dealt
    candidate: Table,
    reference: Table | None,
    *,
    ignore: Iterable[str] = (),
    keep: Iterable[str] = (),
    groups: str = "",
    seed: int = 42,
) -> Sides:
    """Read the columns that can be compared, and learn their code.

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
    rows = [_rows(table, choice, groups, seed) for table in tables]
    share = min(1.0, LEARNED_ROWS / sum(each.frame.height for each in rows))
    few = [each.sample(max(1, round(share * each.frame.height))).frame for each in rows]
    encoder = Encoder.of_choice(choice, few[0], few[-1])
    if not encoder.columns:
        raise DataError(_nothing(tables, encoder.left_out))
    return Sides(encoder, rows[0], rows[1] if len(rows) > 1 else None)


def _rows(table: Table, choice: Choice, groups: str, seed: int) -> Rows:
    names = dict.fromkeys([*(each.name for each in choice.chosen), *([groups] if groups else [])])
    frame = table.lazy.select(exact(name) for name in names).collect()
    words = contents(alike(frame, choice))
    keys = row_keys(words, seed)
    dealt_by = contents(frame.select(exact(groups))) if groups else keys
    return Rows(frame, words, keys, buckets_of(dealt_by, BUCKETS), BUCKETS)


def _nothing(tables: list[Table], left_out: dict[str, str]) -> str:
    why = "; ".join(f"{name}: {reason}" for name, reason in list(left_out.items())[:5])
    names = " and ".join(table.name for table in tables)
    return (
        f"No column of {names} can be compared{f' ({why})' if why else ''}: give tables with "
        "columns of numbers or categories"
    )
