"""What every fix keeps, whoever wrote it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.recommending.case import FixCase
from qforge_jupyter.engine.collapse.recommending.fixes import FIXES
from qforge_jupyter.engine.collapse.recommending.trialing import applied, in_order
from qforge_jupyter.frames import Table
from qforge_jupyter.results.uncertainty import NotApplicable

MEMBERS = FIXES.members()
NAN, INF = float("nan"), float("inf")


def mixed(n: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return pl.DataFrame(
        {
            "id": range(1000 * seed, 1000 * seed + n),
            "x": x,
            "whole": rng.poisson(5 + x.clip(-2, 2)),
            "day": [date(2024, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 300, n)],
            "is": x > 0.3,
            "level": rng.choice(["a", "b", "c"], n),
            "gap": np.where(rng.random(n) < 0.2, NAN, x),
            "note": [f"text {i} {seed}" for i in range(n)],
        },
        strict=False,
    ).with_columns(pl.col("level").cast(pl.Categorical), pl.col("gap").fill_nan(None))


def shifted(rows: pl.DataFrame) -> pl.DataFrame:
    """Damage every column a little."""
    return rows.with_columns(
        pl.col("x") * 0.5,
        pl.col("whole") + 2,
        pl.col("day").shuffle(1),
        pl.when(pl.int_range(pl.len()) % 2 == 0)
        .then(pl.lit("a"))
        .otherwise(pl.col("level").cast(pl.String))
        .cast(pl.Categorical)
        .alias("level"),
        pl.when(pl.int_range(pl.len()) % 3 > 0).then("gap").alias("gap"),
    )


def case_of(candidate: pl.DataFrame, reference: pl.DataFrame, target: str = "") -> FixCase:
    tables = (Table.of_frame("synth", candidate), Table.of_frame("real", reference))
    return FixCase.of(CollapseCase(*tables, target=target))


SOUND = mixed(300, 1), mixed(400, 2)
HOSTILE = {
    "one row": (SOUND[0].head(1), SOUND[1]),
    "one real row": (SOUND[0], SOUND[1].head(1)),
    "constant": (
        pl.DataFrame({"x": [1.0] * 100, "y": [2.0] * 100}),
        pl.DataFrame({"x": [1.0] * 99 + [2.0], "y": [3.0] * 100}),
    ),
    "nothing but nulls": (
        pl.DataFrame({"x": [None] * 80, "y": range(80)}, schema={"x": pl.Float64, "y": pl.Float64}),
        pl.DataFrame({"x": [1.0, 2.0] * 40, "y": [1.0, 5.0] * 40}),
    ),
    "nan and infinite": (
        pl.DataFrame({"x": [NAN, INF, -INF, 1.0] * 25, "y": [1e100, -1e100] * 50}),
        pl.DataFrame({"x": [1.0, 2.0, INF, NAN] * 25, "y": [1.0, 2.0] * 50}),
    ),
    "integers at the edge": (
        pl.DataFrame({"x": [2**63 - 1, -(2**63)] * 50, "y": [1, 2] * 50}),
        pl.DataFrame({"x": [2**62, -(2**62)] * 50, "y": [1, 2, 2, 3] * 25}),
    ),
    "names that are patterns": (
        SOUND[0].rename({"x": "^.*$", "whole": "*"}),
        SOUND[1].rename({"x": "^.*$", "whole": "*"}),
    ),
    "an enum that lacks a level": (
        pl.DataFrame(
            {"e": ["a", "b"] * 50, "x": range(100)},
            schema={"e": pl.Enum(["a", "b"]), "x": pl.Float64},
        ),
        pl.DataFrame(
            {"e": ["a", "c", "c", "c"] * 25, "x": range(100)},
            schema={"e": pl.String, "x": pl.Float64},
        ),
    ),
    "integers beside fractions": (
        pl.DataFrame({"x": [1, 2] * 50, "y": [1, 3, 5, 7] * 25}),
        pl.DataFrame({"x": [0.5, 9.25] * 50, "y": [1, 3, 3, 3] * 25}),
    ),
    "a column that the reference lacks": (
        SOUND[0].with_columns(extra=pl.lit(1)),
        SOUND[1].with_columns(other=pl.lit("x")),
    ),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_it_says_what_it_does_and_takes(name: str):
    module = MEMBERS[name]
    assert (module.__doc__ or "").split(":")[0].lower().replace(" ", "-").strip()
    assert (bool(module.TITLE), bool(module.NEEDS)) == (True, True)
    assert {type(module.TAKES_ROWS), type(module.IS_OF_ALL_ROWS)} == {bool}


@pytest.mark.parametrize("name", MEMBERS)
def test_columns_keep_their_names_and_types_and_the_rest_of_the_rows(name: str):
    candidate = shifted(SOUND[0])
    case = case_of(candidate, SOUND[1], target="is")
    found = applied((name,), case)
    if isinstance(found, NotApplicable):
        return
    frame = in_order(case, found)
    assert frame.schema == candidate.schema
    assert frame["id"].is_unique().all()
    assert len(found.rows) == frame.height
    assert 0 < found.n_changed <= max(frame.height, candidate.height)
    kept = frame.filter(pl.col("id") < 1_300).select("id", "note")
    assert kept.equals(
        candidate.select("id", "note").filter(pl.col("id").is_in(kept["id"].implode()))
    )


@pytest.mark.parametrize("name", MEMBERS)
def test_it_changes_neither_the_candidate_nor_the_reference(name: str):
    candidate, reference = shifted(SOUND[0]), SOUND[1].clone()
    before = candidate.clone()
    applied((name,), case_of(candidate, reference, target="is"))
    assert candidate.equals(before)
    assert reference.equals(SOUND[1])


@pytest.mark.parametrize("name", MEMBERS)
def test_the_order_of_the_rows_and_a_second_time_change_nothing(name: str):
    candidate, reference = shifted(SOUND[0]), SOUND[1]
    mixed_up = candidate.sample(fraction=1, shuffle=True, seed=3), reference.reverse()
    tables = []
    for each in ((candidate, reference), (candidate, reference), mixed_up):
        case = case_of(*each, target="is")
        found = applied((name,), case)
        if isinstance(found, NotApplicable):
            tables.append(found.reason)
        else:
            made = (
                in_order(case, found)
                .drop("id", "note")
                .with_columns(pl.col("level").cast(pl.String))
            )
            tables.append(made.sort(pl.all()))
    same = [
        str(tables[0]) == str(each) if isinstance(each, str) else tables[0].equals(each)
        for each in tables
    ]
    assert same == [True] * 3


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", MEMBERS)
def test_any_table_is_fixed_or_a_reason_given(name: str, kind: str):
    candidate, reference = HOSTILE[kind]
    for target in ("", candidate.columns[-1] if candidate.columns[-1] in reference.columns else ""):
        case = case_of(candidate, reference, target=target)
        found = applied((name,), case)
        if isinstance(found, NotApplicable):
            assert found.reason
            assert not found.reason.endswith(".")
        else:
            assert found.frame.height > 0
            assert found.frame.columns == candidate.columns
