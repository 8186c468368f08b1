"""From a rule's text to a source that Python's parser may see.

Every name, number, text, date and quantity is taken out and replaced by a
placeholder, so what is parsed holds nothing but placeholders, operators,
brackets and ``and or not in is if else``. What Python has no word for is
spelled with what it has: ``within T`` becomes ``in p |T``, ``A implies B``
becomes ``A if p else B``, with a marked placeholder ``p``.
"""

from __future__ import annotations

import ast
import keyword
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal, NoReturn

from qforge_jupyter.errors import RuleError
from qforge_jupyter.rules.units import check_unit

LONGEST_RULE = 2_000
DEEPEST_RULE = 40

OperandKind = Literal["name", "number", "text", "moment", "constant", "within", "implies"]
Value = str | int | float | bool | date | datetime | time | None


@dataclass(frozen=True)
class Operand:
    """What a placeholder stands for, and where it stood."""

    kind: OperandKind
    value: Value
    place: int
    unit: str = ""
    #: Written in backticks, so never a function or a word of the language.
    is_quoted: bool = False
    is_percent: bool = False


@dataclass
class Tokens:
    """A source for ``ast`` and the operands its placeholders stand for."""

    source: str = ""
    operands: dict[str, Operand] = field(default_factory=dict)
    ends_in_value: bool = False
    _starts: list[int] = field(default_factory=list)
    _places: list[int] = field(default_factory=list)

    def add(self, piece: str, place: int) -> None:
        """Append a piece of source that stood at ``place``."""
        self._starts.append(len(self.source))
        self._places.append(place)
        self.source += piece + " "
        self.ends_in_value = piece in (")", "]")

    def add_operand(self, operand: Operand) -> str:
        """Append a placeholder for the operand and give its name."""
        name = f"p{len(self.operands)}"
        self.operands[name] = operand
        self.add(name, operand.place)
        self.ends_in_value = True
        return name

    def place(self, offset: int) -> int:
        """Say where in the rule an offset of the source comes from."""
        found = bisect_right(self._starts, offset) - 1
        return self._places[found] if found >= 0 else 0


