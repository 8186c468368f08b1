"""Two kernels that make one split at once: the later one goes on from the earlier."""

import subprocess
import sys
from pathlib import Path

import pytest
from splitter import N_ROWS, rows_of

import qforge_jupyter as qf

SCRIPT = Path(__file__).with_name("splitter.py")
N_SPLITS = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    with opened((target, str(tmp_path / "files"))):
        return target, str(tmp_path / "files")


def opened(place):
    return qf.open(place[0], tracker="none", folder=place[1], actor="ann")


@pytest.fixture
def kernels(place):
    """Start kernels a and b, and let them split at once, so often."""
    made = []

    def run(how):
        for name in "ab":
            command = [sys.executable, "-W", "error", str(SCRIPT), *place, name, str(N_SPLITS), how]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            made.append(subprocess.Popen(command, text=True, **pipes))  # noqa: S603 — our own script
        assert ["open\n"] * 2 == [each.stdout.readline() for each in made]
        said = []
        for _ in range(N_SPLITS):
            for each in made:
                each.stdin.write("\n")
                each.stdin.flush()
            said.append([each.stdout.readline().strip() for each in made])
        for each in made:
            assert (0, "") == (each.wait(), each.stderr.read())
        return said

    yield run
    for each in made:
        each.kill()
        each.communicate()


def parts_of(split):
    lines = split.assignment.select("mark_a", "mark_b", "part")
    return {(a, b): part for a, b, part in lines.iter_rows()}


def test_the_later_of_two_splits_remembers_the_rows_of_the_earlier(place, kernels):
    said = kernels("same")
    with opened(place) as ws:
        splits = ws.context.store.splits
        for number, lines in enumerate(said):
            name = f"split-{number}"
            last, first = splits.list(name)
            assert {f"made {last.id}", f"made {first.id}"} == set(lines)
            before = dict(_places(splits, first))
            after = dict(_places(splits, last))
            shared = before.keys() & after.keys()
            assert N_ROWS // 2 == len(shared)
            assert {mark: before[mark] for mark in shared} == {m: after[m] for m in shared}
            # A third call knows the rows of both, wherever they were split.
            known = {(a, b): part for a, b, part in splits.remembered(last).iter_rows()}
            assert before == {m: known.get(m, after.get(m)) for m in before}
            plan = {"group": ["group"], "leaks": False, "key": ["id"]}
            for kernel in "ab":
                again = parts_of(ws.split(rows_of(kernel), as_=name, **plan))
                assert again in (before, after)
        assert () == ws.context.store.verify()


def test_of_two_plans_under_one_name_one_is_kept_and_the_other_refused(place, kernels):
    said = kernels("other")
    with opened(place) as ws:
        for number, lines in enumerate(said):
            (refused,) = [line for line in lines if not line.startswith("made")]
            assert refused == (
                f"CallError: The split 'split-{number}' is kept with other 'parts', and its rows "
                "do not move: take another name, or ask as before"
            )
            (kept,) = ws.context.store.splits.list(f"split-{number}")
            assert f"made {kept.id}" in lines


def _places(splits, kept):
    lines = splits.assignment(kept).select("mark_a", "mark_b", "part")
    return (((a, b), part) for a, b, part in lines.iter_rows())
