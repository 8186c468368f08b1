"""What a leak check is asked about: the parts of a data set, laid under each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.identifiers import identifier_columns
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.frames.cell_hash import logical_type
from qforge_jupyter.results.leak_outcome import RowPair
from qforge_jupyter.results.progress import Progress, silent

#: How parts are usually called, in the order in which they are used.
USUAL_ORDER = ("train", "training", "validation", "valid", "val", "dev", "test", "holdout")
#: Share of i.i.d. data sets in which the search for near duplicates may raise an alarm.
FALSE_ALARMS = 0.05


@dataclass(frozen=True)
class LeakCase:
    """The rows of all parts, and what is known of their columns.

    Use `of_parts` or `of_rows` to make one.

    Parameters
    ----------
    rows
        The common columns of all parts, part under part.
    part
        For each row the index of its part in ``names``.
    position
        For each row its position in the table that it came from.
    names
        The parts in the order of their use: the first one is trained on.
    is_one_table
        Whether the positions count the rows of one table.
    target, groups, time, embedding
        Columns with a known role.
    joint
        Columns whose combined value must stay in one part.
    columns
        The features; all other columns but ids when None.
    near
        Distance up to which rows are near duplicates; calibrated when None.
    most_near_rows
        Beyond so many rows, near duplicates are looked for by a sample; never when None.

    """

    rows: pl.DataFrame = field(repr=False)
    part: NDArray[np.int64] = field(repr=False)
    position: NDArray[np.int64] = field(repr=False)
    names: tuple[str, ...]
    is_one_table: bool = False
    target: str | None = None
    groups: tuple[str, ...] = ()
    time: str | None = None
    joint: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    embedding: str | None = None
    near: float | None = None
    most_near_rows: int | None = None
    false_alarms: float = FALSE_ALARMS
    seed: int = 42
    progress: Progress = field(default=silent, repr=False)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        roles = (self.target, self.time, self.embedding, *self.groups, *self.joint)
        roles = (*roles, *(self.columns or ()))
        for name in roles:
            if name is not None and name not in self.schema:
                raise CallError(
                    f"No column named {name!r} in all parts{nearest(name, self.rows.columns)}"
                )
        if self.near is not None and not self.near >= 0:
            raise CallError(f"`near` is {self.near:g}, wanted a distance of at least 0")

    @classmethod
    def of_parts(cls, parts: Mapping[str, pl.DataFrame], **roles: object) -> LeakCase:
        """Lay parts under each other; columns that not all of them have are left out.

        Raises
        ------
        CallError
            There are fewer than two parts.
        DataError
            They have no column in common, or fewer than two hold rows.

        Examples
        --------
        >>> train, test = pl.DataFrame({"x": [1, 2]}), pl.DataFrame({"x": [2], "y": [0]})
        >>> case = LeakCase.of_parts({"train": train, "test": test})
        >>> case.names, case.rows.columns, case.notes
        (('train', 'test'), ['x'], ('Not in all parts, so not compared: y.',))

        """
        if len(parts) < 2:
            raise CallError(f"{len(parts)} part came, wanted at least two to compare")
        names = _in_order(parts)
        common, notes = _common(parts)
        frames = [parts[name].select(exact(column) for column in common) for name in names]
        rows = pl.concat(_of_one_type(frames)) if common else pl.DataFrame()
        sizes = [parts[name].height for name in names]
        part = np.repeat(np.arange(len(names)), sizes)
        position = np.concatenate([np.arange(size) for size in sizes])
        return _checked(cls, rows, part, position, names, notes, is_one_table=False, roles=roles)

    @classmethod
    def of_rows(cls, rows: pl.DataFrame, part_of: pl.Series, **roles: object) -> LeakCase:
        """Take one table and the part of each of its rows; a row without part is left out.

        Examples
        --------
        >>> rows = pl.DataFrame({"x": [1, 2, 3]})
        >>> case = LeakCase.of_rows(rows, pl.Series(["test", None, "train"]))
        >>> case.names, case.position.tolist()
        (('train', 'test'), [2, 0])

        """
        if len(part_of) != rows.height:
            raise DataError(
                f"{len(part_of)} parts came for {rows.height} rows, wanted one for each row"
            )
        called = part_of.alias("part").cast(pl.String)
        names = _in_order(called.drop_nulls().unique(maintain_order=True).to_list())
        if len(names) < 2:
            raise CallError(f"{len(names)} part came, wanted at least two to compare")
        codes = {name: index for index, name in enumerate(names)}
        coded = called.replace_strict(codes, default=-1, return_dtype=pl.Int64).to_numpy()
        order = np.argsort(coded, kind="stable")
        order = order[coded[order] >= 0]
        kept, notes = _hashable(rows)
        chosen = rows.select(exact(name) for name in kept)[order]
        return _checked(
            cls, chosen, coded[order], order, names, notes, is_one_table=True, roles=roles
        )

    def of_part(self, index: int) -> NDArray[np.int64]:
        """Give the places in ``rows`` of one part."""
        return np.flatnonzero(self.part == index)

    @cached_property
    def schema(self) -> pl.Schema:
        """Names and types of the columns; asked once, since a wide frame is slow to say."""
        return self.rows.schema

    def column(self, name: str) -> pl.Series:
        """Give one column, under a name that is no pattern."""
        return self.rows.get_column(name).alias("value")

    @property
    def is_bounded(self) -> bool:
        """Whether there are too many rows to compare all of them with each other."""
        return self.most_near_rows is not None and self.rows.height > self.most_near_rows

    @cached_property
    def filled(self) -> tuple[int, ...]:
        """Parts that hold rows."""
        return tuple(np.unique(self.part).tolist())

    @cached_property
    def identifiers(self) -> tuple[str, ...]:
        """Columns that name rows rather than describe them."""
        taken = {self.target, self.time, self.embedding, *self.groups, *self.joint}
        taken |= set(self.columns or ())
        free = [name for name in self.schema if name not in taken]
        return identifier_columns(self.rows.select(exact(name) for name in free))

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Columns that describe a row: no target, group, time or id."""
        if self.columns is not None:
            return tuple(name for name in self.columns if name != self.target)
        taken = {self.target, self.time, *self.groups, *self.joint, *self.identifiers}
        return tuple(name for name in self.rows.columns if name not in taken)

    def pair(self, a: int, b: int, distance: float | None = None) -> RowPair:
        """Name two places in ``rows`` by part and position, the earlier part first."""
        a, b = sorted((int(a), int(b)), key=lambda at: (self.part[at], at))
        names, position = self.names, self.position
        return RowPair(
            names[self.part[a]], int(position[a]), names[self.part[b]], int(position[b]), distance
        )