_UNIT_FACTOR = r"(?:[^\W\d_]\w*|°[CF])(?:(?:\^|\*\*)-?\d{1,2})?"
_TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<moment>\d{{4}}-\d{{2}}-\d{{2}}
        (?:T\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,6}})?)?(?:Z|[+-]\d{{2}}:\d{{2}})?)?(?![\w:]))
  | (?P<number>(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?!\.?\d))
        (?P<unit>[ ]?(?!(?:and|or|not|in|is|if|else|implies|within|AND|OR|NOT|IN|IS)\b)
            {_UNIT_FACTOR}(?:[/*·]{_UNIT_FACTOR})*)?
  | (?P<prefix>[^\W\d]\w*)?(?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
  | `(?P<quoted>[^`]*)`
  | (?P<name>[^\W\d]\w*)
  | (?P<operator>\*\*|//|<=|>=|==|!=|<>|:=|->|&&|\|\||[-+*/%<>=()\[\],≤≥≠])
    """,
    re.VERBOSE,
)
_PERCENT = re.compile(
    r"%(?=\s*(?:$|[)\],<>=!]|(?:and|or|not|in|is|if|else|implies)\b))", re.IGNORECASE
)
_WORDS = {"and", "or", "not", "in", "is", "if", "else"}
_JOINING = {"within", "implies", "and", "or", "in", "is", "if", "else"}
_CONSTANTS = {"true": True, "false": False, "none": None, "null": None}
_SPELLED = {"=": "==", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!="}
_REFUSED = {
    ":=": "a rule assigns nothing",
    "->": "a rule has no arrow, write 'A implies B'",
    "&&": "write 'and'",
    "||": "write 'or'",
    "&": "write 'and'",
    "|": "write 'or'",
    "~": "write 'not'",
    "!": "write 'not'",
    ".": "a rule has no attributes or methods, write f(x)",
    ":": "a rule has no lambda, slice or dict",
    "{": "write a list as [a, b]",
    "`": "a name in backticks is not closed",
    "'": "a text in quotes is not closed",
    '"': "a text in quotes is not closed",
}


def read_tokens(text: str, columns: frozenset[str] = frozenset()) -> Tokens:
    """Take a rule apart.

    Parameters
    ----------
    text
        The rule, at most 2,000 characters.
    columns
        Known column names; a column named like a word that is not Python's
        (``null``, ``within``, ``AND``) stays a column.

    Raises
    ------
    RuleError
        It is too long or too deep, or holds something that is no rule.

    """
    if len(text) > LONGEST_RULE:
        raise RuleError(
            f"A rule of {len(text):,} characters is too long: at most {LONGEST_RULE:,} are read"
        )
    tokens = Tokens()
    place = depth = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found:
            _refuse(text[place], place)
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(found.group(), 0)
        if depth > DEEPEST_RULE:
            raise RuleError(
                f"The rule nests deeper than {DEEPEST_RULE} brackets: split it", column=place
            )
        place = _take(tokens, found, text, columns)
    if not tokens.source:
        raise RuleError("The rule is empty: write one as 'homo < lumo'")
    return tokens


def _take(tokens: Tokens, found: re.Match[str], text: str, columns: frozenset[str]) -> int:
    """Add what was found; give the place behind it."""
    place, end = found.start(), found.end()
    if found["number"] is not None:
        return _take_number(tokens, found, text)
    if found["moment"]:
        tokens.add_operand(Operand("moment", read_moment(found["moment"], place), place))
    elif found["text"]:
        tokens.add_operand(Operand("text", _read_text(found), place))
    elif found["quoted"] is not None:
        tokens.add_operand(Operand("name", found["quoted"], place, is_quoted=True))
    elif found["name"]:
        _take_name(tokens, found["name"], place, columns)
    elif found["operator"]:
        operator = found["operator"]
        if operator in _REFUSED:
            _refuse(operator, place)
        tokens.add(_SPELLED.get(operator, operator), place)
    return end


def _take_number(tokens: Tokens, found: re.Match[str], text: str) -> int:
    place, end = found.start(), found.end()
    digits, unit = found["number"].replace("_", ""), (found["unit"] or "").strip()
    value: int | float = int(digits) if digits.isdecimal() else float(digits)
    if abs(value) >= 2**126:
        raise RuleError("A number in the rule is too large", column=place)
    percent = None if unit else _PERCENT.match(text, end)
    if percent:
        end = percent.end()
        value = float(f"{digits}e-2") if "e" not in digits.lower() else value / 100
    if unit:
        _check_unit(unit, found.end("unit") - len(unit))
    tokens.add_operand(Operand("number", value, place, unit, is_percent=bool(percent)))
    return end


def _take_name(tokens: Tokens, name: str, place: int, columns: frozenset[str]) -> None:
    lowered = name.lower()
    is_python = name in _WORDS or name in {"True", "False", "None"}
    # Where a value stands already, a second one cannot follow: it is a word.
    is_joining = lowered in _JOINING and tokens.ends_in_value
    if name in columns and not is_python and not is_joining:
        tokens.add_operand(Operand("name", name, place))
    elif lowered in _WORDS and name in (lowered, name.upper()):
        tokens.add(lowered, place)
    elif lowered in _CONSTANTS:
        tokens.add_operand(Operand("constant", _CONSTANTS[lowered], place))
    elif name == "within":
        tokens.add("in", place)
        tokens.add_operand(Operand("within", name, place))
        tokens.add("|", place)
    elif name == "implies":
        tokens.add("if", place)
        tokens.add_operand(Operand("implies", name, place))
        tokens.add("else", place)
    elif keyword.iskeyword(name):
        raise RuleError(f"{name!r} is not part of a rule: rules compare columns", column=place)
    else:
        tokens.add_operand(Operand("name", name, place))


def _read_text(found: re.Match[str]) -> str:
    prefix, place = found["prefix"] or "", found.start()
    if prefix == "r":
        return found["text"][1:-1]
    if prefix:
        raise RuleError(
            f"A text that starts with {prefix!r} is not part of a rule: use plain quotes",
            column=place,
        )
    # Escapes that Python does not know keep their backslash, as in '\d'.
    plain = re.sub(r"\\([^\\'\"ntrxuU])|\\.", _kept_escape, found["text"])
    try:
        read = str(ast.literal_eval(plain))
        read.encode()  # half a character would only fail when the rule runs
    except (SyntaxError, ValueError):
        raise RuleError("A text in the rule has a broken escape", column=place) from None
    return read


def _kept_escape(found: re.Match[str]) -> str:
    return "\\" + found.group() if found[1] else found.group()


def read_moment(text: str, place: int | None = None) -> date | datetime:
    """Read an ISO 8601 date or datetime."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise RuleError(
            f"{text!r} is no date: write one as 2024-12-31 or 2024-12-31T12:00", column=place
        ) from None


def _check_unit(unit: str, place: int) -> None:
    try:
        check_unit(unit)
    except RuleError as error:
        raise RuleError(error.message, column=place) from None


def _refuse(character: str, place: int) -> NoReturn:
    why = _REFUSED.get(character, "it has no meaning there")
    raise RuleError(f"{character!r} is not part of a rule: {why}", column=place)
