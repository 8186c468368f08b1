"""Draw where a table stems from and what stems from it; export it as OpenLineage."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

from qforge_jupyter.context import Context
from qforge_jupyter.engine.ancestry import Ancestry
from qforge_jupyter.engine.openlineage import events_of
from qforge_jupyter.errors import CallError, ResourceError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.lineage import LineageNode, LineageReport
from qforge_jupyter.store.opening import Store
from qforge_jupyter.verbs._standing import say

EXAMPLE = """\
%qforge lineage calcs --export openlineage.json
"""
#: Contents drawn; those nearest to the table come first.
N_NODES = 120


def run(context: Context, subject: Table, *, export: str = "") -> LineageReport:
    """Show the recorded lineage around a table.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table; its content decides, not its name.
    export
        Write the runs behind it as OpenLineage events to this file: an array
        in ``.json``, one a line in ``.jsonl``.

    Raises
    ------
    ResourceError
        The file cannot be written.

    """
    report = _report(subject, Ancestry(context.store.lineage.around(subject.fingerprint)))
    report = replace(report, nodes=_named(context.store, report.nodes))
    if not export:
        return report
    return replace(report, n_events=_write(context, report, export))


def _report(subject: Table, ancestry: Ancestry) -> LineageReport:
    here = subject.fingerprint
    above, below = ancestry.ancestors(here), ancestry.descendants(here)
    others = tuple(each for one in below for way in ancestry.ways.get(one, ()) for each in way)
    every = tuple(dict.fromkeys((here, *above, *below, *others)))
    shown = every[:N_NODES]
    nodes = tuple(_node(each, subject, ancestry, above, below) for each in shown)
    edges = tuple(
        (start, end)
        for end in shown
        for start in dict.fromkeys(one for way in ancestry.ways.get(end, ()) for one in way)
        if start in shown
    )
    related = set(every)
    steps = tuple(step for step in ancestry.steps if step.fingerprint in related)
    return LineageReport(subject.name, nodes, edges, steps, n_more=len(every) - len(shown))


def _named(store: Store, nodes: tuple[LineageNode, ...]) -> tuple[LineageNode, ...]:
    """Call stored versions by their tags and branches, so that they can be told apart."""
    called: dict[str, str] = {}
    for name in dict.fromkeys(node.name for node in nodes):
        if (dataset := store.datasets.find(name)) is None:
            continue
        contents = {each.id: each.fingerprint for each in store.commits.headlines(dataset.id)}
        refs = sorted(store.refs.of(dataset.id), key=lambda each: each.kind == "branch")
        for each in refs:
            called.setdefault(contents.get(each.head, ""), f"{name}@{each.name}")
    return tuple(
        node
        if node.side == "subject"
        else replace(node, name=called.get(node.fingerprint, node.name))
        for node in nodes
    )


def _node(
    content: str,
    subject: Table,
    ancestry: Ancestry,
    above: tuple[str, ...],
    below: tuple[str, ...],
) -> LineageNode:
    standing = ancestry.standing(content)
    methods = dict.fromkeys(
        step.method
        for step in ancestry.steps
        if step.fingerprint == content and step.approved_at is None and step.method
    )
    side: Literal["ancestor", "subject", "descendant", "other input"] = "other input"
    if content == subject.fingerprint:
        side = "subject"
    elif content in above:
        side = "ancestor"
    elif content in below:
        side = "descendant"
    name = subject.name if side == "subject" else ancestry.named((content,))[0]
    how = ", ".join(methods) or "not made by a verb"
    return LineageNode(content, name, how, standing.state, say(standing, ancestry), side)


def _write(context: Context, report: LineageReport, export: str) -> int:
    """Write the events of the runs behind the graph; the suffix decides the shape."""
    from qforge_jupyter.verbs import VERBS, purpose_of

    target = Path(export).expanduser()
    suffix = target.suffix.lower()
    if suffix not in (".json", ".jsonl", ".ndjson"):
        raise CallError(
            f"OpenLineage events go to a .json or a .jsonl file, and {target.name!r} is neither"
        )
    wanted = [node.fingerprint for node in report.nodes]
    records = [context.store.runs.get(each) for each in context.store.lineage.runs(*wanted)]
    purposes = {name: purpose_of(VERBS.get(name)) for name in VERBS.names()}
    events = events_of(sorted(records, key=lambda one: one.started_at), purposes=purposes)
    if suffix == ".json":
        text = json.dumps(events, indent=1, ensure_ascii=False)
    else:
        text = "\n".join(json.dumps(event, ensure_ascii=False) for event in events)
    try:
        target.write_text(text + "\n", encoding="utf-8")
    except OSError as problem:
        why = (problem.strerror or type(problem).__name__).lower()
        raise ResourceError(
            f"{target.name!r} cannot be written ({why}): name another file"
        ) from None
    return len(events)
