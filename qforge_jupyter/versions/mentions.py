"""Where values of rows show: in texts, in JSON, in tables that runs have kept."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from qforge_jupyter.versions.identities import names_of
from qforge_jupyter.versions.laying import pick

#: What stands where a value was.
MARKER = "(forgotten)"
#: A text this short is a word of many rows.
SHORTEST = 4
#: A report may cut a longer text off after so many characters.
_SHOWN = 24
#: Columns in which results show cells and keys as text.
_SHOWING = frozenset({"entity", "observed", "value"})


@dataclass(frozen=True)
class Mentions:
    """Values of rows, and how to find and to cut them out.

    Parameters
    ----------
    texts
        Texts of the rows' cells.
    keys
        Texts of the rows' keys, by column.
    names
        The rows' keys as `names_of` gives them.
    common
        Those of the texts that other rows have, too: in what a user wrote, as in a
        scorecard, they speak of no row.

    """

    texts: frozenset[str]
    keys: dict[str, frozenset[str]] = field(default_factory=dict)
    names: pl.DataFrame = field(default_factory=pl.DataFrame)
    common: frozenset[str] = frozenset()

    @property
    def in_words(self) -> Mentions:
        """What shows the rows in words of a user's own."""
        return replace(self, texts=self.texts - self.common)

    def in_bytes(self, data: bytes, media_type: str) -> bool:
        """Say whether a file shows a value."""
        if media_type.endswith("parquet"):
            return self._in_frame(pl.read_parquet(io.BytesIO(data)))
        text = data.decode(errors="replace")
        if media_type.endswith("json"):
            content = _json(text)
            return bool(self.cut(content) != content)
        shown = f"{text}\n{html.unescape(text)}"
        return self._shown_in([shown]) or any(
            re.search(rf">\s*{re.escape(key)}\s*<", shown)
            for keys in self.keys.values()
            for key in keys
        )

    def _in_frame(self, frame: pl.DataFrame) -> bool:
        if self.keys and set(self.keys) <= set(frame.columns):
            here = names_of(pick(frame, list(self.keys)), list(self.keys))
            if here.schema == self.names.schema and here.height:
                hits = here.join(self.names, on=here.columns, how="semi", nulls_equal=True)
                if hits.height:
                    return True
        keys = frozenset().union(*self.keys.values()) if self.keys else frozenset()
        for column in frame.get_columns():
            found = strings_of(column)
            is_shown = column.name in _SHOWING and not keys.isdisjoint(found)
            if is_shown or self._shown_in(found):
                return True
        return False

    def _shown_in(self, texts: Iterable[str]) -> bool:
        starts = sorted({each[:_SHOWN] for each in self.texts})
        found = pl.Series(list(texts), dtype=pl.String)
        return bool(starts) and bool(found.str.contains_any(starts).any())

    def _shows_text(self, text: str) -> bool:
        return any(each[:_SHOWN] in text for each in self.texts)

    def cut(self, value: Any, within: str = "") -> Any:
        """Replace what shows a value, however deep it lies.

        Examples
        --------
        >>> mentions = Mentions(frozenset({"Anna"}), {"id": frozenset({"7"})})
        >>> mentions.cut({"n": 7, "id": 7, "rows": [[7, "Anna B"], [8, "Bob"]]})
        {'n': 7, 'id': '(forgotten)', 'rows': [['(forgotten)', '(forgotten)'], [8, 'Bob']]}

        """
        if isinstance(value, dict):
            own = self.in_words
            return {
                own.cut_text(key): (own if key == "card" else self).cut(one, str(key))
                for key, one in value.items()
            }
        if isinstance(value, list | tuple):
            is_line = any(isinstance(one, str) for one in value)
            inner = within or ("line" if is_line else "")
            made = [
                MARKER if is_line and self._is_key(one) else self.cut(one, inner) for one in value
            ]
            return type(value)(made)
        if isinstance(value, str):
            return self.cut_text(value)
        is_named = str(value) in self.keys.get(within, ())
        return MARKER if is_named and not isinstance(value, bool) else value

    def _is_key(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return False
        return any(str(value) in keys for keys in self.keys.values())

    def cut_text(self, text: str) -> str:
        """Give the marker for a text that shows a value, any other as it is."""
        if self._shows_text(text) or self._is_key(text):
            return MARKER
        for name, keys in self.keys.items():
            if name in text and any(
                re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text) for key in keys
            ):
                return MARKER
        return text


def mentions_of(
    cells: Iterable[pl.DataFrame], rows: pl.DataFrame, others: pl.DataFrame, keys: Sequence[str]
) -> Mentions:
    """Collect what shows that something speaks of the rows: their texts and their keys.

    Parameters
    ----------
    cells
        What the rows held in any version.
    rows, others
        The rows, and those that stay, as they are in one version.
    keys
        Columns whose values name a row.

    """
    frames = [*cells, rows]
    texts = {
        text
        for frame in frames
        for column in frame.get_columns()
        for text in strings_of(column)
        if len(text) >= SHORTEST
    }
    shown = {
        name: frozenset(map(str, rows.get_column(name).drop_nulls().to_list())) for name in keys
    }
    common = {text for column in others.get_columns() for text in texts & strings_of(column)}
    names = names_of(rows, keys) if keys else pl.DataFrame()
    return Mentions(frozenset(texts), shown, names, frozenset(common))


def rare(mentions: Mentions) -> Mentions:
    """Keep the texts that no other row has: they show the rows wherever they stand."""
    return Mentions(mentions.texts - mentions.common)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def strings_of(column: pl.Series) -> set[str]:
    """Give every text in a column, also those inside of lists and structs."""
    kind = column.dtype
    if isinstance(kind, pl.String | pl.Categorical | pl.Enum):
        return set(column.drop_nulls().unique().cast(pl.String).to_list())
    if isinstance(kind, pl.List | pl.Array):
        return strings_of(column.explode())
    if isinstance(kind, pl.Struct):
        return {text for one in column.struct.unnest().get_columns() for text in strings_of(one)}
    return set()
