"""A real JupyterLab with its Notebook 7, and notebooks in it that a test runs and looks at."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from waiting import drawn

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-the-tests"  # noqa: S105 — opens nothing but this server
QUIET = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}


class Server:
    """One server of both interfaces, with its own settings and folder."""

    def __init__(self, folder: Path, settings=None) -> None:
        self.folder = folder
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir(parents=True)
        for name, content in {**QUIET, **(settings or {})}.items():
            place = folder / "settings" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(content))
        self.port = _free_port()
        self.log = (folder / "server.log").open("w")
        self.process = subprocess.Popen(  # noqa: S603 — the server of the tests
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *(f"--port={self.port}", "--ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"),
                *(f"--ServerApp.root_dir={self.notebooks}", "--expose-app-in-browser"),
                "--JupyterNotebookApp.expose_app_in_browser=True",
            ],
            env={
                **os.environ,
                "JUPYTER_CONFIG_DIR": str(folder / "config"),
                "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
                "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
                "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
                "IPYTHONDIR": str(folder / "ipython"),
                "PYTHONPATH": str(ROOT),
                "QFORGE_TRACKER": "none",
            },
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        self._wait()

    def url(self, name: str, app: str = "lab") -> str:
        at = {"lab": "doc/tree", "notebook": "notebooks"}[app]
        return f"http://127.0.0.1:{self.port}/{at}/{name}?token={TOKEN}"

    def write(self, name: str, *cells: str) -> None:
        made = [
            {
                "cell_type": "code",
                "id": f"cell{n}",
                "metadata": {},
                "source": cell,
                "outputs": [],
                "execution_count": None,
            }
            for n, cell in enumerate(cells)
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = {
            "cells": made,
            "metadata": {"kernelspec": kernel},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.notebooks / name).write_text(json.dumps(notebook))

    def kernels(self) -> list[dict]:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}/api/kernels?token={TOKEN}", timeout=10
        ) as answer:
            return json.load(answer)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()

    def _wait(self) -> None:
        until = time.monotonic() + 240
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                self.kernels()
            except OSError:
                time.sleep(0.3)
            else:
                return
        raise AssertionError(
            f"The server did not start: {(self.folder / 'server.log').read_text()}"
        )


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def chromium_path() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


IDLE = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.content?.widgets && panel.sessionContext?.session?.kernel?.status === 'idle';
}"""


OPEN = """async path => {
  const panel = await window.jupyterapp.commands.execute('docmanager:open', {path});
  await panel.context.ready;
  window.jupyterapp.shell.activateById(panel.id);
}"""
RUN = """n => {
  window.jupyterapp.shell.currentWidget.content.activeCellIndex = n;
  return window.jupyterapp.commands.execute('notebook:run-cell');
}"""
#: Beside the notebook is a bar of icons.
LAID_OUT = """width => {
  const {right} = window.jupyterapp.shell.currentWidget.node.getBoundingClientRect();
  return innerWidth === width && right <= width && right > width - 100;
}"""
CLOSE = """async path => {
  const panels = [...window.jupyterapp.shell.widgets('main')];
  const panel = panels.find(each => each.context?.path === path);
  await panel.context.save();
  await panel.sessionContext.shutdown();
  panel.dispose();
}"""


def open_notebook(page, server: Server, name: str, app: str = "lab") -> None:
    """Open it, in the JupyterLab that is there where one is, and wait until its kernel is idle."""
    if app == "lab" and f":{server.port}/lab" in page.url:
        page.evaluate(OPEN, name)
    else:
        page.goto(server.url(name, app))
        page.wait_for_function("() => window.jupyterapp !== undefined", timeout=240_000)
    page.wait_for_function(IDLE, timeout=240_000)


def close_notebook(page, name: str) -> None:
    """Close it with its kernel, without a question."""
    page.evaluate(CLOSE, name)


def run_cell(page, n: int = 0) -> None:
    """Run one cell, and wait for nothing."""
    page.evaluate(f"n => void ({RUN})(n)", n)


def ran_cell(page, n: int = 0) -> None:
    """Run one cell, and wait until it ran."""
    page.evaluate(RUN, n)


def restarted(page) -> None:
    """Wait until a killed kernel is there again, and agree to the dialog that says so."""
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    page.locator(".jp-Dialog").wait_for(state="detached")
    page.wait_for_function(IDLE)


def change_theme(page, name: str) -> None:
    """Make JupyterLab light or dark; a screen lies over it meanwhile, and takes every click."""
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})",
        f"JupyterLab {name}",
    )
    page.locator(f"body[data-jp-theme-name='JupyterLab {name}'] #main:visible").wait_for()
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    drawn(page)


def laid_out(page, width: int) -> None:
    """Wait until JupyterLab has taken the width that a window got."""
    page.wait_for_function(LAID_OUT, arg=width)
    drawn(page)


def n_cells(page) -> int:
    return page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets.length")
