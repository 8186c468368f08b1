"""``{{name}}`` and ``{{name.field}}``: a look-up, never an evaluation.

A value that is entirely ``{{name}}`` becomes the object itself; inside a
longer text a plain value is written out; in SQL it is bound. What came out is
never read again for placeholders.

A field is data that the object already holds: a key of a dict, an entry of
the instance's dictionary (dataclasses, pydantic models, modules), a slot, or a
field of a named tuple. Properties, methods, ``__getattr__`` and class
attributes would run code or reach behind the data, so they do not exist here;
neither do calls, indexing and names that begin with an underscore.
"""

from __future__ import annotations

import datetime as dt
import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.language.body import Body, Path
from qforge_jupyter.language.parsing import Call

_NAME = r"[^\W\d]\w*"
_INSIDE = re.compile(rf"\s*({_NAME}(?:\.{_NAME})*)\s*")
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
#: The pieces of a statement; what stands in quotes or comments is one piece.
_SQL = re.compile(
    r"""
    (?P<comment> --[^\r\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<quoted> [eE]'(?:[^'\\]|\\.|'')*(?:'|\Z) | '(?:[^']|'')*(?:'|\Z)
              | "(?:[^"]|"")*(?:"|\Z) | \$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z) )
  | (?P<placeholder> \{\{[^{}]*\}\} )
  | (?P<parameter> \? | \$\w+ )
  | (?P<word> \w[\w$]* )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


def expand(text: str, namespace: Mapping[str, Any]) -> Any:
    """Replace the placeholders of one text.

    Raises
    ------
    CallError
        A name is unknown or private, or a value inside a longer text is
        neither text, number, truth value nor date.

    Examples
    --------
    >>> expand("{{rows}}", {"rows": [1, 2]})
    [1, 2]
    >>> expand("top {{n}} of {{name}}", {"n": 3, "name": "{{n}}"})
    'top 3 of {{n}}'
    >>> expand("**{title}**", {})
    '**{title}**'

    """
    whole = _PLACEHOLDER.fullmatch(text)
    if whole:
        return look_up(whole[1], namespace)
    return _PLACEHOLDER.sub(lambda match: _write(match[1], namespace), text)


def expand_call(call: Call, namespace: Mapping[str, Any]) -> Call:
    """Replace the placeholders in a call's options and in its body's values.

    Keys stay, and so do the subject, the names behind ``into`` and a raw body
    (see `bind`). An error knows its place in the cell.

    Examples
    --------
    >>> from qforge_jupyter.language.parsing import parse_call
    >>> call = expand_call(parse_call("score calcs top {{n}}", "rows: ['{{n}}']"), {"n": 3})
    >>> call.options["top"].value, call.body.value
    (3, {'rows': [3]})

    """
    options = {
        name: replace(option, value=_placed(option.value, namespace, option.line, option.column))
        for name, option in call.options.items()
    }
    body = call.body
    if body is not None and not body.raw:
        body = replace(body, value=_expand_part(body.value, (), body, namespace))
    return replace(call, options=options, body=body)


def _expand_part(value: Any, path: Path, body: Body, namespace: Mapping[str, Any]) -> Any:
    if type(value) is dict:
        return {k: _expand_part(v, (*path, k), body, namespace) for k, v in value.items()}
    if type(value) is list:
        return [_expand_part(v, (*path, i), body, namespace) for i, v in enumerate(value)]
    return _placed(value, namespace, *body.line_of(path, "value"))


def _placed(value: Any, namespace: Mapping[str, Any], line: int, column: int) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return expand(value, namespace)
    except CallError as error:
        raise CallError(error.message, line=line, column=column) from None


def look_up(path: str, namespace: Mapping[str, Any]) -> Any:
    """Find the object that ``name`` or ``name.field.field`` names.

    Examples
    --------
    >>> look_up("plan.best", {"plan": {"best": 7}})
    7

    """
    names = _read_path(path)
    if names[0] not in namespace:
        public = [name for name in namespace if not name.startswith("_")]
        raise CallError(f"No variable {names[0]!r} in this notebook{_did_you_mean(names, public)}")
    value = namespace[names[0]]
    for depth, name in enumerate(names[1:], start=1):
        value = _field(value, name, ".".join(names[:depth]))
    return value


def bind(sql: str) -> tuple[str, list[str]]:
    """Put a numbered parameter where a placeholder stands.

    The values never become part of the text. Placeholders in comments stay
    as they are; in a quoted text one is refused, since a parameter takes no
    quotes.

    Returns
    -------
    tuple
        The SQL with ``$1``, ``$2``, ... and the names in this order.

    Examples
    --------
    >>> bind("select * from t where day > {{start}} and end < {{start}}")
    ('select * from t where day > $1 and end < $1', ['start'])

    """
    pieces: list[str] = []
    names: list[str] = []
    holds_parameters = nests_comments = False
    for piece in _SQL.finditer(sql):
        text, kind = piece[0], piece.lastgroup
        if kind == "quoted" and _names_in(text):
            raise _at(sql, piece.start(), "A {{name}} in SQL takes no quotes: remove them")
        if kind == "placeholder":
            name = ".".join(_read_path(text[2:-2]))
            names += [name] if name not in names else []
            text = f"${names.index(name) + 1}"
        holds_parameters |= kind == "parameter"
        # DuckDB counts them, a regular expression cannot.
        nests_comments |= kind == "comment" and "/*" in text[2:] and text[0] == "/"
        pieces.append(text)
    if names and holds_parameters:
        raise CallError("The SQL holds parameters of its own beside {{name}}: keep one kind")
    if names and nests_comments:
        raise CallError("A comment stands within a comment: take one away")
    return "".join(pieces), names


def _at(sql: str, index: int, sentence: str) -> CallError:
    start = sql.rfind("\n", 0, index) + 1
    return CallError(sentence, line=sql.count("\n", 0, index) + 2, column=index - start)


def _names_in(text: str) -> bool:
    return any(_INSIDE.fullmatch(match[1]) for match in _PLACEHOLDER.finditer(text))


def _read_path(path: str) -> list[str]:
    match = _INSIDE.fullmatch(path)
    if match is None:
        raise CallError(
            "Between {{ and }} stands a variable or a field of it, as in {{plan.best}}: "
            "compute the value in a cell before"
        )
    names = match[1].split(".")
    if any(name.startswith("_") for name in names):
        raise CallError("A name that begins with an underscore is private: give it another name")
    return names


def _field(holder: Any, name: str, path: str) -> Any:
    fields = _fields(holder)
    if name not in fields:
        known = [key for key in fields if isinstance(key, str) and not key.startswith("_")]
        raise CallError(
            f"{path} holds no field {name!r}{_did_you_mean([name], known)} "
            "Only stored fields can be named: put anything else into a variable"
        )
    return fields[name]


def _fields(holder: Any) -> dict[Any, Any]:
    """Collect what an object holds without running any of its code."""
    kind = type(holder)
    if issubclass(kind, dict):
        return dict(dict.items(holder))
    if issubclass(kind, type):
        return {}
    if issubclass(kind, tuple):
        names = _stored(kind, "_fields")
        return dict(zip(names, tuple.__iter__(holder), strict=False)) if names else {}
    found: dict[Any, Any] = {}
    for owner in type.mro(kind):
        for name, member in type.__getattribute__(owner, "__dict__").items():
            if type(member) is types.MemberDescriptorType:
                found[name] = member.__get__(holder, kind)
    return found | _instance_dictionary(holder)


def _stored(kind: type, name: str) -> tuple[str, ...]:
    for owner in type.mro(kind):
        members = type.__getattribute__(owner, "__dict__")
        if name in members:
            value = members[name]
            return value if type(value) is tuple else ()
    return ()


def _instance_dictionary(holder: Any) -> dict[str, Any]:
    try:
        stored = object.__getattribute__(holder, "__dict__")
    except AttributeError:
        return {}
    return stored if type(stored) is dict else {}


def _did_you_mean(names: list[str], known: Iterable[str]) -> str:
    hint = nearest(names[0], known)
    return hint if hint.endswith("?") else "."


def _write(path: str, namespace: Mapping[str, Any]) -> str:
    value = look_up(path, namespace)
    if issubclass(type(value), np.generic):
        value = value.item()
    if issubclass(type(value), bool | int | float | str | dt.date):
        return str(value)
    raise CallError(
        f"{{{{{path.strip()}}}}} is a {type(value).__name__} and stands inside a longer text: "
        "only text, numbers and dates are written out; let it stand alone"
    )
