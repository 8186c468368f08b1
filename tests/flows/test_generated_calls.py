"""Whatever is asked of whatever table: a sentence, or a report whose numbers agree."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scorecards import SCORECARDS
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.errors import QForgeError
from qforge_jupyter.frames import Table
from qforge_jupyter.language.body import Body
from qforge_jupyter.language.validation import validate
from qforge_jupyter.results.score import UNSCORED, ScoreReport
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs.score import make_card

NAMES = ["a", "b", "c d", "^a$", "*", "row", "is_first", "in"]
CELLS: dict[pl.DataType, st.SearchStrategy[object]] = {
    pl.Float64(): st.sampled_from([0.0, -0.0, 1.5, -3.0, math.nan, math.inf, -math.inf, 1e300]),
    pl.Float32(): st.sampled_from([0.0, 1.5, math.nan, math.inf]),
    pl.Int64(): st.sampled_from([0, 1, -1, 2**63 - 1, -(2**63)]),
    pl.UInt8(): st.integers(0, 255),
    pl.Boolean(): st.booleans(),
    pl.String(): st.sampled_from(["", "a", "<script>", "1", "a\0", "x" * 300, "\u202e"]),
    pl.Categorical(): st.sampled_from(["a", "b"]),
    pl.Enum(["a", "b"]): st.sampled_from(["a", "b"]),
    pl.Date(): st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)),
    pl.Datetime("us", "UTC"): st.datetimes(timezones=st.just(dt.UTC)),
    pl.Duration("us"): st.timedeltas(dt.timedelta(-9), dt.timedelta(9)),
    pl.Time(): st.times(),
    pl.Decimal(12, 3): st.sampled_from([Decimal("1.500"), Decimal(-2)]),
    pl.Binary(): st.binary(max_size=3),
    pl.Null(): st.none(),
    pl.List(pl.Float64): st.lists(st.sampled_from([1.0, math.nan, None]), max_size=2),
    pl.Struct({"x": pl.Int64}): st.fixed_dictionaries({"x": st.integers(0, 2)}),
}
RANGE = st.sampled_from(
    ["0 .. 1", ".. 0", "-1 <..< 5", ">= 0.5", "0 .. 1 eV", "0 .. 1 foo", "2020-01-01 ..", "x", "",
     "5 .. 1", "0..1e999", "-9223372036854775808 .. 9223372036854775807"]
)  # fmt: skip
RULE = st.sampled_from(
    ["a < b", "a == b within 5%", "`c d` is null or a > 0", "a + b > 1 eV", "not a", "len(a) > 1",
     "a in [1, 2]", "a", "a <", "1 < 2", "__import__('os')", "a / b > 0", "a ** b > 1",
     "a implies b", "year(a) > 2000", "a matches '('", "`nope` > 1", "a % b == 0", "a // b < 9"]
)  # fmt: skip


def keys_over(names: list[str]) -> dict[str, st.SearchStrategy[object]]:
    """Values of each key; they mostly speak of columns that exist."""
    column = st.sampled_from([*names * 6, "nope"])
    return {
        "required": st.lists(column, max_size=3) | st.just("a when b > 0") | st.just("a, b"),
        "optional": st.lists(column, max_size=2),
        "units": st.dictionaries(column, st.sampled_from(["eV", "foo", ""]), max_size=1),
        "ranges": st.dictionaries(column, RANGE, max_size=3),
        "values": st.dictionaries(column, st.lists(st.sampled_from(["a", "1", "True", "x"]))),
        "patterns": st.dictionaries(column, st.sampled_from(["^a", "(", "", ".*"]), max_size=2),
        "rules": st.dictionaries(st.sampled_from(["r", "s", "; ", ""]), RULE, max_size=3),
        "unique by": st.lists(column, max_size=3) | st.just("*"),
        "accuracy": st.dictionaries(column, st.sampled_from(["± 0.1", "b", "± b"]), max_size=2),
        "outliers": st.sampled_from(["iqr", "z", "mad", "none", "sigma", ""])
        | st.fixed_dictionaries(
            {"method": st.sampled_from(["iqr", "z", "mad"])},
            optional={
                "columns": st.lists(column, max_size=2),
                "by": st.lists(column, max_size=2),
                "threshold": st.sampled_from(["2", "0", "-1", "nan", "inf", "x"]),
            },
        ),
        "weights": st.dictionaries(
            st.sampled_from(["completeness", "validity", "uniqueness", "validty"]),
            st.sampled_from(["0", "0.5", "50%", "-1", "nan", "inf", "1e308"]),
            max_size=3,
        ),
        "bands": st.dictionaries(
            st.sampled_from(["good", "fine", "exclude", ""]),
            st.sampled_from(["0.5", "80%", "2", "0.8", "x"]),
            max_size=3,
        ),
        "ml ready": st.sampled_from(
            ["overall >= 0.5", "no failed check", "lineage approved", "validity < 0.2", "x", ""]
        ),
        "rangs": st.just("x"),
    }


@st.composite
def calls(draw: st.DrawFn) -> tuple[pl.DataFrame, dict[str, object]]:
    frame = draw(frames())
    keys = keys_over(frame.columns)
    chosen = draw(st.lists(st.sampled_from(sorted(keys)), unique=True, min_size=1, max_size=4))
    return frame, {key: draw(keys[key]) for key in chosen}


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
    n_rows = draw(st.sampled_from([0, 1, 7, 30, 30]))
    columns = {}
    for name in names:
        dtype = draw(st.sampled_from([*CELLS, *[pl.Float64()] * 12]))
        cells = st.none() | CELLS[dtype]
        values = draw(st.lists(cells, min_size=n_rows, max_size=n_rows))
        columns[name] = pl.Series(values, dtype=dtype)
    return pl.DataFrame(columns)


def check(report: ScoreReport, n_rows: int) -> None:
    """Hold the numbers of a report to each other."""
    assert report.n_rows == report.rows.height == n_rows
    for each in report.checks:
        assert each.n_passed + each.n_failed + each.n_not_evaluable == n_rows
        assert min(each.n_passed, each.n_failed, each.n_not_evaluable) >= 0
        assert len(each.failing) == each.n_failed
    for name in ("completeness", "validity", "consistency", "uniqueness", "overall"):
        scores = report.rows[name].drop_nulls()
        assert scores.is_between(0, 1).all()
    for part in report.dimensions:
        if part.score:
            assert 0 <= part.score.low <= part.score.value <= part.score.high <= 1
    n_unscored = report.rows["overall"].null_count()
    assert sum(band.n_rows for band in report.bands) == n_rows
    assert n_unscored == sum(band.n_rows for band in report.bands if band.name == UNSCORED)
    assert (report.rows["ml_ready"] == (report.rows["refusals"] == "")).all()
    assert not (report.missing and report.n_ready)
    assert report.bad.height == sum(each.n_failed for each in report.checks)
    assert all(math.isfinite(metric.value) for metric in report.metrics())
    page, _ = report._repr_mimebundle_()
    assert len(page["text/html"]) <= 100_000
    assert "<script" not in page["text/html"]


QUIETLY = settings(
    max_examples=400, deadline=60_000, suppress_health_check=list(HealthCheck), derandomize=True
)


@QUIETLY
@given(calls())
def test_a_generated_body_over_a_generated_table(call: tuple[pl.DataFrame, dict[str, object]]):
    frame, body = call
    table = Table.of_frame("calcs", frame)
    try:
        card = validate(Scorecard, Body(body, ""), where="score")
        made = make_card(Settings(_env_file=None), table, None, None, card)
        report = score(Case(table, made, is_lineage_approved=True))
    except QForgeError as refused:
        assert refused.category == "data", refused.message
        assert "\n" not in refused.message
        return
    check(report, frame.height)


@QUIETLY
@given(frames())
def test_what_is_proposed_for_a_generated_table_can_be_asked(frame: pl.DataFrame):
    table = Table.of_frame("calcs", frame)
    if not frame.width:
        return
    card = make_card(Settings(_env_file=None), table, "table", None, None)
    assert card.unique_by or not frame.height
    assert SCORECARDS.get("table").build(table).required == card.required
    check(score(Case(table, card)), frame.height)
