"""Two versions of a real table, compared by what they teach."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_diabetes, load_wine
from threadpoolctl import threadpool_limits

import qforge_jupyter as qf
from qforge_jupyter.engine.ab_training import Trial, try_both
from qforge_jupyter.engine.trial_models import MODELS
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.frames import Table

DIABETES = pl.DataFrame(load_diabetes(as_frame=True).frame.to_dict("list")).with_row_index("id")
WINE = pl.DataFrame(load_wine(as_frame=True).frame.to_dict("list")).with_row_index("id")


def trial(first: pl.DataFrame, second: pl.DataFrame, **options: object) -> Trial:
    tables = Table.of_frame("new", first), Table.of_frame("old", second)
    return Trial(*tables, **{"target": "target", "keys": ("id",), **options})


def spoiled(frame: pl.DataFrame) -> pl.DataFrame:
    """Give half of the rows the targets of others."""
    dice = np.random.default_rng(5)
    wrong = frame["target"].to_numpy()[dice.permutation(frame.height)]
    is_wrong = pl.Series(dice.random(frame.height) < 0.5)
    return frame.with_columns(
        target=pl.when(is_wrong).then(pl.Series(wrong)).otherwise(pl.col("target"))
    )


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Boosting on small tables waits for its own threads more than it works."""
    with threadpool_limits(1):
        yield


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("frame", [DIABETES, WINE], ids=["numbers", "classes"])
def test_a_version_does_not_differ_from_itself(model, frame):
    report = try_both(trial(frame, frame, model=model, n_folds=2))
    assert ("no difference", 0.0, 0.0) == (
        report.verdict,
        report.difference.low,
        report.difference.high,
    )
    assert frame.height == report.rows.height


def test_right_targets_teach_better_than_wrong_ones():
    report = try_both(trial(DIABETES, spoiled(DIABETES)))
    assert "better" == report.verdict
    assert report.errors[0] < report.errors[1]
    assert report.n_differing + report.rows.height == DIABETES.height
    assert "worse" == try_both(trial(spoiled(DIABETES), DIABETES)).verdict


def test_the_order_of_the_rows_changes_nothing():
    shuffled = DIABETES.sample(fraction=1.0, shuffle=True, seed=9)
    report = try_both(trial(shuffled, DIABETES))
    assert report.errors[0] == pytest.approx(report.errors[1], rel=1e-9)
    assert "no difference" == report.verdict


def test_more_rows_do_not_leak_their_own_targets():
    report = try_both(trial(DIABETES, DIABETES.head(60), model="hist-gradient-boosting"))
    assert 60 == report.rows.height
    assert report.errors[0] > 20  # far from the 0 of a model that saw the rows


def test_rows_are_known_by_content_without_a_key():
    report = try_both(trial(DIABETES, DIABETES.head(200), keys=()))
    assert 200 == report.rows.height


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"target": "targte"}, CallError, "did you mean 'target'"),
        ({"keys": ("di",)}, CallError, "No column 'di' in new"),
        ({"model": "rigde"}, CallError, "did you mean 'ridge'"),
        ({"n_folds": 1}, CallError, "2 to 50"),
        ({"keys": ("sex",)}, DataError, "names two rows"),
    ],
)
def test_bad_input_is_one_sentence(options, kind, said):
    with pytest.raises(kind, match=said) as told:
        try_both(trial(DIABETES, DIABETES, **options))
    assert "\n" not in str(told.value)


def test_versions_without_shared_rows_cannot_be_compared():
    other = DIABETES.with_columns(id=pl.col("id") + 10_000)
    with pytest.raises(DataError, match="share 0 rows"):
        try_both(trial(DIABETES, other))


def test_the_verb_keeps_the_verdict_and_both_inputs(tmp_path):
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as ws:
        report = ws.trial(
            DIABETES, against=spoiled(DIABETES), target="target", by=["id"], name="cleaned"
        )
        record = ws.context.store.runs.latest("trial")
    assert "cleaned is better than table to train on" in repr(report)
    assert ["subject", "against"] == [given.role for given in record.inputs]
    assert 2 == len(record.lineage[0].inputs)
