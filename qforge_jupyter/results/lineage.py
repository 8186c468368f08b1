"""Where a dataset stems from and what stems from it, as a picture and as facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import polars as pl

from qforge_jupyter.documents.blocks import (
    Block,
    Document,
    Facts,
    Graph,
    Grid,
    Node,
    Section,
    Text,
    Tone,
)
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import LineageStep

N_STEPS = 40
_TONES: dict[str, Tone] = {
    "approved": "good",
    "approved through its inputs": "good",
    "revoked": "bad",
    "made of revoked": "bad",
    "open": "caution",
}
SCHEMA: dict[str, pl.DataType] = {
    "dataset": pl.String(),
    "fingerprint": pl.String(),
    "source": pl.String(),
    "method": pl.String(),
    "parameters": pl.String(),
    "software": pl.String(),
    "inputs": pl.List(pl.String),
    "seconds": pl.Float64(),
    "resource": pl.String(),
    "notebook": pl.String(),
    "cell": pl.String(),
    "cell_sha256": pl.String(),
    "git_commit": pl.String(),
    "approved_by": pl.String(),
    "approved_at": pl.Datetime("us", "UTC"),
    "reason": pl.String(),
}


@dataclass(frozen=True)
class LineageNode:
    """Content in the graph: what it is called, how it was made, how it stands."""

    fingerprint: str
    name: str
    how: str
    state: str
    told: str
    side: Literal["ancestor", "subject", "descendant", "other input"]


@dataclass(frozen=True, repr=False, eq=False)
class LineageReport(Result):
    """The recorded lineage around a dataset.

    Attributes
    ----------
    nodes
        The dataset, what it was made of and what was made of it.
    edges
        Pairs of fingerprints: made of, made.
    steps
        Every recorded step of these, oldest first.

    """

    kind: ClassVar[str] = "lineage"

    name: str
    nodes: tuple[LineageNode, ...]
    edges: tuple[tuple[str, str], ...]
    steps: tuple[LineageStep, ...]
    #: Further content that is not in the picture.
    n_more: int = 0
    #: How many OpenLineage events were written, where they were asked for.
    n_events: int | None = None

    @property
    def subject(self) -> LineageNode:
        """The dataset that was asked about."""
        return next(node for node in self.nodes if node.side == "subject")

    @property
    def frame(self) -> pl.DataFrame:
        """Every step with all that is known of it."""
        import json

        rows = []
        for step in self.steps:
            row = {name: getattr(step, name) for name in SCHEMA}
            row["inputs"] = list(step.inputs)
            for name in ("parameters", "software"):
                row[name] = json.dumps(row[name], sort_keys=True, default=str)
            rows.append(row)
        return pl.DataFrame(rows, schema=SCHEMA)

    def document(self) -> Document:
        """Draw the graph, and say of each step what was done with what."""
        counted = dict.fromkeys(("ancestor", "descendant"), 0)
        for node in self.nodes:
            if node.side in counted:
                counted[node.side] += 1
        facts: list[tuple[str, Any]] = [
            ("made of", counted["ancestor"]),
            ("made of it", counted["descendant"]),
            ("recorded steps", len(self.steps)),
        ]
        if self.n_events is not None:
            facts.append(("OpenLineage events written", self.n_events))
        blocks: list[Block] = [Facts(tuple(facts)), self._graph()]
        if not self.steps:
            said = "Nothing is recorded of it yet: any verb that uses or makes it is."
            blocks.append(Text(said, "caution"))
        else:
            blocks.append(Section("Steps", (self._grid(),), is_open=False))
        subject = self.subject
        tone = _TONES[subject.state]
        return Document(f"Lineage of {self.name}", subject.told, tone, tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give nodes and edges by name, the same for the same history."""
        places = {node.fingerprint: index for index, node in enumerate(self.nodes)}
        return {
            "name": self.name,
            "state": self.subject.state,
            "nodes": [[node.name, node.how, node.state, node.side] for node in self.nodes],
            "edges": [[places[start], places[end]] for start, end in self.edges],
            "n_steps": len(self.steps),
            "n_more": self.n_more,
        }

    def identity(self) -> dict[str, Any]:
        """Name the content."""
        return {"fingerprint": self.subject.fingerprint}

    def _graph(self) -> Graph:
        nodes = tuple(
            Node(node.fingerprint, node.name, node.how, _TONES[node.state], node.side == "subject")
            for node in self.nodes
        )
        return Graph(nodes, self.edges, n_more=self.n_more)

    def _grid(self) -> Grid:
        rows = tuple(
            (
                step.dataset,
                step.method,
                ", ".join(filter(None, step.input_names)),
                _short(step.parameters),
                ": ".join(filter(None, (step.approved_by, step.reason))),
            )
            for step in self.steps[-N_STEPS:]
        )
        columns = ("what", "how", "from", "parameters", "decision")
        width = len(columns) if any(row[-1] for row in rows) else len(columns) - 1
        shown = tuple(row[:width] for row in rows)
        return Grid(columns[:width], shown, n_more=len(self.steps) - len(rows))


def _short(parameters: dict[str, Any]) -> str:
    """Write parameters as words; what the body says is not said again.

    Examples
    --------
    >>> _short({"as_": "v1", "body": '{"parts":{"train":70.0}}', "parts": {"train": 70.0}})
    'as v1; parts: train: 70'

    """
    body = str(parameters.get("body", ""))
    shown = "; ".join(
        _words(value) if name == "body" else f"{name.rstrip('_')} {_words(value)}"
        for name, value in parameters.items()
        # An id and a place are no news, and differ from run to run.
        if name not in ("subject", "commit", "folder") and f'"{name}":' not in body
    )
    return shown if len(shown) <= 160 else shown[:159] + "…"


def _words(value: Any) -> str:
    """Write a value without the brackets and quotes of Python and JSON."""
    text = str(value)
    if not text.startswith(("[", "{", "(")):
        return text
    spaced = re.sub(r"([:,])(?=\S)", r"\1 ", re.sub(r"[\[\]{}()'\"]", "", text))
    return re.sub(r"(?<=\d)\.0(?!\d)", "", spaced).rstrip(", ")
