"""Columns: addressed by their exact name, and built from Python values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs

from qforge_jupyter.results.run import Finding

#: Row positions that one finding shows.
MAX_ROWS = 100
#: Beyond this a float can no longer tell two neighbouring integers apart.
MAX_EXACT_FLOAT = 2**53

_DTYPES: dict[type, Any] = {
    bool: pl.Boolean,
    float: pl.Float64,
    str: pl.String,
    bytes: pl.Binary,
    date: pl.Date,
    time: pl.Time,
    timedelta: pl.Duration("us"),
}


def column(name: str) -> pl.Expr:
    """Address one column by its exact name.

    ``pl.col`` reads ``*`` and ``^…$`` as patterns; a name is never a pattern
    here.

    Examples
    --------
    >>> frame = pl.DataFrame({"^.*$": [1], "x": [2]})
    >>> frame.select(column("^.*$") + 1).to_dict(as_series=False)
    {'^.*$': [2]}

    """
    is_plain = name != "*" and not (name.startswith("^") and name.endswith("$"))
    return pl.col(name) if is_plain else cs.by_name(name).as_expr()


def unique_names(raw: Iterable[object]) -> tuple[list[str], Finding | None]:
    """Make names of columns non-blank and unique, and say what was renamed.

    Examples
    --------
    >>> names, finding = unique_names(["a", "", "a"])
    >>> names
    ['a', 'column_2', 'a_2']
    >>> finding.n_rows, finding.detail
    (0, {'renamed': {'column 2': 'column_2', 'column 3': 'a_2'}})

    """
    given = ["" if name is None else str(name) for name in raw]
    wanted = [_encodable(n) if n.strip() else f"column_{i}" for i, n in enumerate(given, 1)]
    taken = set(wanted)
    names: list[str] = []
    used: set[str] = set()
    for name in wanted:
        unique, n = name, 1
        while unique in used or (unique != name and unique in taken):
            n += 1
            unique = f"{name}_{n}"
        used.add(unique)
        names.append(unique)
    renamed = {
        f"column {i}": new
        for i, (old, new) in enumerate(zip(given, names, strict=True), 1)
        if old != new
    }
    if not renamed:
        return names, None
    note = "Blank or repeated column names were made unique"
    return names, Finding(
        "renamed column",
        "column names",
        0,
        "low",
        action="documented",
        note=note,
        detail={"renamed": renamed},
    )


def column_of_values(
    name: str, values: Sequence[Any], *, is_nan_missing: bool = False
) -> tuple[pl.Series, Finding | None]:
    """Build a column from Python values, exactly; mixed types become text.

    Integers beyond 64 bits become 128-bit ones, or text where even that is
    too small; they are never rounded to floats.

    Parameters
    ----------
    name
        Name of the column.
    values
        One value a row; None is null.
    is_nan_missing
        Whether a NaN among values that are no numbers is a null, as pandas
        means it.

    Returns
    -------
    The column, and a finding when values had to be read as text.

    Examples
    --------
    >>> column_of_values("a", [1, None, 3])[0].to_list()
    [1, None, 3]
    >>> column, finding = column_of_values("a", [1, "x", 3])
    >>> column.to_list(), finding.n_rows, finding.rows
    (['1', 'x', '3'], 1, (1,))

    """
    plain = [_plain(value) for value in values]
    kinds = Counter(type(value) for value in plain if value is not None)
    if is_nan_missing and not kinds.keys() <= {float, int}:
        plain = [None if isinstance(v, float) and math.isnan(v) else v for v in plain]
        kinds = Counter(type(value) for value in plain if value is not None)
    dtype = _dtype_of(kinds, plain)
    if dtype is not None:
        try:
            return pl.Series(name, plain, dtype=None if dtype is pl.Unknown else dtype), None
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
            pass
    return _as_text(name, plain, kinds)


def _plain(value: Any) -> Any:
    """Python's own value behind a NumPy scalar or a pandas missing marker."""
    if type(value).__name__ in {"NAType", "NaTType"}:
        return None
    if isinstance(value, np.datetime64 | np.timedelta64):
        shown = value.astype(
            f"{'datetime' if isinstance(value, np.datetime64) else 'timedelta'}64[us]"
        )
        return shown.item()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, datetime) and type(value) is not datetime:
        return value.to_pydatetime(warn=False) if hasattr(value, "to_pydatetime") else value
    for kind in (str, bytes, int, float):
        if isinstance(value, kind) and type(value) not in {kind, bool}:
            return kind(value)  # type: ignore[arg-type]  # the kind is the value's own
    return value


def _dtype_of(kinds: Counter[type], values: Sequence[Any]) -> Any:
    """Give the Polars type that holds all values exactly; None when there is none."""
    found = set(kinds)
    if not found:
        return pl.Null
    if len(found) == 1 and (kind := next(iter(found))) in _DTYPES:
        return _DTYPES[kind]
    if found == {int}:
        return _integer_dtype([value for value in values if value is not None])
    if found == {int, float}:
        exact = all(abs(v) <= MAX_EXACT_FLOAT for v in values if isinstance(v, int))
        return pl.Float64 if exact else None
    if found <= {list, tuple, np.ndarray} or found in ({dict}, {Decimal}, {datetime}):
        return pl.Unknown
    return None


def _integer_dtype(values: Sequence[int]) -> Any:
    low, high = min(values), max(values)
    for bits, dtype in ((63, pl.Int64), (127, pl.Int128)):
        if -(2**bits) <= low and high < 2**bits:
            return dtype
    return None


def _as_text(name: str, values: Sequence[Any], kinds: Counter[type]) -> tuple[pl.Series, Finding]:
    usual = kinds.most_common(1)[0][0]
    odd = [i for i, value in enumerate(values) if value is not None and type(value) is not usual]
    is_mixed = len(kinds) > 1
    rows = odd if is_mixed else [i for i, value in enumerate(values) if value is not None]
    shown = [None if value is None else _encodable(_text_of(value)) for value in values]
    types = ", ".join(sorted(kind.__name__ for kind in kinds))
    note = (
        f"Values of several types ({types}) are read as text"
        if is_mixed
        else f"Values of type {types} have no column type of their own and are read as text"
    )
    finding = Finding(
        "mixed types" if is_mixed else "read as text", f"type of {name}", len(rows), "medium",
        column=name, rows=tuple(rows[:MAX_ROWS]), action="documented", note=note,
    )  # fmt: skip
    return pl.Series(name, shown, dtype=pl.String), finding


def _text_of(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _encodable(text: str) -> str:
    """Give the text with lone surrogates, which no UTF-8 holds, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
