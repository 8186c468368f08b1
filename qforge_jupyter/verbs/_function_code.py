"""A function's definition with all that it needs, as a cell that does the same work.

What a function takes from around it is written before it: an import for what
can be imported, an assignment for plain values, the definition for other
functions. So a training by a function is repeated from its record alone.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import math
import sys
import textwrap
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

from qforge_jupyter.verbs._outside_names import outside_names

#: A plain value that takes more characters is data, not code.
LONGEST_VALUE = 500
#: Annotations of a function need not be known where it is defined anew.
FUTURE = "from __future__ import annotations"


class Unwritable(Exception):
    """A function cannot be written down; the text says why."""


def cell_of(work: Callable[..., Any], given: Collection[str]) -> str:
    """Write a cell that calls the function with the names that a training gives.

    Parameters
    ----------
    work
        The function.
    given
        Names that it may ask for.

    Raises
    ------
    Unwritable
        Python does not know its source, or it uses what has no short form.

    """
    if not isinstance(work, FunctionType):
        raise Unwritable(f"a {type(work).__name__} has no source that could be kept")
    written = _Written()
    name = written.define(work, _name_of(work, "fit"))
    if taken := sorted(set(written.lines) & set(given)):
        raise Unwritable(f"it defines {taken[0]!r}, a name that a training gives")
    wanted = inspect.signature(work).parameters
    takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in wanted.values())
    asked = sorted(given) if takes_all else [each for each in wanted if each in given]
    call = f"{name}({', '.join(f'{each}={each}' for each in asked)})"
    return "\n".join([FUTURE, *written.lines.values(), call]) + "\n"


@dataclass
class _Written:
    """Lines by the name that each defines, and what the names stand for."""

    lines: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def define(self, work: FunctionType, name: str) -> str:
        """Add the lines that define a function under a name, and first what it uses."""
        self.values[name] = work
        text = _source_of(work)
        try:
            around = inspect.getclosurevars(work).nonlocals
        except ValueError:
            raise Unwritable("it uses a name that is not set yet") from None
        for outer in outside_names(text):
            known = around if outer in around else work.__globals__
            if outer not in known:
                raise Unwritable(f"it uses {outer!r}, which is not defined")
            self._bind(outer, known[outer])
        is_lambda = not text.startswith(("def ", "@"))
        self.lines[name] = f"{name} = {text}" if is_lambda else text.rstrip()
        return name

    def _bind(self, name: str, value: Any) -> None:
        """Add the line that gives a name its value."""
        if name in self.values:
            if self.values[name] is not value:
                raise Unwritable(f"it uses two things that are called {name!r}")
            return
        line = _import_of(name, value) or _value_of(name, value)
        if line is None and isinstance(value, FunctionType):
            made = self.define(value, _name_of(value, name))
            line = f"{name} = {made}" if made != name else None
        elif line is None:
            raise Unwritable(f"it uses {name!r}, a {type(value).__name__} that other code made")
        self.values[name] = value
        if line is not None:
            self.lines[name] = line


def _name_of(work: FunctionType, usual: str) -> str:
    return work.__name__ if work.__name__.isidentifier() else usual


def _import_of(name: str, value: Any) -> str | None:
    if isinstance(value, ModuleType):
        known = value.__name__
        return f"import {known}" + (f" as {name}" if known != name else "")
    place = str(getattr(value, "__module__", None) or "")
    called = str(getattr(value, "__qualname__", None) or "")
    if place in ("", "__main__") or getattr(sys.modules.get(place), called, None) is not value:
        return None
    return f"from {place} import {called}" + (f" as {name}" if called != name else "")


def _value_of(name: str, value: Any) -> str | None:
    def is_plain(one: Any) -> bool:
        if type(one) is tuple:
            return all(is_plain(each) for each in one)
        is_number = type(one) is float and math.isfinite(one)
        return one is None or type(one) in (bool, int, str, bytes) or is_number

    text = repr(value) if is_plain(value) else ""
    return f"{name} = {text}" if text and len(text) <= LONGEST_VALUE else None


def _source_of(work: FunctionType) -> str:
    if work.__name__ == "<lambda>":
        return _lambda_of(work)
    try:
        text = textwrap.dedent(inspect.getsource(work))
        ast.parse(text)
    except (OSError, TypeError, SyntaxError):
        raise Unwritable("Python does not know its source") from None
    if not text.startswith(("def ", "@")):
        raise Unwritable("it is no plain function")
    return text


def _lambda_of(work: FunctionType) -> str:
    """Find the one lambda of its file whose body lies where the code says."""
    code = work.__code__
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename, work.__globals__)))
    except SyntaxError:
        raise Unwritable("Python does not know its source") from None
    places = set(code.co_positions())
    found = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda)
        and (body := node.body)
        and (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset) in places
    ]
    if len(found) != 1:
        raise Unwritable("Python does not know its source")
    return found[0]
