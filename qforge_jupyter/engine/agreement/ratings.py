"""Ratings as codes: which labeler gave which item which category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.columns import is_present
from qforge_jupyter.engine.agreement.levels import Level
from qforge_jupyter.engine.agreement.scales import Scale, places_of, read_scale
from qforge_jupyter.errors import CallError, DataError, nearest

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Repeats = Literal["last", "refuse", "all"]

_REFUSED = (pl.List, pl.Array, pl.Struct, pl.Object, pl.Binary, pl.Duration)


@dataclass(frozen=True)
class Roles:
    """Which column of a long table says what.

    Parameters
    ----------
    item, labeler, value
        Columns that name the item, who rated it, and the rating.
    question, time
        Columns that name what was asked, and when; None where there are none.

    """

    item: str = "item"
    labeler: str = "labeler"
    value: str = "value"
    question: str | None = None
    time: str | None = None

    @property
    def named(self) -> dict[str, str]:
        """Each role that has a column, with its name."""
        roles = ("item", "labeler", "value", "question", "time")
        return {role: name for role in roles if (name := getattr(self, role)) is not None}

    def check(self, schema: pl.Schema) -> None:
        """Refuse columns that do not exist, serve twice, or hold no plain values.

        Raises
        ------
        CallError
            One of them does.

        """
        for role, name in self.named.items():
            if name not in schema:
                raise CallError(
                    f"No column named {name!r} for the {role}{nearest(name, schema.names())}"
                )
            if isinstance(schema[name], _REFUSED):
                raise CallError(
                    f"The column {name!r} of the {role} is of type {schema[name]}, "
                    "wanted text, numbers, truth values or times: give one plain value a row"
                )
        twice = [name for name in self.named.values() if [*self.named.values()].count(name) > 1]
        if twice:
            raise CallError(f"The column {twice[0]!r} has two roles, wanted a column for each")


@dataclass(frozen=True)
class Ratings:
    """One code for each rating: its item, its labeler, its category.

    Parameters
    ----------
    items, labelers, categories
        One code a rating, counted from 0; ``items`` ascends.
    item_names, labeler_names
        What the codes stand for.
    scale
        What the categories are.
    times, time_names
        When each rating was given: 1 for the earliest time, 0 for an unknown one,
        and what these stand for; None without times.
    n_missing, n_repeated
        Rows left out: without an item, a labeler or a value; and replaced by a
        later rating of the same item by the same labeler.

    """

    items: Ints
    labelers: Ints
    categories: Ints
    item_names: pl.Series
    labeler_names: pl.Series
    scale: Scale
    times: Ints | None = None
    time_names: pl.Series | None = None
    n_missing: int = 0
    n_repeated: int = 0

    def __len__(self) -> int:
        return len(self.items)

    @property
    def n_items(self) -> int:
        """Items with at least one rating."""
        return len(self.item_names)

    @property
    def n_labelers(self) -> int:
        """Labelers with at least one rating."""
        return len(self.labeler_names)

    @property
    def n_categories(self) -> int:
        """Categories, used or declared."""
        return len(self.scale.names)


def read_ratings(
    frame: pl.DataFrame,
    roles: Roles | None = None,
    *,
    level: Level | None = None,
    categories: Sequence[str] | None = None,
    repeats: Repeats = "last",
) -> Ratings:
    """Read a long table of one question: a row for each rating.

    Parameters
    ----------
    frame
        The table; rows without an item, a labeler or a value are left out.
    roles
        Which column says what.
    level
        What the values mean; interval for numbers and times, else nominal, by
        default.
    categories
        All answers that could be given, in their order; needed to make text
        ordinal.
    repeats
        Where a labeler rated an item twice: ``last`` takes the last (by time,
        else by row), ``refuse`` is an error, ``all`` keeps every one.

    Raises
    ------
    CallError
        A column is missing, or the level does not fit the values.
    DataError
        A labeler rated an item twice and ``repeats`` is ``refuse``, or a value
        is none of the categories.

    Examples
    --------
    >>> frame = pl.DataFrame({"item": [1, 1, 2], "labeler": ["a", "b", "a"], "value": ["x"] * 3})
    >>> ratings = read_ratings(frame)
    >>> ratings.items.tolist(), ratings.labelers.tolist(), ratings.n_categories
    ([0, 0, 1], [0, 1, 0], 1)

    """
    roles = roles or Roles()
    roles.check(frame.schema)
    if repeats not in get_args(Repeats):
        raise CallError(
            f"No rule named {repeats!r} for repeats{nearest(repeats, get_args(Repeats))}"
        )
    plain = frame.select(exact(name).alias(role) for role, name in roles.named.items())
    needed = [is_present(pl.col(role), plain.schema[role]) for role in ("item", "labeler", "value")]
    kept = plain.filter(pl.all_horizontal(needed))
    scale, answers = read_scale(kept["value"], level, categories, roles.value)
    item_names, items = _codes(kept["item"])
    labeler_names, labelers = _codes(kept["labeler"])
    time_names, times = _times(kept["time"]) if roles.time else (None, None)
    order = _order(items * len(labeler_names) + labelers, times, repeats, roles.labeler)
    return Ratings(
        items[order],
        labelers[order],
        answers[order],
        item_names,
        labeler_names,
        scale,
        None if times is None else times[order],
        time_names,
        frame.height - kept.height,
        kept.height - len(order),
    )


def _codes(values: pl.Series) -> tuple[pl.Series, Ints]:
    if isinstance(values.dtype, pl.Categorical):
        values = values.cast(pl.String)
    names = values.unique().sort()
    return names, places_of(values, names).to_numpy()


def _times(times: pl.Series) -> tuple[pl.Series, Ints]:
    names, codes = _codes(times)
    if names.null_count():
        return names.drop_nulls(), places_of(times, names.drop_nulls()).fill_null(-1).to_numpy() + 1
    return names, codes + 1


def _order(pairs: Ints, times: Ints | None, repeats: Repeats, column: str) -> Ints:
    """Give the rows that count, by item, then labeler, then time."""
    order = np.argsort(pairs, kind="stable") if times is None else np.lexsort((times, pairs))
    ordered = pairs[order]
    is_last = np.ones(len(order), dtype=bool)
    is_last[:-1] = ordered[1:] != ordered[:-1]
    n_repeated = int((~is_last).sum())
    if n_repeated and repeats == "refuse":
        raise DataError(
            f"In {n_repeated:,} row{'s' * (n_repeated != 1)} a labeler of {column!r} rated an item "
            "again, wanted one rating each: take them out, or let --repeats last keep the last"
        )
    return order if repeats == "all" else order[is_last]
