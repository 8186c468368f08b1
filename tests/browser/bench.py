"""A notebook in which somebody labels, driven by keys and pointers."""

import json
import time
from pathlib import Path

from notebooks import close_notebook, n_cells, open_notebook, run_cell

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"

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
        self.page.locator(".qfl-ledger:visible", has_text=f"{n} saved").first.wait_for()

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
        self.page.locator(".qfl[data-phase=ready]:visible").first.wait_for(timeout=120_000)
        self.root.focus()

    def press(self, *keys: str):
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(40)  # nobody is faster

    def events(self, n, timeout_s=60):
        """Give the events on the disk, once there are so many."""
        until = time.monotonic() + timeout_s
        while True:
            lines = self.labels.read_text().splitlines() if self.labels.exists() else []
            if len(lines) >= n or time.monotonic() > until:
                assert n == len(lines)
                return [json.loads(line) for line in lines]
            time.sleep(0.05)

    def says(self, text, timeout_s=60):
        self.page.locator(".qfl:visible", has_text=text).first.wait_for(timeout=timeout_s * 1000)

    def item(self, n):
        """Wait until so many-th item lies there."""
        self.page.locator(".qfl-count:visible", has_text=f"Item {n} ").first.wait_for()

    def theme(self, name):
        """Make JupyterLab light or dark."""
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})",
            f"JupyterLab {name}",
        )
        self.page.wait_for_timeout(800)

    def wide(self, width):
        """Make the window so wide."""
        self.page.set_viewport_size({"width": width, "height": 1400})
        self.page.wait_for_timeout(400)

    def serious(self):
        """Give what axe finds serious or worse."""
        self.page.add_script_tag(path=str(AXE))
        found = self.page.evaluate("() => axe.run('.qfl', {resultTypes: ['violations']})")
        return [
            (each["id"], node["target"], node.get("failureSummary"))
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]

    def assert_nothing_leaked(self):
        assert self.n_cells == n_cells(self.page)
        assert self.page.locator(".jp-Dialog").count() == 0
        assert [] == self.dialogs
        assert [] == self.errors
        local = f"http://127.0.0.1:{self.server.port}/"
        away = [each for each in self.requests if not each.startswith((local, "blob:", "data:"))]
        assert [] == [each for each in away if not each.startswith(local.replace("http", "ws"))]