def _checked(  # noqa: PLR0913 — what `LeakCase` is made of
    cls: type[LeakCase],
    rows: pl.DataFrame,
    part: NDArray[np.int64],
    position: NDArray[np.int64],
    names: tuple[str, ...],
    notes: tuple[str, ...],
    *,
    is_one_table: bool,
    roles: Mapping[str, object],
) -> LeakCase:
    if not rows.width:
        raise DataError("The parts have no column in common, wanted at least one to compare")
    empty = [name for index, name in enumerate(names) if not (part == index).any()]
    if len(names) - len(empty) < 2:
        raise DataError("Fewer than two parts hold rows, wanted at least two to compare")
    if empty:
        notes = (*notes, f"Without rows, so not compared: {', '.join(empty)}.")
    return cls(
        rows, part, position, names, is_one_table=is_one_table, notes=notes, **roles  # type: ignore[arg-type]  # the caller's keywords
    )  # fmt: skip


def _in_order(names: Sequence[str] | Mapping[str, object]) -> tuple[str, ...]:
    """Put parts with usual names in their usual order; others stay where they are."""
    given = list(names)
    if not all(name.lower() in USUAL_ORDER for name in given):
        return tuple(given)
    return tuple(sorted(given, key=lambda name: USUAL_ORDER.index(name.lower())))


def _common(parts: Mapping[str, pl.DataFrame]) -> tuple[list[str], tuple[str, ...]]:
    """Name the columns that all parts have in types that compare, and say which they lack."""
    frames = list(parts.values())
    first = frames[0]
    schemas = [each.schema for each in frames]
    everywhere = [name for name in first.columns if all(name in each for each in schemas[1:])]
    union = dict.fromkeys(name for each in frames for name in each.columns)
    shared = set(everywhere)
    notes = _listed("Not in all parts, so not compared", [n for n in union if n not in shared])
    fits = {name: _alike([each[name] for each in schemas]) for name in everywhere}
    alike = [name for name in everywhere if fits[name]]
    odd = [name for name in everywhere if not fits[name]]
    notes += _listed("Of different types in the parts, so not compared", odd)
    kept, more = _hashable(first.select(exact(name) for name in alike))
    return kept, notes + more


def _hashable(rows: pl.DataFrame) -> tuple[list[str], tuple[str, ...]]:
    kept, odd = [], []
    for name, dtype in rows.schema.items():
        try:
            logical_type(dtype)
        except DataError:
            odd.append(name)
        else:
            kept.append(name)
    return kept, _listed("Of a type without content, so not compared", odd)


def _alike(dtypes: Sequence[pl.DataType]) -> bool:
    kinds = {str(dtype) for dtype in dtypes if dtype != pl.Null}
    return (
        len(kinds) <= 1
        or all(dtype.is_numeric() or dtype == pl.Null for dtype in dtypes)
        or all(dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null) for dtype in dtypes)
    )


def _of_one_type(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Cast columns whose types differ: numbers to Float64, text to String."""
    schemas = [each.schema for each in frames]
    casts: dict[str, pl.DataType] = {}
    for name in schemas[0]:
        dtypes = {str(each[name]): each[name] for each in schemas}
        known = [dtype for dtype in dtypes.values() if dtype != pl.Null]
        if len(dtypes) > 1 and known:
            casts[name] = known[0] if len(known) == 1 else _wider(known)
    if not casts:
        return frames
    return [
        frame.with_columns(exact(name).cast(dtype) for name, dtype in casts.items())
        for frame in frames
    ]


def _wider(dtypes: Sequence[pl.DataType]) -> pl.DataType:
    if not dtypes[0].is_numeric():
        return pl.String()
    return pl.Int128() if all(dtype.is_integer() for dtype in dtypes) else pl.Float64()


def _listed(said: str, names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return (f"{said}: {', '.join(names[:10])}{more}.",)
