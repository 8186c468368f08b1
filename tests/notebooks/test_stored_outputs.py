"""What strict nbval does not see: cells without outputs, hidden errors, kernels."""

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_there_are_notebooks():
    assert {
        "quickstart",
        "molecules",
        "dirty-table",
        "datasets-that-remember",
        "many-labelers",
        "fit-to-train-on",
        "predict-and-compare",
    } == {path.stem for path in NOTEBOOKS}


def test_names_its_kernel(notebook):
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_every_verb_has_a_stored_output(notebook):
    bare = [
        "".join(cell["source"])
        for cell in code_cells(notebook)
        if "%qforge" in "".join(cell["source"]) and not cell["outputs"]
    ]
    assert [] == bare


def test_stores_no_error(notebook):
    kinds = {output["output_type"] for cell in code_cells(notebook) for output in cell["outputs"]}
    assert "error" not in kinds


def test_prints_no_usage_error_and_no_path(notebook):
    text = json.dumps([cell["outputs"] for cell in code_cells(notebook)])
    own = re.escape(f"{Path.home()}/")
    assert re.search(rf"UsageError:|/home/|/tmp/|site-packages|{own}", text) is None


def test_keeps_static_pages_small(notebook):
    pages = [
        "".join(output["data"]["text/html"])
        for cell in code_cells(notebook)
        for output in cell["outputs"]
        if "text/html" in output.get("data", {})
    ]
    assert pages
    assert max(len(page.encode()) for page in pages) <= 100_000
