"""Where values of rows show: in texts, in JSON, in tables that runs have kept."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.frames.fingerprint import row_marks
from qforge_jupyter.frames.table import Table
from qforge_jupyter.versions.identities import names_of
from qforge_jupyter.versions.laying import pick
from qforge_jupyter.versions.numbers import Mask, Numbers, hits, leaves_of, own_numbers

#: What stands where a value was.
MARKER = "(forgotten)"
#: A text this short is a word of many rows.
SHORTEST = 4
#: A report may cut a longer text off after so many characters.
_SHOWN = 24
#: A number with a fraction, as text.
_REAL = re.compile(r"-?[\d,]+\.\d+(?:[eE][+-]?\d+)?")
#: Columns in which results show cells and keys as text.
_SHOWING = frozenset({"entity", "observed", "value"})


@dataclass(frozen=True, eq=False)
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
    numbers
        Numbers and moments that no other row has.
    marks
        Hashes of the rows and of their keys, as splits and features have them.

    """

    texts: frozenset[str]
    keys: dict[str, frozenset[str]] = field(default_factory=dict)
    names: pl.DataFrame = field(default_factory=pl.DataFrame)
    common: frozenset[str] = frozenset()
    numbers: Numbers = field(default_factory=Numbers)
    marks: frozenset[str] = frozenset()

    @property
    def in_words(self) -> Mentions:
        """What shows the rows in words of a user's own."""
        return replace(self, texts=self.texts - self.common)

    def in_bytes(self, data: bytes, media_type: str) -> bool:
        """Say whether a file shows a value."""
        if media_type.endswith("parquet"):
            return bool(self.rows_in(pl.read_parquet(io.BytesIO(data))).any())
        text = data.decode(errors="replace")
        if media_type.endswith("json"):
            content = _json(text)
            return bool(self.cut(content) != content)
        shown = f"{text}\n{html.unescape(text)}"
        visible = re.sub(r"<style.*?</style>|<[^>]*>", " ", shown, flags=re.DOTALL)
        return (
            self._shown_in([shown])
            or self.numbers.in_text(visible)
            or any(
                re.search(rf">\s*{re.escape(key)}\s*<", shown)
                for keys in self.keys.values()
                for key in keys
            )
        )

    def rows_in(self, frame: pl.DataFrame) -> Mask:
        """Say which rows of a table show a value, a key or a mark."""
        found = np.zeros(frame.height, np.bool_)
        if not frame.height:
            return found
        if self.keys and set(self.keys) <= set(frame.columns):
            here = names_of(pick(frame, list(self.keys)), list(self.keys))
            if here.schema == self.names.schema:
                numbered = here.with_row_index("row")
                met = numbered.join(self.names, on=here.columns, how="semi", nulls_equal=True)
                found[met["row"].to_numpy()] = True
        if self.marks and {"mark_a", "mark_b"} <= set(frame.columns):
            pairs = zip(frame["mark_a"].to_list(), frame["mark_b"].to_list(), strict=True)
            found |= np.fromiter((f"{a:016x}{b:016x}" in self.marks for a, b in pairs), np.bool_)
        keys = frozenset().union(*self.keys.values()) if self.keys else frozenset()
        # Rounded to 32 bits, a number may be another row's: not where the row is known by name.
        is_rounded = not found.any()
        for held in frame.get_columns():
            shown = keys if held.name in _SHOWING else frozenset()
            found |= hits(held, partial(self._texts_in, shown=shown))
            found |= self.numbers.in_column(held, is_rounded=is_rounded)
        return found

    def _texts_in(self, leaf: pl.Series, shown: frozenset[str]) -> pl.Series | None:
        """Say which texts of a flat column show a value."""
        if leaf.dtype == pl.Binary:
            ours = pl.Series([each.encode() for each in self.texts], dtype=pl.Binary)
            as_hex = leaf.bin.encode("hex").str.contains_any(self._starts)
            return leaf.is_in(ours.implode()) | as_hex
        if not isinstance(leaf.dtype, pl.String | pl.Categorical | pl.Enum):
            return None
        texts = leaf.cast(pl.String)
        found = texts.is_in(pl.Series(sorted(shown), dtype=pl.String).implode())
        if starts := self._starts:
            found |= texts.str.contains_any(starts)
        written = pl.Series(sorted(self.numbers.written), dtype=pl.String).implode()
        found |= texts.str.strip_prefix("-").str.replace_all(",", "").is_in(written)
        if self.numbers.moments:
            found |= texts.str.contains_any(sorted(self.numbers.moments))
        return found

    @property
    def _starts(self) -> list[str]:
        return sorted({each[:_SHOWN] for each in self.texts | self.marks})

    def _shown_in(self, texts: Iterable[str]) -> bool:
        starts = self._starts
        found = pl.Series(list(texts), dtype=pl.String)
        return bool(starts) and bool(found.str.contains_any(starts).any())

    def _shows_text(self, text: str) -> bool:
        return any(each in text for each in self._starts) or self.numbers.in_text(text)

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
            return type(value)(map(_emptied, value, made))
        if isinstance(value, str):
            return self.cut_text(value)
        is_named = str(value) in self.keys.get(within, ()) or self.numbers.shows(value)
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
    texts = {text for frame in frames for text in _texts_of(frame) if len(text) >= SHORTEST}
    shown = {
        name: frozenset(map(str, rows.get_column(name).drop_nulls().to_list())) for name in keys
    }
    common = texts & set(_texts_of(others))
    names = names_of(rows, keys) if keys else pl.DataFrame()
    return Mentions(
        frozenset(texts),
        shown,
        names,
        frozenset(common),
        own_numbers(frames, others, set(keys)),
        _marks_of(frames, keys),
    )


