"""What `suggest` is asked: which labels, which rows, by which strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from qforge_jupyter.engine.active_learning.labels import check_target
from qforge_jupyter.engine.active_learning.strategies import STRATEGIES
from qforge_jupyter.errors import CallError, DataError, nearest

Find = Literal["errors", "next"]
#: So many folds and rows at most.
MOST_FOLDS, MOST_TOP = 50, 1_000_000


@dataclass(frozen=True)
class Asked:
    """What to suggest.

    Parameters
    ----------
    target
        Column of the labels.
    find
        Labels that are probably wrong, or rows to label next; None is next with a strategy,
        else it decides by whether any row has no label.
    strategy
        By which rows are chosen; None takes the usual one.
    top
        How many rows.
    keys
        Columns that name a row.
    columns
        Those to learn from; None takes all that describe a row.
    group
        Columns whose combined value is never on both sides of a fold.
    labelers
        Columns that hold what each labeler said.
    cost, quality, labeled_at
        Columns of what a row costs, of its score, and of when it was labeled.
    folds
        How often the labels are divided.

    """

    target: str
    find: Find | None = None
    strategy: str | None = None
    top: int = 50
    keys: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    group: tuple[str, ...] = ()
    labelers: tuple[str, ...] = ()
    cost: str | None = None
    quality: str | None = None
    labeled_at: str | None = None
    folds: int = 5

    @property
    def others(self) -> tuple[str, ...]:
        """Columns that are no features."""
        single = (self.target, self.cost, self.quality, self.labeled_at)
        named = tuple(name for name in single if name is not None)
        return named + self.keys + self.group + self.labelers

    def check(self, schema: pl.Schema) -> None:
        """Refuse what cannot be asked of these columns.

        Raises
        ------
        CallError
            A column or a strategy does not exist, or a number is out of range.
        DataError
            A column is of another type than wanted.

        Examples
        --------
        >>> Asked("tier").check(pl.Schema({"tier": pl.String}))

        """
        check_target(schema, self.target)
        named = (
            ("by", self.keys), ("columns", self.columns or ()), ("group", self.group),
            ("labelers", self.labelers),
        )  # fmt: skip
        for option, names in named:
            for name in names:
                if name not in schema:
                    raise CallError(
                        f"`{option}` names {name[:60]!r}, which is no column{nearest(name, schema)}"
                    )
        self._check_numbers(schema)
        if self.strategy is not None:
            STRATEGIES.get(self.strategy)
            if self.find == "errors":
                raise CallError(
                    "A strategy chooses what to label next, and errors are ranked by their loss: "
                    "write --find next, or leave --strategy out"
                )
        for option, value, least, most in (
            ("folds", self.folds, 2, MOST_FOLDS), ("top", self.top, 1, MOST_TOP),
        ):  # fmt: skip
            if not least <= value <= most:
                raise CallError(f"`{option}` lies between {least} and {most:,}, and {value} came")

    def check_labelers(self, schema: pl.Schema) -> None:
        """Refuse labelers' columns that are not there."""
        for name in self.labelers:
            if name not in schema:
                raise CallError(
                    f"`labelers` names {name[:60]!r}, which is no column{nearest(name, schema)}"
                )

    def _check_numbers(self, schema: pl.Schema) -> None:
        for option, name in (("cost", self.cost), ("quality", self.quality)):
            if name is None:
                continue
            if name not in schema:
                raise CallError(
                    f"`{option}` names {name[:60]!r}, which is no column{nearest(name, schema)}"
                )
            if not schema[name].is_numeric():
                raise DataError(
                    f"`{option}` needs a column of numbers and {name[:60]!r} is {schema[name]}"
                )
        moment = self.labeled_at
        if moment is not None and moment not in schema:
            raise CallError(
                f"`labeled_at` names {moment[:60]!r}, which is no column{nearest(moment, schema)}"
            )
        if moment is not None and not (schema[moment].is_temporal() or schema[moment].is_numeric()):
            raise DataError(
                f"`labeled_at` needs a column of times or numbers and {moment[:60]!r} "
                f"is {schema[moment]}"
            )
