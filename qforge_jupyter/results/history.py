"""The versions of a dataset, as a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Document, Facts, Grid
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.tabular import Tabular

_SHOWN = ("version", "names", "message", "author", "rows", "added", "removed", "changed")


@dataclass(frozen=True, repr=False, eq=False)
class History(Tabular, Result):
    """The versions of a dataset, the newest first.

    Attributes
    ----------
    frame
        One line a version: ``back`` (steps from the newest along first parents),
        ``names``, ``message``, ``author``, ``at``, counts, ``content`` (fingerprint),
        ``commit`` (id) and ``parents``.

    """

    kind: ClassVar[str] = "history"

    dataset: str
    keys: tuple[str, ...]
    frame: pl.DataFrame = field(repr=False)
    top: int = 20

    def document(self) -> Document:
        """Draw one line a version; ids and times are in ``frame``."""
        shown = self.frame.head(self.top)
        rows = tuple(
            (_said(back), *rest)
            for back, *rest in shown.select(
                *("back", "names", "message", "author"),
                *("n_rows", "n_added", "n_removed", "n_modified"),
            ).rows()
        )
        grid = Grid(_SHOWN, rows, n_more=max(0, self.frame.height - shown.height))
        facts = Facts((("a row is known by", ", ".join(self.keys) or "its whole content"),))
        n = self.frame.height
        verdict = f"{n:,} version{'s' if n != 1 else ''}"
        return Document(f"History of {self.dataset}", verdict, "neutral", (facts, grid))

    def payload(self) -> dict[str, Any]:
        """Give at most 200 versions as JSON, without ids and times."""
        kept = self.frame.head(200).drop("commit", "parents", "at")
        return {"dataset": self.dataset, "n": self.frame.height, "versions": kept.to_dicts()}

    def identity(self) -> dict[str, Any]:
        """Name the commits, which differ from run to run."""
        return {"commits": self.frame["commit"].head(200).to_list()}


def _said(back: int | None) -> str:
    """Write how a version is called: HEAD, HEAD~1; a side branch has no such name."""
    if back is None:
        return "(merged)"
    return f"HEAD~{back}" if back else "HEAD"
