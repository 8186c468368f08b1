"""What is known of a stored dataset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from qforge_jupyter.documents.blocks import Block, Cell, Document, Facts, Grid, Text
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.changes import Change

N_SHOWN = 40


@dataclass(frozen=True, repr=False, eq=False)
class Described(Result):
    """A stored dataset: what it is, whose it is, its columns, branches, tags and splits."""

    kind: ClassVar[str] = "dataset"

    name: str
    description: str
    owner: str
    tags: tuple[str, ...]
    keys: tuple[str, ...]
    parent: str
    metadata: dict[str, str]
    n_rows: int
    n_versions: int
    columns: tuple[tuple[str, str], ...]
    refs: tuple[tuple[str, str, int], ...]
    splits: tuple[tuple[str, str, str], ...] = ()
    n_forgotten: int = 0
    made: tuple[Change, ...] = field(default=(), repr=False)

    def document(self) -> Document:
        """Draw everything on one page."""
        pairs: list[tuple[str, Cell]] = [
            ("owner", self.owner),
            ("rows", self.n_rows),
            ("versions", self.n_versions),
            ("a row is known by", ", ".join(self.keys) or "its whole content"),
        ]
        pairs += [("tags", ", ".join(self.tags))] if self.tags else []
        pairs += [("made from", self.parent)] if self.parent else []
        pairs += [("rows forgotten", self.n_forgotten)] if self.n_forgotten else []
        blocks: list[Block] = [Text(self.description)] if self.description else []
        blocks.append(Facts(tuple(pairs)))
        if self.metadata:
            blocks.append(Facts(tuple(self.metadata.items())))
        n_more = max(0, len(self.columns) - N_SHOWN)
        blocks.append(Grid(("column", "type"), self.columns[:N_SHOWN], n_more=n_more))
        blocks.append(Grid(("kind", "name", "rows"), self.refs[:N_SHOWN], "branches and tags"))
        if self.splits:
            head = ("split", "how", "sealed")
            blocks.append(Grid(head, self.splits[:N_SHOWN], "splits of its versions"))
        verdict = (
            f"{self.n_rows:,} row{'s' * (self.n_rows != 1)}, "
            f"{self.n_versions:,} version{'s' * (self.n_versions != 1)}"
        )
        return Document(f"Dataset {self.name}", verdict, "neutral", tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give the same as JSON."""
        return {
            "name": self.name,
            "description": self.description,
            "owner": self.owner,
            "tags": list(self.tags),
            "keys": list(self.keys),
            "parent": self.parent,
            "metadata": self.metadata,
            "n_rows": self.n_rows,
            "n_versions": self.n_versions,
            "columns": [list(each) for each in self.columns],
            "refs": [list(each) for each in self.refs],
            "splits": [list(each) for each in self.splits],
        }

    def changes(self) -> tuple[Change, ...]:
        """Give what the store has to change of it."""
        return self.made
