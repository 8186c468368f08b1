"""From the text of a cell to a `Call`: who shall do what, with which options.

::

    [NAME <<] VERB SUBJECT (word VALUE)* (--option VALUE)*
    body

Of a verb whose body is another language's text, a line holds that text
unquoted (see `statements`). The grammar needs no list of verbs; what a verb
accepts is checked where its signature is known. Nothing here looks a name up
or runs anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from qforge_jupyter.errors import CallError
from qforge_jupyter.language.body import Body, read_body
from qforge_jupyter.language.names import read_arrow, read_names
from qforge_jupyter.language.statements import read_statement
from qforge_jupyter.language.tokens import SMALL_WORDS, Token, option_name, read_tokens, write_token

#: Every verb has them and they never take a value.
COMMON_FLAGS = frozenset({"dry_run", "as_python", "quiet", "debug", "help", "job"})
#: Verbs whose body is text of another language.
RAW_BODIES = frozenset({"sql", "train"})
_VERB = re.compile(r"\s*([\w-]+)(?=\s)")


@dataclass(frozen=True, slots=True)
class Option:
    """One option as it was written.

    Parameters
    ----------
    name
        The parameter it sets, with underscores: ``dry_run``.
    value
        The text, or True where none was given. (After the expansion of
        ``{{name}}`` it may be any object.)
    line, column
        Where its value stands, or its name where it has none.

    """

    name: str
    value: Any
    line: int = field(default=1, compare=False)
    column: int = field(default=0, compare=False)

    @property
    def spelling(self) -> str:
        """Name as people type it: ``--dry-run``."""
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Call:
    """What a cell asks for. Two calls are equal if they ask for the same.

    Parameters
    ----------
    verb
        First word.
    subject
        What the verb works on; several tokens are joined by a blank.
    options
        By parameter name, small words included, ``into`` excluded.
    into
        Names to which the results are bound.
    body
        What stands under the header; None for a line.
    source
        The header's and the body's text, for drawing errors.
    subject_tokens
        The subject's pieces, each with its place: ``golden`` and ``HEAD..working``.
    verb_column
        Where the verb stands.

    """

    verb: str
    subject: str | None
    options: Mapping[str, Option]
    into: tuple[str, ...]
    body: Body | None
    source: str = field(compare=False)
    subject_tokens: tuple[Token, ...] = field(default=(), compare=False)
    verb_column: int = field(default=0, compare=False)

    @property
    def header(self) -> str:
        """The call's first line in its one canonical spelling."""
        pieces = [write_token(self.verb)]
        pieces += [write_token(token.text) for token in self.subject_tokens]
        words = sorted(self.options.values(), key=lambda option: option.name not in SMALL_WORDS)
        for option in words:
            pieces.append(option.name if option.name in SMALL_WORDS else option.spelling)
            if option.value is not True:
                # A flag takes a value only by an equals sign, and any option may.
                text = write_token(str(option.value))
                pieces[-1] += f" {text}" if option.name in SMALL_WORDS else f"={text}"
        if self.into:
            names = ", ".join(self.into)
            spells_word = not {*self.into}.isdisjoint(SMALL_WORDS)
            pieces.append(f'into "{names}"' if spells_word else f"into {names}")
        return " ".join(pieces)

    @property
    def text(self) -> str:
        """The call written back: it parses to the same call."""
        return self.header if self.body is None else f"{self.header}\n{self.body.text}"


def parse_call(
    line: str,
    cell: str | None = None,
    *,
    flags: Callable[[str], Collection[str]] | None = None,
) -> Call:
    """Read a header and its body.

    Parameters
    ----------
    line
        What follows ``%qforge`` or ``%%qforge``.
    cell
        Text of the body; None for a line magic.
    flags
        Says which options of a verb take no value, so that ``score --strict calcs``
        leaves ``calcs`` to be the subject. Without it every option but the
        common flags takes the token after it.

    Raises
    ------
    CallError
        With the line and the column of the place.

    Examples
    --------
    >>> call = parse_call('certify calcs from report --approve-lineage --reason "reviewed"')
    >>> call.verb, call.subject, call.options["from"].value, call.options["reason"].value
    ('certify', 'calcs', 'report', 'reviewed')

    """
    into, start = read_arrow(line)
    tokens = _tokens_of(line, start, is_line=cell is None)
    if not tokens or not tokens[0].text:
        raise CallError("There is no verb: write %qforge VERB SUBJECT, or %qforge help", line=1)
    verb = tokens[0]
    if verb.is_option or verb.is_word:
        raise CallError(
            f"A verb was wanted and {verb.text!r} came: the verb stands first",
            line=1,
            column=verb.column,
        )
    name, asks_help = _split_help(verb)
    known = COMMON_FLAGS | {flag.replace("-", "_") for flag in (flags(name) if flags else ())}
    header = _Header(tokens[1:], known, into)
    if asks_help:
        header.add(Option("help", True, column=verb.column))
    header.read()
    body = None if cell is None else read_body(cell, raw=name in RAW_BODIES)
    subject = " ".join(token.text for token in header.subject) if header.subject else None
    return Call(
        verb=name,
        subject=subject,
        options=header.options,
        into=header.into,
        body=body,
        source=line if cell is None else f"{line}\n{cell}",
        subject_tokens=tuple(header.subject),
        verb_column=verb.column,
    )


