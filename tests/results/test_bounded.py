"""The JSON of an output is bounded whatever a result holds, and says what it leaves out."""

from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.frames.loaded import LoadedTable
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.base import MIME_TYPE, Result
from qforge_jupyter.results.bounded import MAXIMUM_BYTES, bounded

N_COLUMNS = 10_000


def shown_of(result: Result) -> dict[str, object]:
    content: dict[str, object] = result._repr_mimebundle_()[0][MIME_TYPE]
    assert len(json.dumps(content)) <= MAXIMUM_BYTES == 200_000
    return content


@pytest.fixture(scope="module")
def wide() -> Table:
    values = np.random.default_rng(0).normal(size=(3, N_COLUMNS))
    return Table.of_frame("wide", pl.DataFrame(values, schema=[f"c{i}" for i in range(N_COLUMNS)]))


def test_a_score_of_ten_thousand_columns_fits_and_counts_what_it_leaves_out(wide: Table):
    card = Scorecard(
        required=tuple(wide.columns), outliers={"method": "none"}, ml_ready="completeness >= 0.5"
    )
    content = shown_of(score(Case(wide, card)))
    assert {"card.required": N_COLUMNS - 400} == content["left_out"]
    assert content["content"]["n_checks"] == N_COLUMNS  # type: ignore[index]
    assert len(content["content"]["checks"]) == 400  # type: ignore[index,arg-type]


def test_a_table_of_ten_thousand_columns_fits(wide: Table):
    content = shown_of(LoadedTable.of(wide))
    assert {"schema": N_COLUMNS - 400} == content["left_out"]


def test_long_names_are_cut_until_it_fits():
    content = {f"{'n' * 3_000}{i}": ["t" * 5_000] * 300 for i in range(300)}
    shown, left_out = bounded(content)
    assert len(json.dumps(shown)) <= MAXIMUM_BYTES
    assert left_out[""] > 0


def test_what_is_small_is_whole():
    content = {"a": [1, 2.5, None, "x"], "b": {"c": math.nan, "d": 1 / 3}}
    assert bounded(content) == (
        {"a": [1, 2.5, None, "x"], "b": {"c": None, "d": 0.333333}},
        {},
    )
