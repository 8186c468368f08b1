"""Which decisions are good enough to become examples, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.columns import is_present
from qforge_jupyter.engine.collectors._roles import Roles
from qforge_jupyter.engine.sieve import Sieve
from qforge_jupyter.errors import CallError, DataError, blaming, nearest
from qforge_jupyter.frames.table import Table
from qforge_jupyter.rules.ranges import Range, read_range

#: The outcome that is asked for where none is named.
POSITIVE = "positive"
_TRUTH = {"true": True, "yes": True, POSITIVE: True, "false": False, "no": False}
_TEXTS = (pl.String, pl.Categorical, pl.Enum)
Flags = NDArray[np.bool_]


def judge(frame: pl.DataFrame, passed: pl.Expr) -> tuple[Flags, Flags]:
    """Say of each row whether it fails, and whether it cannot be judged.

    Examples
    --------
    >>> fails, unknown = judge(pl.DataFrame({"x": [1, 5, None]}), pl.col("x") > 2)
    >>> fails.tolist(), unknown.tolist()
    ([True, False, False], [False, False, True])

    """
    found = frame.lazy().select(passed.alias("passed")).collect()["passed"]
    unknown = found.is_null().to_numpy()
    return ~found.fill_null(value=True).to_numpy(), unknown


def wanted_outcome(table: Table, column: str, values: Sequence[str]) -> pl.Expr:
    """Read which outcomes count: true, a number above 0 and ``positive``, or those named.

    Raises
    ------
    CallError
        A value cannot be one of the column's.

    """
    cell, kind = exact(column), table.schema[column]
    is_usual = [each.strip().lower() for each in values] == [POSITIVE]
    with blaming("outcome"):
        if kind == pl.Boolean:
            wanted = {_truth(each, column) for each in values}
            return cell if wanted == {True} else ~cell if wanted == {False} else cell.is_not_null()
        if kind.is_numeric() and is_usual:
            return cell > 0
        if kind.is_numeric():
            return _among(cell, [_number(each, column) for each in values])
        if not isinstance(kind, _TEXTS):
            raise CallError(
                f"The column {column[:60]!r} holds {kind}, and an outcome is a text, a number or "
                "true: name another with  columns: {outcome: COLUMN}"
            )
        text = cell.cast(pl.String)
        return text.str.to_lowercase() == POSITIVE if is_usual else _among(text, list(values))


def _among(cell: pl.Expr, values: Sequence[object]) -> pl.Expr:
    return pl.any_horizontal([cell == pl.lit(value) for value in dict.fromkeys(values)])


def _truth(value: str, column: str) -> bool:
    if value.strip().lower() in _TRUTH:
        return _TRUTH[value.strip().lower()]
    raise CallError(f"{column[:60]!r} is true or false, and {value[:60]!r} came: write true")


def _number(value: str, column: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise CallError(
            f"{column[:60]!r} holds numbers, and {value[:60]!r} is none: "
            "name the numbers that count"
        ) from None


def range_of(table: Table, role: str, column: str | None, text: str) -> tuple[str, Range]:
    """Read how far a measure may go.

    Raises
    ------
    DataError
        There is no such column.
    RuleError
        It is no range, or the column holds no numbers.

    """
    with blaming(role):
        if column is None:
            raise DataError(
                f"{table.name} has no column {role!r}{nearest(role, table.columns)}; name it with  "
                f"columns: {{{role}: COLUMN}}, or leave that filter out with  {role}: none"
            )
        found = read_range(text)
        found.check_type(table.schema[column], column)
    return column, found


def beyond(asked: Range) -> str:
    """Say what is wrong with a value that is not in a range.

    Examples
    --------
    >>> beyond(read_range(">= 0.8")), beyond(read_range("1 .. 2"))
    ('below 0.8', 'not in 1 .. 2')

    """
    if asked.high is None and asked.low is not None:
        return f"{'not above' if asked.low_is_open else 'below'} {asked.text.partition(' ')[0]}"
    return f"not in {asked.text}"


def check_ids(sieve: Sieve, ids: pl.Series, table: Table) -> None:
    """Let decisions without an id fall (null, NaN or blank); refuse an id that two have.

    Raises
    ------
    DataError
        An example could not be linked to its decision.

    """
    left = ids.gather(sieve.rows)
    lacks = left.is_null()
    if left.dtype.is_float():
        lacks |= left.is_nan().fill_null(value=False)
    elif left.dtype == pl.String:
        lacks |= (left.str.strip_chars() == "").fill_null(value=False)
    name = repr(ids.name[:60])
    if lacks.any():
        sieve.drop("id", {f"no {ids.name[:60]}": lacks.to_numpy()})
    left = left.filter(~lacks)
    if n := len(left) - left.n_unique():
        raise DataError(
            f"{name} of {table.name} repeats in {n:,} row{'s' * (n != 1)}, and it has to name one "
            "decision: pick one row of each with `where`, or `%qforge deduplicate` the source first"
        )


def check_left(sieve: Sieve, table: Table, outcome: str | None) -> None:
    """Refuse a harvest of which nothing is left, and name the step at which the last fell.

    Raises
    ------
    DataError
        Nothing is left.

    """
    if sieve.n_left:
        return
    last = next(step for step in sieve.steps if not step.n_left)
    if last.name == "outcome":
        raise DataError(
            f"No decision has an outcome that counts: {outcome!r} never holds one in the "
            f"{last.n_before:,} rows that were left of {table.name}; say which count with  "
            "outcome: [VALUE]"
        )
    raise DataError(
        f"None of the {sieve.n_rows:,} rows of {table.name} is left: the last {last.n_before:,} "
        f"fell at `{last.name}` ({last.why}); ask for less there"
    )


def lacking(frame: pl.DataFrame, roles: Roles) -> Iterator[tuple[str, Flags]]:
    """Say which rows hold no input, or no expected output, at all."""
    for what, columns in (("input", roles.inputs), ("expected output", roles.outputs)):
        held = [_is_said(exact(name), frame.schema[name]) for name in columns.values()]
        found = frame.lazy().select(pl.any_horizontal(held).alias("held")).collect()["held"]
        yield f"no {what}", ~found.to_numpy()


def _is_said(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.String):
        return (cell.str.strip_chars() != "").fill_null(value=False)
    return is_present(cell, dtype)
