"""Which columns name rows rather than describe them."""

from __future__ import annotations

import re

import polars as pl

#: From so many rows on, values that never repeat are taken for an id.
LEAST_ROWS = 20
#: A column called like an id may repeat a few values (a row that was copied whole).
LEAST_DISTINCT = 0.8
_CALLED = re.compile(
    r"(^|[_\W])(id|ids|idx|index|uuid|guid|key|inchikey|hash|row|nr|no)$", re.IGNORECASE
)
_CAMEL = re.compile(r"[a-z](Id|ID|Idx|Uuid)$")


def is_called_an_identifier(name: str) -> bool:
    """Say whether a column's name says that it names rows.

    Examples
    --------
    >>> [is_called_an_identifier(name) for name in ("calc_id", "moleculeId", "acid")]
    [True, True, False]

    """
    return bool(_CALLED.search(name) or _CAMEL.search(name))


def identifier_columns(rows: pl.DataFrame) -> tuple[str, ...]:
    """Name the columns of integers or single words that name rows.

    Such a column never repeats a value in at least 20 rows, or is called like
    an id and seldom does.

    Examples
    --------
    >>> rows = pl.DataFrame({"id": range(30), "n": [1, 2, 3] * 10})
    >>> identifier_columns(rows)
    ('id',)

    """
    candidates = [
        name
        for name, dtype in rows.schema.items()
        if dtype.is_integer() or dtype in (pl.String, pl.Categorical)
    ]
    if not candidates or rows.height < LEAST_ROWS:
        return tuple(name for name in candidates if is_called_an_identifier(name))
    found = []
    for name in candidates:
        values = rows.get_column(name).alias("value").drop_nulls()
        needed = 0 if not is_called_an_identifier(name) else 1 - LEAST_DISTINCT
        head = values.head(1_000)
        if not len(values) or head.n_unique() < (1 - needed) * len(head) or _is_text(head):
            continue
        if len(values) >= LEAST_ROWS and values.n_unique() >= (1 - needed) * len(values):
            found.append(name)
    return tuple(found)


def _is_text(values: pl.Series) -> bool:
    """Whether values are prose or formulae rather than names: blanks, or signs of structure."""
    if values.dtype.is_integer():
        return False
    texts = values.cast(pl.String)
    return int(texts.str.contains(r"\s|[=#()\[\]@]").sum()) > 0.1 * len(texts)
