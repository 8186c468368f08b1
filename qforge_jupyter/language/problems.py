"""What is wrong with a body's values, as sentences with a place."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.language.body import Body, Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: its sentence and its place in the cell."""

    sentence: str
    line: int = 1
    column: int | None = None
    is_missing: bool = False


@dataclass(slots=True)
class Shaped:
    """What was learned while a body was prepared for its model.

    Parameters
    ----------
    body
        The body.
    name
        Who owns it: the verb.
    paths
        For pydantic's name of a part, its path in the body.
    problems
        What was already found wrong.

    """

    body: Body
    name: str
    paths: dict[Path, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: Path, sentence: str) -> None:
        """Note a problem with a key."""
        self.problems.append(Problem(sentence, *self.body.line_of(path)))

    def owner(self, path: Path) -> str:
        """Name the mapping at a path, as in "'ranges' of score"."""
        keys = [part for part in path if isinstance(part, str)]
        return f"{keys[-1]!r} of {self.name}" if keys else self.name

    def path_of(self, loc: Sequence[Hashable]) -> Path:
        """Find pydantic's place in the body; it also names members of unions."""
        known: Path = ()
        for part in loc:
            if (*known, part) in self.paths:
                known = (*known, part)
        return self.paths.get(known, ())


#: What each kind of pydantic's errors says was wanted.
_WANTED = {
    "int": "a whole number",
    "float": "a number or a percentage",
    "decimal": "a number",
    "bool": "yes or no",
    "string": "a text",
    "list": "a list, as in [a, b]",
    "tuple": "a list, as in [a, b]",
    "set": "a list, as in [a, b]",
    "frozen_set": "a list, as in [a, b]",
    "dict": "keys and values",
    "mapping": "keys and values",
    "model": "keys and values",
    "date": "a date, as in 2026-11-21",
    "datetime": "a date and a time, as in 2026-11-21 12:30",
    "time": "a time, as in 12:30",
    "path": "a path",
}


def wanted(error: Mapping[str, Any], value: Any = None) -> str:
    """Say in our words what pydantic wanted.

    Examples
    --------
    >>> wanted({"type": "int_parsing", "msg": "Input should be a valid integer"})
    'wants a whole number'

    """
    kind: str = error["type"]
    message: str = error["msg"]
    if kind in ("literal_error", "enum"):
        choices = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
        came = f"does not know {value[:60]!r}" if isinstance(value, str) else "wants a choice"
        return came + nearest(value if isinstance(value, str) else "", choices)
    if kind in ("value_error", "assertion_error"):
        return "cannot be used: " + message.partition(", ")[2]
    stem = re.sub(r"_(parsing|type|from_|attributes_type).*$", "", kind)
    if stem in _WANTED and stem != kind:
        return f"wants {_WANTED[stem]}"
    words: str = re.sub(r"^(Input|Value|String|List|Tuple|Set|Dictionary) should ", "", message)
    words = re.sub(r"^be ", "", words)
    return f"wants to {words}" if words.startswith("have ") else f"wants {words}"


def explain(error: Mapping[str, Any], shaped: Shaped) -> Problem:
    """Turn one of pydantic's errors into a sentence with its place."""
    loc = error["loc"]
    path = shaped.path_of(loc)
    if error["type"] == "missing":
        name = str(loc[-1]).replace("_", " ")
        line, column = shaped.body.line_of(path) if path else (1, None)
        sentence = f"{shaped.owner(path)} needs the key {name!r}"
        return Problem(sentence[0].upper() + sentence[1:], line, column, is_missing=True)
    line, column = shaped.body.line_of(path, "value")
    if not path and error["type"] in ("value_error", "assertion_error"):
        return Problem(error["msg"].partition(", ")[2], 1)
    return Problem(f"{_shown(path, shaped)} {wanted(error, _at(shaped.body, path))}", line, column)


def first_of(problems: Sequence[Problem]) -> CallError:
    """Make one error of all problems: the first in the cell, absences last."""
    ordered = sorted(problems, key=lambda p: (p.is_missing, p.line, p.column or 0))
    # Each member of a union complains for itself.
    first, more = ordered[0], len({(p.line, p.column, p.is_missing) for p in problems}) - 1
    count = f" (and {more} more problem{'s' * (more > 1)})" if more else ""
    return CallError(first.sentence + count, line=first.line, column=first.column)


def _shown(path: Path, shaped: Shaped) -> str:
    keys = [part for part in path if isinstance(part, str)]
    if not keys:
        return f"The body of {shaped.name}"
    item = f", item {path[-1] + 1}," if isinstance(path[-1], int) else ""
    return f"{keys[-1]!r}{item}"


def _at(body: Body, path: Path) -> Any:
    value = body.value
    for part in path:
        value = value[part]
    return value
