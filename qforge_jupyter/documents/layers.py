"""Where the nodes of a graph stand: in layers, each below all that leads to it.

The layout is decided by the graph alone: a node's layer is the longest way to
it, and within a layer nodes stand by the middle of those that lead to them
(K. Sugiyama, S. Tagawa, M. Toda, IEEE Trans. SMC 11, 109, 1981).
"""

from __future__ import annotations

from qforge_jupyter.documents.blocks import Graph, Node


def layers(graph: Graph) -> list[list[Node]]:
    """Put the nodes into layers; a way that leads back to its start is passed over.

    Examples
    --------
    >>> nodes = tuple(Node(id_, id_) for id_ in "dcba")
    >>> found = layers(Graph(nodes, (("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"))))
    >>> [[node.id for node in layer] for layer in found]
    [['a'], ['c', 'b'], ['d']]

    """
    above = _above(graph)
    depths: dict[str, int] = {}
    for id_ in _sorted_ids(above):
        depths[id_] = 1 + max((depths[each] for each in above[id_]), default=-1)
    rows: list[list[Node]] = [[] for _ in range(max(depths.values(), default=-1) + 1)]
    for node in _unique(graph):
        rows[depths[node.id]].append(node)
    places: dict[str, float] = {}
    for row in rows:
        row.sort(key=lambda node: _middle(above[node.id], places))
        for index, node in enumerate(row):
            places[node.id] = (index + 1) / (len(row) + 1)
    return rows


def in_order(graph: Graph) -> list[Node]:
    """Give the nodes, each after all that leads to it."""
    return [node for layer in layers(graph) for node in layer]


def _unique(graph: Graph) -> list[Node]:
    return list({node.id: node for node in graph.nodes}.values())


def _above(graph: Graph) -> dict[str, list[str]]:
    """Name what leads to each node, without ways that lead back to their start."""
    given: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
    for start, end in dict.fromkeys(graph.edges):
        if start in given and end in given and start != end:
            given[end].append(start)
    done: set[str] = set()
    for root in given:
        _drop_back_edges(root, given, done)
    return given


def _drop_back_edges(root: str, above: dict[str, list[str]], done: set[str]) -> None:
    """Walk up from a node without recursion; an edge to a node on the way is dropped."""
    way: list[str] = [root]
    open_: set[str] = {root}
    while way:
        here = way[-1]
        nexts = [each for each in above[here] if each not in done]
        above[here] = [each for each in above[here] if each not in open_]
        step = next((each for each in nexts if each not in open_), None)
        if step is None or here in done:
            done.add(here)
            open_.discard(way.pop())
        else:
            way.append(step)
            open_.add(step)


def _sorted_ids(above: dict[str, list[str]]) -> list[str]:
    """Order ids so that each comes after all that leads to it."""
    from graphlib import TopologicalSorter

    return list(TopologicalSorter(above).static_order())


def _middle(above: list[str], places: dict[str, float]) -> float:
    known = [places[each] for each in above if each in places]
    return sum(known) / len(known) if known else 0.5
