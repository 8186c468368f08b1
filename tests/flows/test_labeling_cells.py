"""Labeling as cells write it: small words, lines of errors, rehearsals, the Python for it."""

from __future__ import annotations

import ast

import pytest

HEADER = "%%qforge label calcs by id as alice top 3 into labeling\n"
BODY = "show: '{id}: {gap}'\nchoose tier: {a: A, b: B}\nkeys: {undo: u}\n"


def test_a_cell_labels_a_variable_and_goes_on_when_it_is_run_again(notebook):
    first = notebook.run(HEADER + BODY)
    assert repr(first).startswith("Labeling calcs: 0 of 3 items labeled (tier: A, B)\n")
    labeling = notebook.names["labeling"]
    labeling.answer(labeling.next(), tier="A")
    again = notebook.run(HEADER + BODY)
    assert repr(again).startswith("Labeling calcs: 1 of 3 items labeled (tier: A, B)\n")
    notebook.run("%qforge accept calcs -m done into accepted")
    assert "1 answer accepted" in repr(notebook.names["accepted"])
    version = notebook.run("%qforge checkout calcs").frame
    assert ["A", *[None] * 11] == version["tier"].to_list()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("show: '{idd}'\nchoose tier: [A]\n", "line 2: There is no column 'idd' for show"),
        ("choose tier: [A]\nchose best: [A]\n", "line 3: No key 'chose best' in label"),
        ("choose tier: [A]\nkeys:\n  undo: qq\n", "line 4: A key is one character"),
        ("choose tier: [A]\nchoose best: []\n", "line 3: The question 'best' has no answers"),
        ("choose tier: [A]\nif tier = B ask: [why]\ntext why: yes\n", "line 3: The condition"),
        ("choose tier: [A]\norder: cleverest first\n", "line 3: 'order' does not know"),
        ("choose tier: [A]\noverlap: none\n", "line 3: 'overlap' wants a number"),
        ("show: '{id}'\n", "Nothing is asked"),
    ],
)
def test_an_error_of_the_body_names_its_line(notebook, body, said):
    assert said in notebook.sentence(HEADER + body)
    assert said in notebook.sentence(HEADER.replace("into", "--dry-run into") + body)
    assert notebook.context.store.datasets.list() == ()


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("label calcs as alice", "write  by KEY"),
        ("label calcs by id as 'a b'", "A labeler is named with"),
        ("label calcs by id as alice where 'gap >'", "The rule cannot be read"),
        ("label calcs by id as alice where \"staus = 'pending'\"", "did you mean 'status'"),
        ("label calc by id as alice", "did you mean 'calcs'"),
        ("label calcs by gap as alice", "gap"),
    ],
)
def test_an_error_of_the_header_is_a_sentence(notebook, header, said):
    assert said in notebook.sentence(f"%%qforge {header}\n{BODY}")
    assert notebook.context.store.datasets.list() == ()


def test_a_rehearsal_keeps_nothing(notebook):
    notebook.run(HEADER.replace("into", "--dry-run into") + BODY)
    assert notebook.context.store.datasets.list() == ()
    assert () == notebook.context.store.runs.list(verb="label")


def test_the_python_for_a_cell_does_the_same(notebook, capsys):
    notebook.shell.run_cell(HEADER.replace("into", "--as-python into") + BODY)
    code = capsys.readouterr().out
    code = code[code.index("labeling = ws.label(") :]
    lines = code.splitlines()
    end = next(n for n, line in enumerate(lines) if line in (")", "```") or line.endswith("})"))
    statement = "\n".join(lines[: end + 1])
    ast.parse(statement)
    from qforge_jupyter.workspace import Workspace

    notebook.names["ws"] = Workspace(notebook.context)
    notebook.run(statement)
    labeling = notebook.names["labeling"]
    labeling.answer("m0", tier="B")
    assert [("m0", "alice", "tier", "B")] == labeling.answers.select(
        "item", "labeler", "question", "value"
    ).rows()
    assert "u" == labeling.handle({"kind": "hello"})["keys"]["undo"]


def test_splits_are_named_as_before(notebook):
    notebook.run("%%qforge split calcs as gap-v1 seed 42 into split\nparts: {train: 70, test: 30}")
    assert "gap-v1" in repr(notebook.names["split"])
