"""Run the quickstart and the story of a dataset, and say where everything is."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "examples" / "notebooks"
NAMES = ("quickstart", "datasets-that-remember")
OUTPUT = ROOT / "demo-output"
MIME_TYPE = "application/vnd.qforge.result+json"


def main() -> int:
    """Execute the notebooks in ``demo-output`` and print the verdicts."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    os.environ["QFORGE_PROGRESS"] = "0"
    try:
        for name in NAMES:
            tell(run(SOURCES / f"{name}.ipynb"))
    except CellExecutionError as problem:
        print(problem, file=sys.stderr)
        return 1
    show_places()
    return 0


def run(source: Path) -> nbformat.NotebookNode:
    """Execute a notebook from start to end, and keep it as a page."""
    notebook = nbformat.read(source, as_version=4)
    n_code = sum(cell.cell_type == "code" for cell in notebook.cells)
    print(f"running {source.relative_to(ROOT)}: {n_code} cells", flush=True)
    client = NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": str(OUTPUT)}},
        store_widget_state=False,
    )
    client.execute()
    page = OUTPUT / f"{source.stem}.html"
    page.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    return notebook


def tell(notebook: nbformat.NotebookNode) -> None:
    """Print each result's verdict."""
    print()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if MIME_TYPE in data:
                title, _, *rest = data["text/plain"].splitlines()
                print(f"  {title}: {rest[0]}" if rest else f"  {title}")
    print()


def show_places() -> None:
    """Print the places to look at."""
    lab = OUTPUT / "lab"
    for name in NAMES:
        print(f"report  {(OUTPUT / name).relative_to(ROOT)}.html")
    print(f"store   {(lab / 'store.db').relative_to(ROOT)}")
    tracker = (lab / "mlflow.db").relative_to(ROOT)
    print(f"MLflow  {tracker}  (mlflow ui --backend-store-uri sqlite:///{tracker})")


if __name__ == "__main__":
    sys.exit(main())
