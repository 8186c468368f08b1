"""Two kernels at one dataset: nothing is lost, and who cannot have it both ways is told."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from kernel import N_ROWS

import qforge_jupyter as qf
from qforge_jupyter.versions.reading import open_version
from qforge_jupyter.versions.verifying import verify_versions

KERNEL = Path(__file__).with_name("kernel.py")
ROWS = pl.DataFrame({"id": [f"{name}{i}" for name in "ab" for i in range(N_ROWS)]}).with_columns(
    n=pl.lit(0, pl.Int64)
)
N_COMMITS = 50


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Where the workspace lies; its dataset d has two versions."""
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    place = (target, str(tmp_path / "files"))
    with opened(place) as ws:
        ws.commit(ROWS.with_columns(n=pl.lit(-1, pl.Int64)), to="d", by=["id"])
        ws.commit(ROWS, to="d")
    return place


def opened(place):
    return qf.open(place[0], tracker="none", folder=place[1], actor="ann")


class Kernel:
    """One of the processes."""

    def __init__(self, place, name, count, how) -> None:
        command = [sys.executable, "-W", "error", str(KERNEL), *place, name, str(count), how]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, text=True, **pipes)  # noqa: S603 — our own script
        assert "open\n" == self.process.stdout.readline()

    def go(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def heard(self):
        return self.process.stdout.readline().strip()

    def lines(self):
        said, errors = self.process.communicate()
        assert (0, "") == (self.process.returncode, errors)
        return said.splitlines()


@pytest.fixture
def kernels(place):
    """Give what starts kernels a and b."""
    made = []

    def run(count, how):
        made.extend(Kernel(place, name, count, how) for name in "ab")
        for each in made:
            each.go()
        return made

    yield run
    for each in made:
        each.process.kill()
        each.process.communicate()


def expected():
    """Give what either kernel's script does to its own rows, when nobody is in its way."""
    cells = dict(ROWS.rows())
    for name in "ab":
        for number in range(N_COMMITS):
            if f"{name}{number % N_ROWS}" in cells:
                cells[f"{name}{number % N_ROWS}"] = number + 1
            if number % 10 == 0:
                cells[f"{name} new {number}"] = number
            if number % 10 == 5:
                cells.pop(f"{name}{N_ROWS - 1 - number // 10}", None)
    return cells


def test_fifty_commits_each_to_rows_of_their_own_lose_nothing(place, kernels):
    made = {line for each in kernels(N_COMMITS, "disjoint") for line in each.lines()}
    assert 2 * N_COMMITS == len(made)
    with opened(place) as ws:
        store = ws.context.store
        assert expected() == dict(open_version(store, "d").frame.rows())
        history = ws.log("d").frame
        # Linear and whole: each version follows the one below it, and all are there.
        assert 2 + 2 * N_COMMITS == history.height
        assert history["parents"].to_list() == [[each] for each in history["commit"][1:]] + [[]]
        assert made < set(history["commit"])
        for name in "ab":
            mine = [m for m in history["message"].to_list() if m.startswith(name)]
            assert [f"{name} {number}" for number in reversed(range(N_COMMITS))] == mine
        assert () == store.verify() + verify_versions(store)


def test_of_two_values_for_one_cell_one_is_kept_and_the_other_refused(place, kernels):
    both = kernels(1, "same")
    assert ["ready", "ready"] == [each.heard() for each in both]
    for each in both:
        each.go()
    said = {name: each.lines() for name, each in zip("ab", both, strict=True)}
    (lost,) = [name for name, lines in said.items() if lines[0].startswith("QualityError")]
    won = "b" if lost == "a" else "a"
    assert said[lost][0].startswith(
        f"QualityError: d was committed by {won} meanwhile, and 1 of your cells or rows were given "
        "other values there: commit yours to a branch"
    )
    with opened(place) as ws:
        store = ws.context.store
        frame = open_version(store, "d").frame
        assert frame.equals(
            ROWS.with_columns(
                n=pl.when(pl.col("id") == "a0").then(pl.lit(ord(won))).otherwise(pl.col("n"))
            )
        )
        assert 3 == ws.log("d").frame.height
        assert () == store.verify() + verify_versions(store)


def test_of_two_branches_of_one_name_one_is_made_and_a_tag_stands_where_it_was_put(place, kernels):
    said = [each.lines() for each in kernels(15, "refs")]
    with opened(place) as ws:
        store = ws.context.store
        commits = [each.id for each in store.commits.of(store.datasets.find("d").id)]
        refs = {each.name: each.head for each in store.refs.of(store.datasets.find("d").id)}
        assert refs["here"] in commits
        for number, lines in enumerate(zip(*said, strict=True)):
            (refused,) = [line for line in lines if not line.startswith("made")]
            assert refused == (
                f"CallError: d has a branch 'side-{number}' that points to another version: "
                "choose another name"
            )
            won = 0 if lines[0].startswith("made") else 1
            # Kernel a branches from the version before the last, b from the last.
            assert refs[f"side-{number}"] == commits[1 - won]
        assert () == store.verify() + verify_versions(store)
