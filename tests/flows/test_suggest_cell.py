"""Suggestions and the golden score as cells, over variables and stored datasets."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.errors import DataError
from qforge_jupyter.workspace import Workspace

RNG = np.random.default_rng(0)
TIERS = pl.DataFrame({
    "id": [f"c{row}" for row in range(80)],
    "size": np.repeat([0.0, 9.0], 40) + RNG.normal(size=80),
    "tier": ["A"] * 3 + ["B"] + ["A"] * 36 + ["B"] * 40,
})  # fmt: skip


def test_a_cell_finds_the_wrong_label_and_keeps_the_run(notebook):
    notebook.names["tiers"] = TIERS
    notebook.run("%qforge commit tiers to golden/tiers by id -m first")
    found = notebook.run(
        "%qforge suggest golden/tiers --target tier --find errors top 5 into queue"
    )
    assert notebook.names["queue"] is found
    assert [("c3", "B", "A")] == found.rows.select("id", "given", "proposed").rows()
    assert ["id", "score", "reason"] == found.queue.columns
    (run,) = notebook.context.store.runs.list(verb="suggest")
    kept = notebook.context.store.runs.get(run.id)
    assert kept.report == json.loads(json.dumps(found.payload()))
    assert {"n_suspected", "share_wrong", "accuracy"} <= {each.name for each in kept.metrics}


def test_python_says_the_same_as_the_cell(notebook):
    partly = TIERS.with_columns(tier=pl.when(pl.int_range(80) % 2 > 0).then("tier"))
    notebook.names["tiers"] = partly
    cell = notebook.run("%qforge suggest tiers --target tier --strategy margin by id top 4")
    python = Workspace(notebook.context).suggest(
        partly, target="tier", strategy="margin", by=["id"], top=4, name="tiers"
    )
    assert cell.payload() == python.payload()
    assert repr(cell) == repr(python)


def test_a_strategy_means_next_where_every_row_has_a_label(notebook):
    notebook.names["tiers"] = TIERS
    line = "%qforge suggest tiers --target tier --strategy random top 4"
    found = notebook.run(line)
    assert ("next", 4) == (found.find, found.rows.height)
    assert found.payload() == notebook.run(f"{line} --find next").payload()


@pytest.mark.parametrize("cell", [["A"], b"A"])
def test_a_target_that_holds_no_classes_is_one_sentence(notebook, cell):
    rows = TIERS.with_columns(tier=pl.Series([cell] * 80))
    with pytest.raises(DataError, match=r"and classes were wanted: name a column of texts"):
        Workspace(notebook.context).suggest(rows, target="tier", name="tiers")


def test_low_scores_come_from_the_last_scoring(notebook):
    notebook.names["tiers"] = TIERS.with_columns(size=pl.when(pl.int_range(80) != 11).then("size"))
    line = "%qforge suggest tiers --target tier --find next --strategy low-score top 1 into low"
    assert "--quality" in notebook.sentence(line)
    notebook.run("%%qforge score tiers\nrequired: [size, tier]")
    assert [11] == notebook.run(line).rows["row"].to_list()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("suggest tiers", "needs `target`"),
        ("suggest tiers --target tir", "did you mean 'tier'"),
        ("suggest tiers --target tier --strategy entropi", "did you mean 'entropy'"),
        ("suggest tiers --target tier --find error", "errors"),
        ("suggest tiers --target tier --dry-run --cost prize", "which is no column"),
    ],
)
def test_what_is_wrong_with_a_call_is_one_sentence(notebook, line, said):
    notebook.names["tiers"] = TIERS
    assert said in notebook.sentence(f"%qforge {line}")


def test_the_golden_score_is_a_card_like_any_other(notebook):
    notebook.names["tiers"] = TIERS.with_columns(verified_by=pl.lit("ada"))
    notebook.run("%qforge commit tiers to golden/tiers by id -m first")
    report = notebook.run(
        "%%qforge score golden/tiers by golden into report\nexamples: {neighbors: 5}"
    )
    assert 5 == report.card["examples"]["neighbors"]
    assert "gold" in repr(report)
    notebook.names["tiers"] = TIERS.with_columns(
        verified_by=pl.when(pl.int_range(80) < 70).then(pl.lit("ada"))
    )
    notebook.run("%qforge commit tiers to golden/tiers by id -m second")
    diff = notebook.run("%qforge diff golden/tiers HEAD~1..HEAD")
    assert any(
        move[2] == "correctness" and move[:2] == ("gold", "silver")
        for move in diff.consequences.moves
    )
    assert "moved by" in repr(diff)