def _texts_of(frame: pl.DataFrame) -> Iterator[str]:
    for held in frame.get_columns():
        for leaf in leaves_of(held):
            if isinstance(leaf.dtype, pl.String | pl.Categorical | pl.Enum):
                yield from leaf.drop_nulls().unique().cast(pl.String).to_list()
            elif leaf.dtype == pl.Binary:
                for data in leaf.drop_nulls().unique().to_list():
                    yield from (data.decode(errors="replace"), data.hex())


def _marks_of(frames: Iterable[pl.DataFrame], keys: Sequence[str]) -> frozenset[str]:
    """Hash whole rows, and their keys alone."""
    found: set[str] = set()
    for frame in frames:
        named = (
            [frame.select(column(each) for each in keys)] if set(keys) <= set(frame.columns) else []
        )
        for each in (frame, *named):
            if each.width:
                found |= set(row_marks(Table.of_frame("rows", each)))
    return frozenset(found)


def near(mentions: Mentions) -> Mentions:
    """Keep what shows the rows in what was made of a version: all but texts of other rows."""
    return replace(mentions, texts=mentions.texts - mentions.common, common=frozenset())


def rare(mentions: Mentions) -> Mentions:
    """Keep what no other row has and what can be nothing else, wherever it stands."""
    texts = mentions.texts - mentions.common
    return Mentions(texts, numbers=mentions.numbers.sure, marks=mentions.marks)


def _emptied(before: Any, after: Any) -> Any:
    """Cut the other numbers out of a line of a table that showed a value: they follow from it."""
    if isinstance(before, dict):
        is_shown = any(after.get(name) == MARKER != one for name, one in before.items())
        return {k: _unnumbered(one) for k, one in after.items()} if is_shown else after
    if isinstance(before, list | tuple):
        is_shown = any(one == MARKER != old for old, one in zip(before, after, strict=True))
        return type(after)(map(_unnumbered, after)) if is_shown else after
    return after


def _unnumbered(value: Any) -> Any:
    is_number = isinstance(value, float) or (isinstance(value, str) and _REAL.fullmatch(value))
    return MARKER if is_number else value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
