"""Answers that are a page and little more: help, status, sync, verify, audit, why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Tone
from qforge_jupyter.results.base import Result


@dataclass(frozen=True, repr=False, eq=False)
class Page(Result):
    """A page with its content as JSON, and perhaps as a table.

    Attributes
    ----------
    content
        What the page says, for programs.
    frame
        The same as rows, where it is rows.

    """

    kind: ClassVar[str] = "page"

    title: str
    verdict: str = ""
    tone: Tone = "neutral"
    blocks: tuple[Block, ...] = ()
    content: dict[str, Any] = field(default_factory=dict)
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)

    def document(self) -> Document:
        """Give the page."""
        return Document(self.title, self.verdict, self.tone, self.blocks)

    def payload(self) -> dict[str, Any]:
        """Give the content."""
        return self.content
