"""A real shell with the extension, over a workspace in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from IPython.core.interactiveshell import InteractiveShell

from qforge_jupyter.context import Context
from qforge_jupyter.errors import QForgeError
from qforge_jupyter.store.views import VIEWS
from qforge_jupyter.workspace import Workspace

CALCS = pl.DataFrame({
    "id": [f"m{i}" for i in range(12)],
    "gap": [3.0, 3.2, 3.1, 2.9, 3.0, 3.3, 3.1, 3.0, 2.8, 3.2, 3.1, 9.0],
    "homo": [-9.0] * 12,
    "lumo": [-6.0] * 12,
})  # fmt: skip
CARD = """\
required: [id, gap]
ranges:
  gap: 0 .. 50 eV
rules:
  in order: homo < lumo
unique by: id
"""


@dataclass
class Notebook:
    """Cells run as a notebook runs them."""

    shell: InteractiveShell
    capsys: pytest.CaptureFixture[str]

    def run(self, cell: str) -> Any:
        """Run a cell that must succeed and give its value."""
        outcome = self.shell.run_cell(cell)
        said = "".join(self.capsys.readouterr())
        assert outcome.success, said
        return outcome.result

    def fail(self, cell: str) -> tuple[BaseException, str]:
        """Run a cell that must fail and give its error with what was printed."""
        self.capsys.readouterr()
        outcome = self.shell.run_cell(cell)
        said = "".join(self.capsys.readouterr())
        problem = outcome.error_in_exec or outcome.error_before_exec
        assert problem is not None, "the cell went through"
        return problem, said

    def sentence(self, cell: str) -> str:
        """Run a cell that must fail with one sentence and no traceback."""
        problem, said = self.fail(cell)
        assert isinstance(problem, QForgeError), said
        assert problem.category != "internal", said
        assert "Traceback" not in said
        drawn = problem._render_traceback_()  # type: ignore[attr-defined]
        assert (len(drawn) in (1, 3), "\n" not in drawn[0]) == (True, True)
        return "\n".join(drawn)

    @property
    def context(self) -> Context:
        """The open workspace."""
        magics = self.shell.magics_manager.registry["QforgeMagics"]
        return magics._open()

    @property
    def names(self) -> dict[str, Any]:
        """The kernel's variables."""
        return self.shell.user_ns


def rows_of(context: Context) -> dict[str, int]:
    """Count the rows of every table of a store; a view has none of its own."""
    names = set(context.store.table_names()) - set(VIEWS)
    return {name: context.store.read_table(name).height for name in names}


@pytest.fixture
def quiet_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, without a tracker and without progress lines."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QFORGE_TRACKER", "none")
    monkeypatch.setenv("QFORGE_PROGRESS", "0")
    monkeypatch.setenv("QFORGE_ACTOR", "ann")
    return tmp_path


@pytest.fixture
def notebook(
    quiet_place: Path,  # noqa: ARG001 - it is enough to be there
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Notebook]:
    """Give a notebook with the extension loaded and ``calcs`` in its kernel."""
    shell = InteractiveShell.instance(colors="nocolor")
    shell.run_line_magic("load_ext", "qforge_jupyter")
    shell.user_ns["calcs"] = CALCS
    yield Notebook(shell, capsys)
    shell.run_line_magic("unload_ext", "qforge_jupyter")
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


@pytest.fixture
def ws(quiet_place: Path) -> Iterator[Workspace]:
    """Give an open workspace in plain Python."""
    import qforge_jupyter as qf

    with qf.open(str(quiet_place / "lab")) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    """Give an open workspace on either database."""
    import qforge_jupyter as qf

    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    with qf.open(target, tracker="none", folder=str(tmp_path / "files"), actor="ann") as opened:
        yield opened
