"""A dry run finds what the call would find wrong, and does and keeps nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from tests.flows.conftest import CALCS, CARD, Notebook, rows_of
from tests.flows.test_bad_input import WRONG

#: Only the work itself can find these: an unknown verb or no verb is no call of one.
CELLS = [cell for cell, said in WRONG if said is not None and cell != "%qforge"]


@pytest.mark.parametrize("cell", CELLS, ids=range(len(CELLS)))
def test_what_is_wrong_is_said_in_the_same_words_with_the_same_caret(notebook: Notebook, cell: str):
    notebook.names["number"] = 42
    notebook.run("%qforge use ./lab")
    real = notebook.sentence(cell).split("\n")
    before = rows_of(notebook.context)
    header, newline, body = cell.partition("\n")
    dry = notebook.sentence(f"{header} --dry-run{newline}{body}").split("\n")
    assert [each.rstrip() for each in real] == [
        each.replace(" --dry-run", "").rstrip() for each in dry
    ]
    assert before == rows_of(notebook.context)


@pytest.mark.parametrize(
    "cell",
    [
        f"%%qforge score calcs --dry-run\n{CARD}",
        "%qforge score calcs by table --dry-run",
        "%qforge outliers calcs --method mad --columns gap --dry-run",
        '%qforge outliers calcs --document "right" --where "gap > 5" --dry-run',
        "%qforge load calcs.csv --dry-run",
        "%qforge load *.csv --dry-run",
        "%qforge load calcs --dry-run",
        "%%qforge sql --dry-run\nselect id from calcs where gap > {{limit}}",
        "%qforge calculate g2 --dry-run",
        "%qforge help score --dry-run",
        "%qforge use ./elsewhere --dry-run",
    ],
)
def test_what_is_right_is_told_without_a_workspace_or_a_run(
    notebook: Notebook, quiet_place: Path, cell: str
):
    CALCS.write_csv("calcs.csv")
    notebook.names["limit"] = 3
    assert "Nothing was computed and nothing was stored." in repr(notebook.run(cell))
    assert [path.name for path in quiet_place.iterdir()] == ["calcs.csv"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%qforge load nothere.csv", "There is no file 'nothere.csv'"),
        ("%qforge load nothere/*.csv", "No file matches '*.csv'"),
        ("%qforge load a.csv --separater ;", "No option 'separater' of load"),
        ("%qforge load a.csv --sheet one", "CSV has no option 'sheet'"),
        ("%qforge load memory://lab/nothere.csv", "There is no file 'memory://lab/nothere.csv'"),
        ("%qforge load calcs --sheet one", "`--sheet` is for files"),
        ("%%qforge sql\nselect nope from calcs", "nope"),
        ("%qforge calculate calcs", "The table has no column named 'smiles'"),
        ("%qforge outliers calcs --document x --where 'gapp > 1'", "did you mean 'gap'?"),
    ],
)
def test_files_and_columns_that_are_not_there_are_told(notebook: Notebook, cell: str, said: str):
    Path("a.csv").write_text("a\n1\n")
    header, newline, body = cell.partition("\n")
    dry = notebook.sentence(f"{header} --dry-run{newline}{body}")
    assert said in dry
    assert dry.split("\n")[0] == notebook.sentence(cell).split("\n")[0]


@pytest.mark.skipif(sys.platform != "linux", reason="there is no such file elsewhere")
@pytest.mark.parametrize("mode", ["", " --dry-run"])
def test_a_file_that_the_system_does_not_let_be_read_is_told(notebook: Notebook, mode: str):
    said = notebook.sentence(f"%qforge load /proc/self/mem{mode}")
    assert "'mem' cannot be read (input/output error): check its permissions" in said


def test_no_row_is_looked_at(notebook: Notebook):
    Path("a.csv").write_text("gap\n1\n2\n3\n")
    notebook.names["table"] = pl.scan_csv("a.csv", schema={"gap": pl.Float64})
    Path("a.csv").write_text("gap\nno number\n")
    cell = "%%qforge score table{}\nranges: {{gap: 0 .. 1}}"
    assert "would run" in repr(notebook.run(cell.format(" --dry-run")))
    assert "cannot be read" in notebook.sentence(cell.format(""))
