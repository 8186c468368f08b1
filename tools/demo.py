"""Run the quickstart from start to end and say where everything is."""

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
SOURCE = ROOT / "examples" / "notebooks" / "quickstart.ipynb"
OUTPUT = ROOT / "demo-output"
MIME_TYPE = "application/vnd.qforge.result+json"


def main() -> int:
    """Execute the notebook in ``demo-output`` and print the verdict."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    os.environ["QFORGE_PROGRESS"] = "0"
    notebook = nbformat.read(SOURCE, as_version=4)
    n_code = sum(cell.cell_type == "code" for cell in notebook.cells)
    print(f"running {SOURCE.relative_to(ROOT)}: {n_code} cells", flush=True)
    client = NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": str(OUTPUT)}},
        store_widget_state=False,
    )
    try:
        client.execute()
    except CellExecutionError as problem:
        print(problem, file=sys.stderr)
        return 1
    page = OUTPUT / "quickstart.html"
    page.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    tell(notebook, page)
    return 0


def tell(notebook: nbformat.NotebookNode, page: Path) -> None:
    """Print each result's verdict, then the places to look at."""
    print()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if MIME_TYPE in data:
                title, _, *rest = data["text/plain"].splitlines()
                print(f"  {title}: {rest[0]}" if rest else f"  {title}")
    lab = OUTPUT / "lab"
    print()
    print(f"report  {page.relative_to(ROOT)}")
    print(f"store   {(lab / 'store.db').relative_to(ROOT)}")
    tracker = (lab / "mlflow.db").relative_to(ROOT)
    print(f"MLflow  {tracker}  (mlflow ui --backend-store-uri sqlite:///{tracker})")


if __name__ == "__main__":
    sys.exit(main())