def _tokens_of(line: str, start: int, *, is_line: bool) -> list[Token]:
    """Cut the header; a line of another language is one token behind its verb."""
    verb = _VERB.match(line, start)
    if is_line and verb is not None and verb[1] == "sql":
        rest = read_statement(line, verb.end())
        if rest is not None:
            return [Token(verb[1], column=verb.start(1)), *rest]
    return read_tokens(line, start)


def _split_help(verb: Token) -> tuple[str, bool]:
    stem = verb.text.rstrip("?")
    if verb.quoted or stem == verb.text:
        return verb.text, False
    return stem or "help", bool(stem)


class _Header:
    """What follows the verb, read from left to right."""

    def __init__(self, tokens: list[Token], flags: Collection[str], into: tuple[str, ...]) -> None:
        self.tokens = tokens
        self.flags = flags
        self.into = into
        self.options: dict[str, Option] = {}
        self.subject: list[Token] = []
        self.place = 0

    def read(self) -> None:
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            self.place += 1
            if token.is_word or token.is_option:
                self._read_option(token)
            else:
                self._add_subject(token)

    def add(self, option: Option) -> None:
        if option.name in self.options:
            raise CallError(
                f"{option.spelling} is given twice: keep one", line=1, column=option.column
            )
        self.options[option.name] = option

    def _add_subject(self, token: Token) -> None:
        before = self.tokens[self.place - 2] if self.place > 1 else None
        goes_on = not self.subject or before is self.subject[-1]
        if not goes_on or (token.text == "<<" and not token.quoted):
            hint = "names and << stand before the verb" if token.text == "<<" else "quote it"
            raise CallError(
                f"{token.text[:60]!r} belongs to no word and no option: {hint}, "
                "or put a word or an option before it",
                line=1,
                column=token.column,
            )
        if not token.quoted and re.fullmatch(r"-[A-Za-z]", token.text):
            raise CallError(
                f"No short option {token.text}: there is only -m, for --message",
                line=1,
                column=token.column,
            )
        self.subject.append(token)

    def _read_option(self, token: Token) -> None:
        assigned = token.is_option and token.text.endswith("=")
        plain = Token(token.text[:-1], column=token.column) if assigned else token
        name = plain.text if plain.is_word else option_name(plain)
        value = self._read_value(always=assigned, flag=name in self.flags)
        if value is None and name in SMALL_WORDS:
            raise CallError(
                f"{plain.text!r} needs a value: quote one that spells a small word or starts "
                "with two hyphens",
                line=1,
                column=plain.column,
            )
        if name == "into":
            self._bind(value or plain)
        else:
            text, column = (value.text, value.column) if value else (True, plain.column)
            self.add(Option(name, text, column=column))

    def _bind(self, value: Token) -> None:
        if self.into:
            raise CallError(
                "The result is bound twice: keep one of << and into", line=1, column=value.column
            )
        self.into = read_names(value.text, column=value.column)

    def _read_value(self, *, always: bool, flag: bool) -> Token | None:
        value = self._take(always=always) if always or not flag else None
        while value and not value.quoted and self._list_goes_on(value):
            more = self._take(always=False)
            if more is None or more.quoted:
                raise CallError(
                    "A name must follow the comma: quote a list that holds quotes or small words",
                    line=1,
                    column=value.column,
                )
            value = Token(value.text + more.text, column=value.column)
        return value

    def _list_goes_on(self, value: Token) -> bool:
        following = self.tokens[self.place] if self.place < len(self.tokens) else Token("")
        starts = following.text.startswith(",") and not following.quoted
        return value.text != "," and (value.text.endswith(",") or starts)

    def _take(self, *, always: bool) -> Token | None:
        if self.place >= len(self.tokens):
            return None
        token = self.tokens[self.place]
        if not always and (token.is_word or token.is_option):
            return None
        self.place += 1
        return token
