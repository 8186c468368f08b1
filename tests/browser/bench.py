"""A notebook in which somebody labels, driven by keys and pointers."""

import json
from pathlib import Path

from accessibility import violations
from notebooks import change_theme, close_notebook, laid_out, n_cells, open_notebook, run_cell
from playwright.sync_api import expect
from waiting import LIMIT_S, becomes, drawn, saved

ROOT = Path(__file__).resolve().parents[2]

START = """
import os, runpy
from pathlib import Path
made = runpy.run_path({desk!r})
Desk, question = made["Desk"], made["question"]
from qforge_jupyter.widgets.label import LabelWidget
Path({pid!r}).write_text(str(os.getpid()))
def widget(rows, questions, show, **more):
    desk = Desk({labels!r}, rows, questions, show, **more)
    return LabelWidget(desk, title="Label golden as alice", resume={labels!r})
"""
CHOICE = """
rows = [{"key": f"k{n}", "title": f"Title {n}", "size": n} for n in range(50)]
show = {"renderer": "template", "template": "**{title}** of {size}", "columns": ["title", "size"]}
w = widget(rows, [question("tier", "choose", ["A", "B", "C"])], show)
w
"""
#: A labeling of the real store, in the place of one in memory.
STORED = """
import polars as pl, qforge_jupyter as qf
from qforge_jupyter.widgets.opening import widget as view_of
ws = qf.open({lab!r}, tracker="none", actor="ann", progress=False)
"""


SHOW = """async source => {
  const {commands, shell} = window.jupyterapp;
  const {content} = shell.currentWidget;
  await commands.execute('notebook:clear-all-cell-outputs');
  content.activeCellIndex = content.widgets.length - 1;
  content.activeCell.model.sharedModel.setSource(source);
  void commands.execute('notebook:run-cell');
}"""


class Bench:
    """One notebook that labels into one file."""

    def __init__(self, page, server, name, app="lab") -> None:
        self.page, self.server, self.name, self.app = page, server, name, app
        self.folder = server.folder / name
        self.folder.mkdir()
        self.labels = self.folder / "labels.jsonl"
        self.pid = self.folder / "pid"
        self.dialogs, self.requests, self.errors = [], [], []
        self.heard = {
            "dialog": lambda each: (self.dialogs.append(each.message), each.accept()),
            "request": lambda each: self.requests.append(each.url),
            "pageerror": lambda each: self.errors.append(str(each)),
        }
        for event, hear in self.heard.items():
            page.on(event, hear)

    def open(self, *cells: str):
        desk = str(ROOT / "tests" / "widgets" / "desk.py")
        start = START.format(desk=desk, pid=str(self.pid), labels=str(self.labels))
        self.server.write(f"{self.name}.ipynb", start + cells[0], *cells[1:])
        open_notebook(self.page, self.server, f"{self.name}.ipynb", self.app)
        self.n_cells = n_cells(self.page)
        run_cell(self.page)
        if "w\n" in cells[0]:
            self.ready()
        self.errors.clear()  # of the notebook's own start
        return self

    def show(self, source: str):
        """Run something else in the last cell, and wait for its widget."""
        self.page.evaluate(SHOW, source)
        self.ready()
        self.errors.clear()
        return self

    def saved(self, n):
        """Wait until the kernel has said of so many labels that they are saved."""
        saved(self.page, n)

    def close(self):
        """Leave a shared page as it was found."""
        for event, hear in self.heard.items():
            self.page.remove_listener(event, hear)
        close_notebook(self.page, f"{self.name}.ipynb")

    @property
    def lab(self):
        """The folder of a workspace of its own."""
        return str(self.folder / "lab")

    @property
    def root(self):
        return self.page.locator(".qfl:visible").first

    def ready(self):
        self.page.locator(".qfl[data-phase=ready]:visible").first.wait_for()
        self.root.focus()

    def press(self, *keys: str):
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(40)  # nobody is faster

    def answer(self, *keys: str):
        """Answer an item with each key, as soon as it lies there."""
        for key in keys:
            self.page.locator(".qfl-item:visible").first.wait_for()
            self.press(key)

    def turned(self):
        """Wait until every step back or forth that was pressed is done."""
        undoing = self.page.locator(".qfl-ledger:visible", has_text="undoing")
        undoing.wait_for(state="detached")

    def events(self, n):
        """Give the events on the disk, once there are so many."""

        def lines():
            return self.labels.read_text().splitlines() if self.labels.exists() else []

        becomes(self.page, n, lambda: len(lines()))
        return [json.loads(line) for line in lines()]

    def says(self, text, timeout_s=LIMIT_S):
        self.page.locator(".qfl:visible", has_text=text).first.wait_for(timeout=timeout_s * 1000)

    def item(self, n):
        """Wait until so many-th item lies there."""
        self.page.locator(".qfl-count:visible", has_text=f"Item {n} ").first.wait_for()

    def decoded(self):
        """Wait until the pictures of the item are drawn, or said to be none."""
        expect(self.page.locator(".qfl-soft:visible", has_text="Decoding")).to_have_count(0)
        drawn(self.page)

    def theme(self, name):
        """Make JupyterLab light or dark."""
        change_theme(self.page, name)

    def wide(self, width):
        """Make the window so wide."""
        self.page.set_viewport_size({"width": width, "height": 1400})
        laid_out(self.page, width)

    def serious(self):
        """Give what axe finds serious or worse."""
        found = violations(self.page, ".qfl")
        return [each for each in found if each[0] in ("serious", "critical")]

    def assert_nothing_leaked(self):
        assert self.n_cells == n_cells(self.page)
        assert self.page.locator(".jp-Dialog").count() == 0
        assert [] == self.dialogs
        assert [] == self.errors
        local = f"http://127.0.0.1:{self.server.port}/"
        away = [each for each in self.requests if not each.startswith((local, "blob:", "data:"))]
        assert [] == [each for each in away if not each.startswith(local.replace("http", "ws"))]
