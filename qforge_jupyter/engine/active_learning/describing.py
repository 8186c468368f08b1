"""What tells rows apart: which columns are numbers, categories, texts, images; which are not used.

No input is needed: the kind follows from the type and from what the cells look like. Ids, keys
and columns of one value say nothing of a class and are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from qforge_jupyter.errors import CallError, DataError, nearest

#: Texts that are longer than this on average, and mostly differ, are read as language.
TEXT_LENGTH = 16
#: A text column of at most this many values is a category.
MOST_LEVELS = 50
#: From so many rows on, integers or short texts that never repeat are taken for an id.
ID_ROWS = 20
#: Rows by which the kind of a column is told.
N_LOOKED_AT = 10_000


@dataclass(frozen=True)
class Description:
    """Columns by what they are; ``left_out`` names the others with the reason."""

    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    vectors: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def used(self) -> tuple[str, ...]:
        """All columns that describe a row."""
        return self.numbers + self.categories + self.texts + self.vectors + self.images

    @property
    def summary(self) -> str:
        """Say in one phrase what the model sees.

        Examples
        --------
        >>> Description(numbers=("a", "b"), texts=("body",)).summary
        '2 columns of numbers, 1 of text'

        """
        kinds = (
            (self.numbers, "numbers"), (self.categories, "categories"), (self.texts, "text"),
            (self.vectors, "vectors"), (self.images, "images"),
        )  # fmt: skip
        found = [(len(names), noun) for names, noun in kinds if names]
        first, rest = found[0], found[1:]
        start = f"{first[0]} column{'s' if first[0] > 1 else ''} of {first[1]}"
        return ", ".join([start, *(f"{n} of {noun}" for n, noun in rest)])


def describe_columns(
    frame: pl.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    others: Collection[str] = (),
) -> Description:
    """Find what describes a row.

    Parameters
    ----------
    frame
        The rows.
    columns
        Those to take, whatever they look like; all but ``others`` when None.
    others
        The target, keys and whatever is no feature.

    Raises
    ------
    CallError
        A column does not exist, or is the target.
    DataError
        Nothing is left that describes a row.

    Examples
    --------
    >>> frame = pl.DataFrame({"kind": ["a", "b"] * 20, "size": [0.5, 1.0] * 20, "id": range(40)})
    >>> describe_columns(frame).used, describe_columns(frame).left_out
    (('size', 'kind'), (('id', 'an id: no value repeats'),))

    """
    kinds: dict[str, list[str]] = {}
    left_out = []
    for name in _asked(frame, columns, others):
        kind, reason = _kind(frame.get_column(name).alias("cells"), is_asked=columns is not None)
        if kind:
            kinds.setdefault(kind, []).append(name)
        else:
            left_out.append((name, reason))
    found = Description(
        **{kind: tuple(names) for kind, names in kinds.items()}, left_out=tuple(left_out)
    )
    if not found.used:
        raise DataError(
            "No column is left that describes a row: beside the target, keys and ids there "
            "must be numbers, categories, texts or images to learn from"
        )
    return found


def _asked(
    frame: pl.DataFrame, columns: Sequence[str] | None, others: Collection[str]
) -> list[str]:
    if columns is None:
        return [name for name in frame.columns if name not in others]
    for name in columns:
        if name not in frame.columns:
            raise CallError(f"No column {name[:60]!r} to learn from{nearest(name, frame.columns)}")
        if name in others:
            raise CallError(
                f"{name[:60]!r} is the target, a key or what labelers said, and would give the "
                "answer away: take it out of `columns`"
            )
    return list(dict.fromkeys(columns))


def _kind(cells: pl.Series, *, is_asked: bool) -> tuple[str, str]:
    """Name the kind of a column; empty, with the reason, where it is of no use."""
    dtype = cells.dtype
    present = cells.drop_nulls()
    if isinstance(dtype, pl.Array) and _is_numeric(_innermost(dtype)):
        return ("images" if len(dtype.shape) > 1 else "vectors"), ""
    if isinstance(dtype, pl.List) and _is_numeric(dtype.inner):
        lengths = present.list.len().unique()
        return ("vectors", "") if len(lengths) == 1 else ("", "lists of different lengths")
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        return "", f"{dtype.base_type()} is not read"
    if present.n_unique() < 2:
        return "", "it has one value"
    if dtype == pl.Boolean or dtype.is_temporal() or dtype.is_numeric():
        is_id = dtype.is_integer() and present.len() >= ID_ROWS and present.is_unique().all()
        return ("", "an id: no value repeats") if is_id and not is_asked else ("numbers", "")
    return _kind_of_text(present.cast(pl.String).head(N_LOOKED_AT), is_asked=is_asked)


def _kind_of_text(texts: pl.Series, *, is_asked: bool) -> tuple[str, str]:
    n_different = texts.n_unique()
    length = texts.str.len_chars().mean()
    is_language = isinstance(length, float) and length > TEXT_LENGTH
    is_language = is_language and int(texts.str.contains(r"\s").sum()) > texts.len() / 2
    if is_language and n_different > max(MOST_LEVELS, texts.len() / 10):
        return "texts", ""
    if n_different <= MOST_LEVELS or n_different <= texts.len() / 5:
        return "categories", ""
    if texts.len() >= ID_ROWS and n_different == texts.len() and not is_language and not is_asked:
        return "", "an id: no value repeats"
    return "texts", ""


def _is_numeric(dtype: object) -> bool:
    return isinstance(dtype, pl.DataType) and dtype.is_numeric()


def _innermost(dtype: object) -> object:
    while isinstance(dtype, pl.Array):
        dtype = dtype.inner
    return dtype
