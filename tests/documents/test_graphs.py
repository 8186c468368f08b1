"""Graphs in layers, and squares of correlations."""

from __future__ import annotations

import random
import re
from itertools import pairwise

from qforge_jupyter.documents.blocks import Document, Graph, Heat, Node
from qforge_jupyter.documents.html import CAP_BYTES, draw_html
from qforge_jupyter.documents.layers import in_order, layers
from qforge_jupyter.documents.text import draw_text

CHAIN = Graph(
    (Node("c", "both", "sql", "bad"), Node("a", "calcs"), Node("b", "few", is_focus=True)),
    (("a", "b"), ("b", "c"), ("a", "c")),
)


def test_each_node_stands_below_all_that_leads_to_it():
    assert [["a"], ["b"], ["c"]] == [[node.id for node in layer] for layer in layers(CHAIN)]


def test_a_circle_is_drawn_once_through():
    graph = Graph((Node("a", "a"), Node("b", "b")), (("a", "b"), ("b", "a"), ("a", "a")))
    assert {"a", "b"} == {node.id for node in in_order(graph)}


def test_any_graph_has_all_its_nodes_once_however_its_ways_run():
    dice = random.Random(7)  # noqa: S311 — a test needs no secret
    for n in range(1, 40):
        names = [str(i) for i in range(n)]
        edges = tuple((dice.choice(names), dice.choice(names)) for _ in range(2 * n))
        graph = Graph(tuple(Node(name, name) for name in names), edges)
        assert names == sorted((node.id for node in in_order(graph)), key=int)


def test_a_long_chain_needs_no_recursion():
    names = [str(i) for i in range(3000)]
    chain = Graph(tuple(Node(name, name) for name in names), tuple(pairwise(names)))
    assert 3000 == len(layers(chain))


def test_the_text_names_each_node_with_what_leads_to_it():
    lines = draw_text(Document("x", blocks=(CHAIN,))).splitlines()
    assert "✕   both   sql  from few, calcs" in lines
    assert "•>  few         from calcs" in lines


def test_the_picture_stays_within_its_width_and_the_page_within_its_bytes():
    nodes = tuple(Node(str(i), "a long name " * 9, "a note " * 20) for i in range(2000))
    edges = tuple((str(i % 7), str(i)) for i in range(7, 2000))
    html = draw_html(Document("x", blocks=(Graph(nodes, edges),)))
    assert len(html.encode()) <= CAP_BYTES
    assert "more nodes" in html
    for left, width in re.findall(
        r'<rect class="qf-line-\w+" x="([\d.]+)".*?width="([\d.]+)"', html
    ):
        assert float(left) + float(width) <= 820


def test_names_are_escaped():
    html = draw_html(Document("x", blocks=(Graph((Node("a", "<b>", "<i>"),), ()),)))
    assert "<b>&lt;" not in html
    assert "&lt;b&gt;" in html


def test_a_correlation_is_a_number_and_a_colour():
    heat = Heat(("a", "b"), ((1.0, -0.25), (-0.25, None)))
    html = draw_html(Document("x", blocks=(heat,)))
    assert (2, 1) == (html.count("-0.25"), html.count('"qf-up"'))
    assert "-0.25" in draw_text(Document("x", blocks=(heat,)))
