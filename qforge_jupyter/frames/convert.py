"""The one door for kernel variables: whatever holds rows becomes a `Table`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.columns import frame_of
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.arrays import array_of_tensor, frame_of_array, series_of_array
from qforge_jupyter.frames.columns import column_of_values, unique_names
from qforge_jupyter.frames.pandas import frame_of_pandas
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.run import Finding
from qforge_jupyter.results.tabular import Tabular

#: What the door accepts, as a sentence says it.
ACCEPTED = (
    "a Table, a polars, pandas or Arrow table, anything with an Arrow stream, a NumPy array, "
    "a torch tensor, a dict of columns or a list of dicts"
)
Columns = tuple[pl.DataFrame, tuple[Finding, ...]]


def to_table(value: object, name: str | None = None) -> Table:
    """Turn a kernel variable into a named table.

    Nothing heavy is imported for it: pandas, pyarrow, torch and scikit-learn
    are touched only when the value itself comes from them.

    Parameters
    ----------
    value
        Table, polars DataFrame, LazyFrame or Series, pandas DataFrame or
        Series (a named index becomes a column; pandas' NaN is null, as pandas
        means it), pyarrow Table, RecordBatch or RecordBatchReader, anything
        with ``__arrow_c_stream__``, a NumPy array of one or two dimensions or
        with fields, a torch tensor, a dict of columns, a list of dicts, or a
        scikit-learn Bunch.
    name
        What the user calls it; without it a table keeps its own, and anything
        else is a ``table``.

    Raises
    ------
    DataError
        The value is none of these, its columns differ in length, or the plan
        of a LazyFrame fails.

    Examples
    --------
    >>> to_table({"a": [1, 2]}, "numbers").frame["a"].to_list()
    [1, 2]
    >>> to_table([{"a": 1}, {"b": "x"}], "rows").frame.rows()
    [(1, None), (None, 'x')]
    >>> to_table(42, "answer")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    qforge_jupyter.errors.DataError: answer is an int, which holds no rows: give a Table, ...

    """
    if isinstance(value, Tabular):
        held = getattr(value, "table", None)
        value = held if isinstance(held, Table) else value.frame
    if isinstance(value, Table):
        return _renamed(value, name or value.name)
    name = name or "table"
    if isinstance(value, pl.LazyFrame):
        return _table_of_plan(value, name)
    reader = _reader_of(value)
    if reader is None:
        kind = type(value).__name__
        article = "an" if kind[0].lower() in "aeiou" else "a"
        raise DataError(f"{name} is {article} {kind}, which holds no rows: give {ACCEPTED}")
    frame, findings = reader(value, name)
    return replace_findings(Table.of_frame(name, frame), findings)


#: Steps of a plan whose rows come in another order each time, or may.
_UNSTEADY = re.compile(r"AGGREGATE|JOIN|UNIQUE|SORT|PIVOT|MERGE|PYTHON|shuffle|sample|python")


def _table_of_plan(lazy: pl.LazyFrame, name: str) -> Table:
    """Leave rows in their file if every look finds them in the same order, else take them now."""
    try:
        plan = lazy.explain(optimized=False)
        if "SCAN" in plan and not _UNSTEADY.search(plan):
            return Table(name, lazy)
        return Table.of_frame(name, lazy.collect())
    except (pl.exceptions.PolarsError, OSError) as problem:
        raise DataError(
            f"{name} is a LazyFrame that fails with a {type(problem).__name__}: "
            "collect it by itself to see why"
        ) from None


def _renamed(table: Table, name: str) -> Table:
    if table.name == name:
        return table
    result = replace(table, name=name)
    result.__dict__.update(
        {k: v for k, v in table.__dict__.items() if k in ("frame", "fingerprint", "order")}
    )
    return result


def replace_findings(table: Table, findings: Sequence[Finding]) -> Table:
    """Give the same table with these findings; rows in memory stay in memory."""
    result = replace(table, findings=tuple(findings))
    if "frame" in table.__dict__:
        result.__dict__["frame"] = table.frame
    return result


def is_tabular(value: object) -> bool:
    """Say whether `to_table` would try to read the value as rows.

    Examples
    --------
    >>> is_tabular({"a": [1]}), is_tabular("a.csv"), is_tabular({"a": 1})
    (True, False, False)

    """
    return isinstance(value, Table | pl.LazyFrame) or _reader_of(value) is not None


def _reader_of(value: Any) -> Callable[[Any, str], Columns] | None:  # noqa: PLR0911 — one a kind
    """Give the function that reads the value, chosen without importing its package."""
    origins = {kind.__module__.partition(".")[0] for kind in type(value).__mro__}
    if isinstance(value, pl.DataFrame | pl.Series):
        return _of_polars
    if "pandas" in origins:
        is_frame = hasattr(value, "columns") and hasattr(value, "index")
        return frame_of_pandas if is_frame or hasattr(value, "to_frame") else None
    if "torch" in origins:
        return _of_tensor if hasattr(value, "detach") and hasattr(value, "layout") else None
    if isinstance(value, np.ndarray):
        return frame_of_array
    if isinstance(value, Mapping):
        if "sklearn" in origins and ("frame" in value or "data" in value):
            return _of_bunch
        return _of_dict if all(_is_column(held) for held in value.values()) else None
    if isinstance(value, list | tuple) and all(isinstance(held, Mapping) for held in value):
        return _of_records
    if isinstance(value, type):
        return None
    if "narwhals" in origins and hasattr(value, "collect"):
        return _of_narwhals_plan
    return (
        _of_arrow
        if hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__")
        else None
    )


def _is_column(value: Any) -> bool:
    if isinstance(value, str | bytes | Mapping | pl.DataFrame | pl.LazyFrame):
        return False
    if isinstance(value, Sequence | pl.Series) or hasattr(value, "__arrow_c_array__"):
        return True
    return hasattr(value, "__len__") and getattr(value, "ndim", 0) >= 1


def _of_polars(value: pl.DataFrame | pl.Series, _name: str) -> Columns:
    if isinstance(value, pl.DataFrame):
        return value, ()
    return (value if value.name else value.alias("value")).to_frame(), ()


def _of_tensor(value: Any, name: str) -> Columns:
    return frame_of_array(array_of_tensor(value, name), name)


def _of_dict(value: Mapping[Any, Any], name: str) -> Columns:
    names, renamed = unique_names(value)
    built = [_series_of(n, held) for n, held in zip(names, value.values(), strict=True)]
    lengths = {series.name: len(series) for series, _ in built}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{n!r} {length}" for n, length in list(lengths.items())[:6])
        raise DataError(f"The columns of {name} differ in length ({shown}): give equally long ones")
    return _joined(frame_of(series for series, _ in built), [renamed, *(f for _, f in built)])


def _series_of(name: str, value: Any) -> tuple[pl.Series, Finding | None]:
    if isinstance(value, np.ndarray):
        return series_of_array(name, value)
    if isinstance(value, pl.Series):
        return value.alias(name), None
    reader = None if isinstance(value, list | tuple | range) else _reader_of(value)
    if reader is None:
        return column_of_values(name, list(value))
    if reader is _of_tensor:
        return series_of_array(name, array_of_tensor(value, name))
    frame, findings = reader(value, name)
    return frame.to_series(-1).alias(name), findings[0] if findings else None


def _of_records(value: Sequence[Mapping[Any, Any]], _name: str) -> Columns:
    keys = list(dict.fromkeys(key for record in value for key in record))
    names, renamed = unique_names(keys)
    built = [
        column_of_values(name, [record.get(key) for record in value])
        for name, key in zip(names, keys, strict=True)
    ]
    frame = frame_of(series for series, _ in built) if built else pl.DataFrame(height=len(value))
    return _joined(frame, [renamed, *(finding for _, finding in built)])


def _of_bunch(value: Mapping[str, Any], name: str) -> Columns:
    """Frame of a scikit-learn Bunch, or its data and target side by side."""
    whole = value.get("frame")
    if whole is not None:
        return to_columns(whole, name)
    frame, findings = to_columns(value["data"], name)
    labels = value.get("feature_names")
    if labels is not None and len(labels) == frame.width:
        frame.columns = unique_names(labels)[0]
    target = value.get("target")
    if target is None:
        return frame, findings
    answers, more = to_columns(target, name)
    wanted = value.get("target_names")
    is_named = answers.width > 1 and wanted is not None and len(wanted) == answers.width
    answers.columns = (
        [str(one) for one in wanted]
        if is_named and wanted is not None
        else ["target"]
        if answers.width == 1
        else [f"target_{i}" for i in range(1, answers.width + 1)]
    )
    names, renamed = unique_names([*frame.columns, *answers.columns])
    answers.columns = names[frame.width :]
    both = frame.hstack(answers.get_columns())
    return _joined(both, [renamed, *findings, *more])


def to_columns(value: object, name: str) -> Columns:
    """Give the rows of a variable in memory, with what was noticed."""
    table = to_table(value, name)
    return table.frame.clone(), table.findings


def _of_arrow(value: Any, name: str) -> Columns:
    """Rows of anything with an Arrow stream: a table, a reader, a query, a column."""
    try:
        if hasattr(value, "schema") or hasattr(value, "columns"):
            return _of_arrow_table(value), ()
        series = pl.Series(value)
        if isinstance(series.dtype, pl.Struct):
            return series.struct.unnest(), ()
        return series.alias(series.name or "value").to_frame(), ()
    except pl.exceptions.DuplicateError:
        import pyarrow as pa

        table = value if isinstance(value, pa.Table) else pa.table(value)
        names, renamed = unique_names(table.column_names)
        return _joined(pl.DataFrame(table.rename_columns(names)), [renamed])
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"{name} is an Arrow stream of {type(value).__name__} with a "
            "column type that cannot be "
            "read: cast its columns to plain types"
        ) from error


def _of_arrow_table(value: Any) -> pl.DataFrame:
    names = getattr(getattr(value, "schema", None), "names", ())
    if isinstance(names, list) and len(set(names)) != len(names):
        raise pl.exceptions.DuplicateError
    frame = pl.DataFrame(value)
    if not frame.width and hasattr(value, "num_rows"):
        return pl.DataFrame(height=value.num_rows)
    return frame


def _of_narwhals_plan(value: Any, name: str) -> Columns:
    return to_columns(value.collect(), name)


def _joined(frame: pl.DataFrame, findings: Sequence[Finding | None]) -> Columns:
    return frame, tuple(finding for finding in findings if finding is not None)
