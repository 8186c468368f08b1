"""What the rows themselves say of which is labeled first: a column of priorities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column
from qforge_jupyter.errors import CallError, nearest

#: Disagreement, by which rows of one level may be told apart, stays far below it.
STEP = 1e4
_LOWEST_FIRST = " lowest first"
_HIGHEST_FIRST = " highest first"
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Priority:
    """A column by which rows are queued.

    Parameters
    ----------
    column
        Its name.
    values
        The texts that can stand in it, the most urgent first; empty where numbers decide.
    is_lowest_first
        Whether the least number, or the earliest moment, comes first.

    """

    column: str
    values: tuple[str, ...] = ()
    is_lowest_first: bool = False

    @property
    def text(self) -> str:
        """What decides, in a few words."""
        if self.values:
            return f"{self.column} ({', '.join(self.values)})"
        return f"{self.column} {'lowest' if self.is_lowest_first else 'highest'} first"


def read_priority(written: str | dict[str, list[str]]) -> Priority | None:
    """Read the key of the body; None where it says nothing.

    Raises
    ------
    CallError
        It names no column, or several.

    Examples
    --------
    >>> read_priority("urgency").text, read_priority("due lowest first").text
    ('urgency highest first', 'due lowest first')
    >>> read_priority({"urgency": ["high", "low"]}).text
    'urgency (high, low)'

    """
    if not written:
        return None
    if isinstance(written, str):
        name = written.strip()
        is_lowest = name.endswith(_LOWEST_FIRST)
        return Priority(
            name.removesuffix(_LOWEST_FIRST).removesuffix(_HIGHEST_FIRST), (), is_lowest
        )
    if len(written) != 1:
        raise CallError("'priority' wants one column, and several came: keep one")
    ((name, values),) = written.items()
    said = [str(each) for each in values]
    if not said or len(set(said)) < len(said):
        raise CallError(
            "'priority' wants the texts of its column, each once, the most urgent first, as in  "
            "{urgency: [high, medium, low]}"
        )
    return Priority(name, tuple(said))


def check_priority(priority: Priority | None, schema: pl.Schema, hidden: Sequence[str]) -> None:
    """Look whether the column is there and can be put in an order.

    Raises
    ------
    CallError
        It is not, or holds the known answers.

    """
    if priority is None:
        return
    name = priority.column
    if name not in schema:
        raise CallError(
            f"There is no column {name[:60]!r} for 'priority'{nearest(name, schema.names())}"
        )
    if name in hidden:
        raise CallError(
            f"The column {name!r} holds the known answers and would tell them: queue by another"
        )
    kind = schema[name]
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        raise CallError(
            f"The column {name[:60]!r} holds {kind}, and 'priority' wants texts, numbers, times or "
            "truth values: name another column"
        )
    if not priority.values and not (kind.is_numeric() or kind.is_temporal() or kind == pl.Boolean):
        raise CallError(
            f"The column {name[:60]!r} holds {kind}, which has no order: say it, as in  priority: "
            f"{{{name[:60]}: [high, medium, low]}}"
        )


def levels_of(frame: pl.DataFrame, priority: Priority) -> Numbers:
    """Give each row its level, 0 the last; rows without a value, or with one not named, are last.

    Raises
    ------
    CallError
        No row has any of the texts that were named.

    Examples
    --------
    >>> frame = pl.DataFrame({"urgency": ["low", None, "high", "low"]})
    >>> levels_of(frame, Priority("urgency", ("high", "low"))).tolist()
    [1.0, 0.0, 2.0, 1.0]

    """
    cells = frame.select(it=column(priority.column))["it"]
    if priority.values:
        return _named(cells, priority)
    if cells.dtype.is_float():
        cells = cells.fill_nan(None)
    ranks = cells.rank("dense", descending=priority.is_lowest_first)
    return ranks.fill_null(0).cast(pl.Float64).to_numpy().copy()


def _named(cells: pl.Series, priority: Priority) -> Numbers:
    n = len(priority.values)
    level = {value: float(n - at) for at, value in enumerate(priority.values)}
    texts = cells.cast(pl.String, strict=False)
    found = texts.replace_strict(level, default=0.0, return_dtype=pl.Float64).fill_null(0.0)
    if texts.len() and found.max() == 0.0:
        raise CallError(
            f"No row has any of the texts that 'priority' names for {priority.column[:60]!r}: "
            "write them as they stand in the column"
        )
    return found.to_numpy().copy()


def within(levels: Numbers, priority: Numbers) -> Numbers:
    """Put the order within each level: of equals the first row comes first.

    Examples
    --------
    >>> within(np.array([0.0, 1.0, 1.0]), np.array([9.0, 1.0, 2.0])).tolist()
    [0.0, 1.0, 2.0]

    """
    inner = np.nan_to_num(priority, nan=-np.inf)
    order = np.lexsort((inner, levels))
    is_new = np.zeros(order.size, dtype=bool)
    is_new[1:] = (np.diff(levels[order]) != 0) | (inner[order][1:] != inner[order][:-1])
    found = np.empty(order.size, dtype=np.float64)
    found[order] = np.cumsum(is_new)
    return found
