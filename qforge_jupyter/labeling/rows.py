"""The rows of the version that a dashboard looks at, and what is found of them once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.engine.facets import Facet, facets_of
from qforge_jupyter.frames import Table
from qforge_jupyter.labeling.items import Items
from qforge_jupyter.versions.label_keys import shown

#: Usual names of the columns that sort examples, and that say what became of them.
TYPES = ("example_type", "type", "kind")
STATUSES = ("validation_status", "label_status", "status")
#: Usual names of a label, where nobody was asked for one.
LABELS = ("label", "target", "class", "tier", "category", "answer")
#: So many values of such a column are counted by name.
MOST_VALUES = 50
_LONGEST_KEY = 80


@dataclass
class Rows:
    """Rows of one version.

    Parameters
    ----------
    frame, keys
        The rows, and the columns that name one.
    commit
        The version.

    """

    frame: pl.DataFrame = field(repr=False)
    keys: tuple[str, ...]
    commit: str
    _places: dict[str, int] = field(default_factory=dict, repr=False)
    _facets: dict[tuple[str, ...], list[Facet]] = field(default_factory=dict, repr=False)

    @cached_property
    def items(self) -> Items:
        """The rows by their keys."""
        return Items(self.frame, self.keys)

    @cached_property
    def order(self) -> str:
        """The order of the rows in one short text."""
        return Table.of_frame("rows", self.frame).order

    def placed(self, events: pl.DataFrame) -> pl.DataFrame:
        """Put the row in place of the key; what speaks of no row is left out.

        A key is looked up once, however often it is spoken of.
        """
        names = events["item"].unique()
        new = [name for name in names if name not in self._places]
        self._places.update(zip(new, map(int, self.items.places(new)), strict=True))
        known = pl.DataFrame(
            {"item": names, "place": [self._places[name] for name in names]},
            schema={"item": pl.String, "place": pl.Int64},
        )
        joined = events.join(known, on="item", how="left", maintain_order="left")
        there = joined.filter(pl.col("place") >= 0)
        return there.with_columns(item=pl.col("place")).drop("place")

    def key(self, place: int) -> str:
        """Write the key of a row as people read it."""
        text = shown(self.items.key(place))
        return text if len(text) <= _LONGEST_KEY else f"{text[: _LONGEST_KEY - 1]}…"

    def first_of(self, names: tuple[str, ...]) -> str:
        """Name the first of these columns that is there, and is no key; empty for none."""
        there = set(self.frame.columns) - set(self.keys)
        return next((name for name in names if name in there), "")

    def has_texts(self, name: str) -> bool:
        """Say whether there is such a column, and its cells can be read as texts."""
        kind = self.frame.schema.get(name)
        return kind is not None and not (kind.is_nested() or kind in (pl.Binary, pl.Object))

    def counts(self, names: tuple[str, ...]) -> dict[str, Any] | None:
        """Count the values of the first of these columns that is there."""
        name = self.first_of(names)
        if not name or not self.has_texts(name):
            return None
        texts = self.frame.get_column(name).cast(pl.String, strict=False)
        counted = texts.rename("value").value_counts(name="n")
        ordered = counted.sort(["n", "value"], descending=[True, False], nulls_last=True)
        found = [[value, int(n)] for value, n in ordered.head(MOST_VALUES).iter_rows()]
        return {"column": name, "counts": found, "n_more": max(0, ordered.height - MOST_VALUES)}

    def facets(self, leave_out: tuple[str, ...]) -> list[Facet]:
        """Give the columns that sort the rows, without some; found once."""
        if leave_out not in self._facets:
            self._facets[leave_out] = facets_of(self.frame, {*leave_out, *self.keys})
        return self._facets[leave_out]

    def classes(self, question: str, said: pl.DataFrame) -> pl.Series:
        """Give the class of each row: what was said of it, else what its column holds.

        Parameters
        ----------
        question
            What the column is called.
        said
            ``item`` (a row) and ``text``.

        """
        every = pl.DataFrame({"item": pl.int_range(self.frame.height, eager=True)})
        joined = every.join(said, on="item", how="left", maintain_order="left")["text"]
        if not self.has_texts(question):
            return joined
        own = self.frame.select(own=column(question).cast(pl.String, strict=False))["own"]
        return joined.to_frame().hstack([own]).select(text=pl.coalesce("text", "own"))["text"]
