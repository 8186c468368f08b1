"""Every cell of the page on localizing runs, and finds what it says."""

import json
import re

import numpy as np
import polars as pl
import pytest
from page_cells import run_page, text_of

from qforge_jupyter.engine.collapse.localizing.channels import CHANNELS
from qforge_jupyter.workspace import Workspace


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "localizing.md")
    names = notebook.names
    assert 0.8 <= names["precision"]
    assert {"copied from the reference", "a target the rest contradicts"} <= set(names["reasons"])
    assert 284 - 60 == names["cleaned"].height
    assert ["id", "score", "reason"] == names["queue"].columns
    assert "mean_radius" in names["lacking"][0] or "mean_area" in names["lacking"][0]


def test_every_channel_stands_on_the_page():
    text = text_of("localizing.md")
    assert set(CHANNELS.names()) == set(re.findall(r"^\| `([a-z-]+)`", text, re.MULTILINE))


RNG = np.random.default_rng(0)


def drawn(first):
    numbers = {name: RNG.normal(size=120) for name in "xy"}
    return pl.DataFrame({"id": range(first, first + 120), **numbers})


@pytest.fixture
def checked(notebook):
    odd = pl.DataFrame({"id": range(900, 912), "x": [9.0] * 12, "y": [0.5] * 12})
    notebook.names.update(real=drawn(0), synth=pl.concat([drawn(200), odd]))
    notebook.run("%qforge check synth against real into verdict")
    return notebook


def test_a_cell_keeps_the_run_and_python_says_the_same(checked):
    cell = checked.run("%qforge localize verdict top 12 into culprits")
    assert set(range(120, 132)) == set(cell.rows["row"])
    (run,) = checked.context.store.runs.list(verb="localize")
    kept = checked.context.store.runs.get(run.id)
    assert kept.report == json.loads(json.dumps(cell.payload()))
    assert {"n_unlike", "n_suspect"} <= {each.name for each in kept.metrics}
    python = Workspace(checked.context).localize(checked.names["verdict"], top=12)
    assert (cell.payload(), repr(cell)) == (python.payload(), repr(python))


def test_culprits_become_a_dataset_that_is_labeled_in_one_step(checked):
    checked.run("%qforge localize verdict top 12 into culprits")
    checked.run("%%qforge label culprits by id\nchoose is_bad: {y: yes, n: no}")
    version = checked.run("%qforge load culprits@HEAD into stored")
    assert set(range(900, 912)) == set(version["id"])
    assert {"score", "reason"} <= set(version.columns)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("localize verdict top 0", "must be at least 1"),
        ("localize verdict by idd", "did you mean 'id'"),
        ("localize verdct", "verdict"),
        ("localize synth", "verdict"),
        ("localize verdict --dry-run by idd", "did you mean 'id'"),
    ],
)
def test_what_is_wrong_with_a_call_is_one_sentence(checked, line, said):
    assert said in checked.sentence(f"%qforge {line}")
