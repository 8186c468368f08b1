"""YAML's scanner with the surprises taken out.

Layout, quotes, lists and mappings are PyYAML's own. Different is: ``@ % ` > |
* & ! ?`` may begin a text wherever they cannot be what YAML has them for; a
``#`` begins a comment only at the start of a line or before a blank; ``key: a:
b`` is the text ``a: b``; ``{{name}}`` is text; tags, anchors, aliases and
directives do not exist.
"""

from __future__ import annotations

import re

import yaml
from yaml.tokens import ScalarToken

#: Mappings and lists within one another.
MAXIMUM_DEPTH = 20

_BREAKS = "\0\r\n\x85\u2028\u2029"
_BLANKS = _BREAKS + " \t"
# An indentation indicator is left out: `gap: >5` means more than 5.
_BLOCK_HEADER = re.compile(r"[|>][-+]?[ \t]*(#.*)?$")
_ALIAS = re.compile(r"[*&][A-Za-z_][\w-]*[ \t,}\]]*$|&[A-Za-z_][\w-]*[ \t]")
_TAG = re.compile(r"!(<|!|[A-Za-z])")
_PLACEHOLDER = re.compile(r"\{\{[\w. ]*\}\}")


class Refused(yaml.MarkedYAMLError):
    """Something that YAML has and a body has not; ``problem`` is our sentence."""


class BodyLoader(yaml.SafeLoader):
    """Gives the events of a body; it is never asked to construct anything."""

    #: Behind `key: ` on the same line no other key can begin.
    _may_be_key = True

    def check_directive(self) -> bool:
        """Know no directive: ``%`` begins a text."""
        return False

    def check_key(self) -> bool:
        """Know no explicit key: ``?`` begins a text."""
        return False

    def check_plain(self) -> bool:
        """Take every other character for the beginning of a text."""
        return self.peek() not in _BLANKS + ",[]{}'\""

    def fetch_alias(self) -> None:
        """Take ``*.csv`` for text and refuse ``*name``."""
        self._fetch_unless(_ALIAS, "A body has no anchors and aliases: quote a text like this")

    fetch_anchor = fetch_alias

    def fetch_tag(self) -> None:
        """Take ``!= 3`` for text and refuse ``!name``."""
        self._fetch_unless(_TAG, "A body has no tags: quote a text that starts with !")

    def fetch_plain(self) -> None:
        """Note whether the text may turn out to be a key."""
        self._may_be_key = self.allow_simple_key
        super().fetch_plain()

    def fetch_literal(self) -> None:
        """Take ``|`` for a block of lines only where nothing follows it."""
        if _BLOCK_HEADER.match(self._rest()):
            super().fetch_literal()
        else:
            self.fetch_plain()

    def fetch_folded(self) -> None:
        """Take ``>`` for folded lines only where nothing follows it."""
        if _BLOCK_HEADER.match(self._rest()):
            super().fetch_folded()
        else:
            self.fetch_plain()

    def fetch_flow_mapping_start(self) -> None:
        """Take ``{{name}}`` for text."""
        placeholder = _PLACEHOLDER.match(self._rest())
        if placeholder is None:
            super().fetch_flow_mapping_start()
        elif not self.flow_level:
            self.fetch_plain()
        else:
            self.save_possible_simple_key()
            self.allow_simple_key = False
            start = self.get_mark()
            self.forward(placeholder.end())
            self.tokens.append(ScalarToken(placeholder[0], True, start, self.get_mark()))

    def fetch_flow_collection_start(self, TokenClass: type[yaml.Token]) -> None:  # noqa: N803 — PyYAML's name
        """Open a bracket, but not too many."""
        if self.flow_level >= MAXIMUM_DEPTH:
            raise self._refusal(f"The body nests more than {MAXIMUM_DEPTH} deep")
        super().fetch_flow_collection_start(TokenClass)

    def add_indent(self, column: int) -> bool:
        """Open a level of the layout, but not too many."""
        if len(self.indents) > MAXIMUM_DEPTH:
            raise self._refusal(f"The body nests more than {MAXIMUM_DEPTH} deep")
        return bool(super().add_indent(column))

    def scan_to_next_token(self) -> None:
        """Skip blanks, line ends and comments."""
        if self.index == 0 and self.peek() == "\ufeff":
            self.forward()
        starts_line = self.column == 0
        while True:
            while self.peek() == " ":
                self.forward()
            if self.peek() == "#" and (starts_line or self.peek(1) in _BLANKS):
                while self.peek() not in _BREAKS:
                    self.forward()
            if not self.scan_line_break():  # type: ignore[no-untyped-call]
                return
            starts_line = True
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_plain(self) -> ScalarToken:
        """Read a text without quotes, over several lines where they are indented."""
        start = end = self.get_mark()
        keeps_colons = not self._may_be_key and not self.flow_level
        chunks: list[str] = []
        blanks: list[str] = []
        while length := self._piece_length(keeps_colons=keeps_colons and self.line == start.line):
            self.allow_simple_key = False
            chunks += [*blanks, self.prefix(length)]
            self.forward(length)
            end = self.get_mark()
            blanks = self.scan_plain_spaces(self.indent + 1, start) or []
            outdented = not self.flow_level and self.column < self.indent + 1
            if not blanks or outdented or self._begins_comment(end.line):
                break
        return ScalarToken("".join(chunks), True, start, end)

    def _piece_length(self, *, keeps_colons: bool) -> int:
        """Length of the text up to the next blank or indicator."""
        length = 0
        stops = ",[]{}" if self.flow_level else ""
        while True:
            character = self.peek(length)
            ends_key = character == ":" and self.peek(length + 1) in _BLANKS + stops
            if character in _BLANKS + stops or (ends_key and not keeps_colons):
                return length
            length += 1

    def _begins_comment(self, line: int) -> bool:
        return self.peek() == "#" and (self.line > line or self.peek(1) in _BLANKS)

    def _fetch_unless(self, pattern: re.Pattern[str], sentence: str) -> None:
        if pattern.match(self._rest()):
            raise self._refusal(sentence)
        self.fetch_plain()

    def _rest(self) -> str:
        """Look at what follows on this line, as far as it matters."""
        text: str = self.prefix(200)
        end = re.search(f"[{_BREAKS}]", text)
        return text[: end.start()] if end else text

    def _refusal(self, sentence: str) -> Refused:
        return Refused(None, None, sentence, self.get_mark())
