"""The body of a cell: YAML in which every scalar stays the text it looks like.

``yes``, ``12:30``, ``1.10``, ``5%``, ``@id``, ``>= 0.7`` and ``null`` are
strings; the verb's own model types them later. There are no tags, anchors or
aliases, so a body cannot name a Python class or grow when it is read.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml
from yaml.reader import ReaderError

from qforge_jupyter.errors import CallError
from qforge_jupyter.language.scanning import MAXIMUM_DEPTH, BodyLoader, Refused

MAXIMUM_CHARACTERS = 1_000_000
MAXIMUM_NODES = 10_000

Path = tuple[Hashable, ...]
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Body:
    """What stands under the header.

    Parameters
    ----------
    value
        Mappings, lists and strings; for a raw body the text itself.
    text
        The text as it was written.
    raw
        Whether it is another language's text, such as SQL.
    first_line
        Line of the cell in which the body begins.
    keys, values
        Where each key (or list item) and each value stands: line of the cell,
        and column counted from 0.

    """

    value: Any
    text: str = field(compare=False)
    raw: bool = False
    first_line: int = field(default=2, compare=False)
    keys: Mapping[Path, Place] = field(default_factory=dict, compare=False, repr=False)
    values: Mapping[Path, Place] = field(default_factory=dict, compare=False, repr=False)

    def path_of(self, key: tuple[str, ...]) -> Path:
        """Find a key as it was written: ``("unique_by",)`` may stand as ``unique by``."""
        value: Any = self.value
        path: Path = ()
        for part in key:
            known = value if isinstance(value, dict) else {}
            written = next(
                (each for each in known if same_name(str(each)) == same_name(part)), None
            )
            if written is None:
                break
            value, path = known[written], (*path, written)
        return path

    def line_of(self, path: Path, of: Literal["key", "value"] = "key") -> Place:
        r"""Say where a part of the body stands: its line and its column.

        Parameters
        ----------
        path
            Keys and list positions from the outside in. What is not in the
            body has the place of the part that would hold it.
        of
            Whether the key's place is wanted or the value's.

        Examples
        --------
        >>> read_body("ranges:\n  gap: 0 .. 50 eV").line_of(("ranges", "gap"), "value")
        (3, 7)

        """
        places = self.keys if of == "key" else self.values
        while path and path not in places:
            path = path[:-1]
        return places.get(path, (self.first_line, 0))


def same_name(key: str) -> str:
    """Reduce a key to what counts: blanks, underscores and hyphens are the same.

    Examples
    --------
    >>> same_name("unique by") == same_name("unique_by")
    True

    """
    return re.sub(r"[\s_-]+", "_", key.strip())


def read_body(text: str, first_line: int = 2, *, raw: bool = False) -> Body:
    r"""Read a body without guessing a type.

    Raises
    ------
    CallError
        The text is no YAML, too large or too deep, or says one key twice.

    Examples
    --------
    >>> read_body("confidence: >= 0.7\nunique by: [@id, day]").value
    {'confidence': '>= 0.7', 'unique by': ['@id', 'day']}

    """
    if len(text) > MAXIMUM_CHARACTERS:
        raise CallError(
            f"The body has {len(text):,} characters, {MAXIMUM_CHARACTERS:,} are allowed: "
            "put data into a file",
            line=first_line,
        )
    if raw:
        return Body(text, text, raw=True, first_line=first_line)
    places = _Places(text, first_line)
    builder = _Builder(places)
    try:
        for event in yaml.parse(text, Loader=BodyLoader):
            builder.take(event)
    except ReaderError as problem:
        raise places.error(
            "The body holds a character that no text holds: delete it", problem.position
        ) from None
    except yaml.MarkedYAMLError as problem:
        raise _explain(problem, places) from None
    except ValueError:
        # PyYAML hands \U00110000 to chr(); a lone surrogate fails in _Builder.
        raise places.error(_ESCAPE, builder.index) from None
    return Body(builder.result(), text, False, first_line, builder.keys, builder.values)


class _Places:
    """Turns a position in the text into a line of the cell and a column."""

    def __init__(self, text: str, first_line: int) -> None:
        self.text = text
        self.first_line = first_line
        self.starts = [0] + [match.end() for match in re.finditer("\n", text)]

    def at(self, index: int) -> Place:
        line = bisect.bisect_right(self.starts, index) - 1
        return line + self.first_line, index - self.starts[line]

    def line(self, index: int) -> str:
        start = self.starts[bisect.bisect_right(self.starts, index) - 1]
        return self.text[start:].partition("\n")[0]

    def error(self, sentence: str, index: int) -> CallError:
        line, column = self.at(index)
        return CallError(sentence, line=line, column=column)


@dataclass(slots=True)
class _Open:
    """A mapping or list that is not finished."""

    value: Any
    path: Path
    key: str | None = None


class _Builder:
    """Makes the value out of events, without recursion, and counts."""

    def __init__(self, places: _Places) -> None:
        self.places = places
        self.open: list[_Open] = []
        self.top: Any = None
        self.nodes = 0
        self.index = 0
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}

    def result(self) -> Any:
        # An empty body asks for nothing in particular.
        return {} if self.top is None or self.top == "" else self.top

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        index = self.index = mark.index if mark else 0
        if isinstance(event, yaml.DocumentStartEvent) and self.top is not None:
            raise self.places.error("The body holds a second document: delete the ---", index)
        if isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
        elif isinstance(event, yaml.ScalarEvent):
            event.value.encode()
            self._add(event.value, index)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._enter({} if isinstance(event, yaml.MappingStartEvent) else [], index)

    def _enter(self, value: Any, index: int) -> None:
        if self.open and self.open[-1].key is None and isinstance(self.open[-1].value, dict):
            raise self.places.error("A key is a word, not a list or a mapping: quote it", index)
        if len(self.open) >= MAXIMUM_DEPTH:
            raise self.places.error(f"The body nests more than {MAXIMUM_DEPTH} deep", index)
        path = self._add(value, index)
        self.open.append(_Open(value, path))

    def _add(self, value: Any, index: int) -> Path:
        self.nodes += 1
        if self.nodes > MAXIMUM_NODES:
            raise self.places.error(
                f"The body has more than {MAXIMUM_NODES:,} keys and values: put data into a file",
                index,
            )
        if not self.open:
            self.top = value
            return self._note((), index)
        holder = self.open[-1]
        if isinstance(holder.value, list):
            holder.value.append(value)
            path = (*holder.path, len(holder.value) - 1)
            self.keys[path] = self.places.at(index)
        elif holder.key is None:
            return self._name(holder, value, index)
        else:
            path = (*holder.path, holder.key)
            holder.value[holder.key], holder.key = value, None
        return self._note(path, index)

    def _name(self, holder: _Open, key: str, index: int) -> Path:
        path = (*holder.path, key)
        if key in holder.value:
            first, _ = self.keys[path]
            raise self.places.error(
                f"The key {key[:60]!r} stands twice, first in line {first}: keep one", index
            )
        holder.key = key
        self.keys[path] = self.places.at(index)
        return path

    def _note(self, path: Path, index: int) -> Path:
        self.values[path] = self.places.at(index)
        return path


_ESCAPE = "A backslash in double quotes is special: use single quotes"
#: What YAML's own message starts with, and what we say instead.
_EXPLANATIONS = (
    ("found undefined escape", _ESCAPE),
    ("found unknown escape", _ESCAPE),
    ("expected escape sequence", _ESCAPE),
    ("found unexpected end of stream", "A quote is opened and not closed"),
    ("found unexpected document", "A quote is opened and not closed before the next document"),
    ("expected the node content", "A value was wanted here: close the bracket, or quote the text"),
    ("expected ',' or", "A bracket is not closed, or a comma is missing: quote text with brackets"),
    ("mapping values are not", "A colon and a blank make a key here: quote text that holds them"),
    ("could not find expected ':'", "A key was wanted: write  key: value  with a blank between"),
    ("sequence entries are not", "A list item begins a line of its own: put it under its key"),
    ("expected <block end>", "Text was not wanted here: line it up, or quote the whole value"),
    ("found character '\\t'", "A tab indents this line: indent with blanks"),
)  # fmt: skip


def _explain(problem: yaml.MarkedYAMLError, places: _Places) -> CallError:
    mark = problem.problem_mark or problem.context_mark
    index = mark.index if mark else 0
    words = problem.problem or ""
    if isinstance(problem, Refused):
        return places.error(words, index)
    if "quoted scalar" in (problem.context or "") and problem.context_mark:
        index = index if "escape" in words else problem.context_mark.index
    if re.match(r" *\t", places.line(index)):
        return places.error("A tab indents this line: indent with blanks", index)
    for start, sentence in _EXPLANATIONS:
        if words.startswith(start):
            return places.error(sentence, index)
    return places.error("This line cannot be read as  key: value  or  - item: quote it", index)
