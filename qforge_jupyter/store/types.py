"""How values lie in a column, the same on SQLite (STRICT) and PostgreSQL.

SQLite's STRICT tables know INTEGER, REAL, TEXT and BLOB only. PostgreSQL's
text knows no NUL, and UTF-8 knows no lone surrogate; both are hostile, not
impossible, so they are escaped behind a character that Unicode reserves for
such inner use, and come back as they were.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from qforge_jupyter.errors import StoreError

#: U+FDD0, a noncharacter "for internal use by applications".
MARK = "\ufdd0"
#: Bytes of a name: two of them fit into one entry of PostgreSQL's B-tree.
LONGEST_WORD = 1_024
_UNSTORABLE = re.compile("[\x00\ufdd0\ud800-\udfff]")
_ESCAPED = re.compile("\ufdd0([0-9a-f]{4})")


def escape(text: str) -> str:
    """Replace what a database's text cannot hold; `unescape` brings it back.

    Examples
    --------
    >>> escape("plain"), unescape(escape(chr(0))) == chr(0)
    ('plain', True)

    """
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub(lambda found: f"{MARK}{ord(found[0]):04x}", text)


def unescape(text: str) -> str:
    """Undo `escape`."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if MARK in text else text


def to_json(value: Any) -> Any:  # noqa: PLR0911 — one return a kind, the commonest first
    """Bring any value to what JSON holds: NaN and infinities marked, text escaped.

    What JSON has no form for (an array, a model, a frame) becomes its type's
    name, never its content.

    Examples
    --------
    >>> from_json(to_json({"a": (1, float("inf")), 2: None}))
    {'a': [1, inf], '2': None}
    >>> to_json(object())
    '<object>'

    """
    kind = type(value)
    if kind is str:
        return escape(value)
    if value is None or kind is int or kind is bool:
        return value
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, dict):
        return {escape(str(key)): to_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(one) for one in value]
    if isinstance(value, (int, float, str)):
        return _of_scalar(value)
    return _of_rarer(value)


def _of_scalar(value: Any) -> Any:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else f"{MARK}{float(value)}"
    return value


def _of_rarer(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted((to_json(one) for one in value), key=repr)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if hasattr(value, "__fspath__"):
        return escape(str(value))
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return to_json(value.item())
    return f"<{type(value).__name__}>"


def from_json(value: Any) -> Any:
    """Undo `to_json`."""
    if isinstance(value, str):
        if value in {f"{MARK}nan", f"{MARK}inf", f"{MARK}-inf"}:
            return float(value[1:])
        return unescape(value)
    if isinstance(value, dict):
        return {unescape(key): from_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [from_json(one) for one in value]
    return value


def canonical(value: Any) -> str:
    """Write one value as the one JSON text that a hash is taken of.

    Examples
    --------
    >>> canonical({"b": 1, "a": [True, None]})
    '{"a":[true,null],"b":1}'

    """
    return json.dumps(to_json(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


class AnyText(TypeDecorator[str]):
    """Text of any content: NUL and lone surrogates come back unharmed."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape on the way in."""
        del dialect
        return None if value is None else escape(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Unescape on the way out."""
        del dialect
        return None if value is None else unescape(value)


class Word(AnyText):
    """Text that names something; an index finds it, so its length is bounded."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape on the way in, and refuse what no index could hold."""
        bound = super().process_bind_param(value, dialect)
        if bound is not None and len(bound.encode()) > LONGEST_WORD:
            raise StoreError(
                f"A name has {len(bound.encode()):,} bytes, and at most {LONGEST_WORD:,} "
                "can be kept: give a shorter one"
            )
        return bound


class Json(TypeDecorator[Any]):
    """JSON kept word for word.

    PostgreSQL's JSON, not JSONB: that one turns ``1e16`` into an integer and
    reorders keys, and a report or a hashed event has to come back as it was.
    """

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Take JSON where there is such a type in STRICT sense, else text."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSON(none_as_null=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Make it JSON."""
        if value is None:
            return None
        made = to_json(value)
        return made if dialect.name == "postgresql" else json.dumps(made, allow_nan=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read the JSON."""
        if value is None:
            return None
        return from_json(value if dialect.name == "postgresql" else json.loads(value))


class Moment(TypeDecorator[datetime]):
    """A moment with its zone; UTC ISO text of fixed width on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Take the database's own type where it keeps the zone."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Bring it to UTC; a moment without a zone is local time."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return moment
        return moment.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give it back in UTC."""
        del dialect
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


class Whole(TypeDecorator[int]):
    """A whole number of 64 bits."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Name it as the dialect does."""
        kind = sa.BigInteger() if dialect.name == "postgresql" else sa.INTEGER()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Refuse what neither database can hold."""
        del dialect
        if value is not None and not -(2**63) <= value < 2**63:
            raise StoreError("A whole number has more than 64 bits and cannot be kept: use less")
        return None if value is None else int(value)


class Real(TypeDecorator[float]):
    """A double; NaN is kept as NULL, because SQLite has no NaN."""

    impl = sa.Double
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Name it as the dialect does."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DOUBLE_PRECISION())
        return dialect.type_descriptor(sa.REAL())

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        """Drop NaN."""
        del dialect
        return None if value is None or math.isnan(value) else float(value)
