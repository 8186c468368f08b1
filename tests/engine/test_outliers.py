"""Outliers are those of the textbook, and dirty data cannot move the fences."""

from __future__ import annotations

import dataclasses
import json
import time

import numpy as np
import polars as pl
import pytest
import scipy.stats
from polars.testing import assert_frame_equal
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from qforge_jupyter.engine.fences import column_fences, outlier_expressions
from qforge_jupyter.engine.outliers import find_outliers
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.outliers import ANOMALIES_AT_MOST, SEVERITIES

INF, NAN = float("inf"), float("nan")


def real(load):
    data = load()
    return pl.DataFrame(data.data, schema=list(data.feature_names)).with_columns(
        kind=pl.Series(data.target).cast(pl.String)
    )


REAL = {"wine": load_wine, "cancer": load_breast_cancer, "diabetes": load_diabetes}


@pytest.fixture(params=REAL)
def frame(request):
    return real(REAL[request.param])


def numbers(frame):
    return [name for name in frame.columns if name != "kind"]


def flags(frame, fences):
    return frame.lazy().select(outlier_expressions(fences)).collect()


def test_iqr_fences_are_those_of_scipy(frame):
    found = column_fences(frame.lazy(), numbers(frame)).filter(pl.col("reason") == "")
    assert found.height > 0
    for column, low, high in found.select("column", "low", "high").iter_rows():
        values = frame[column].to_numpy()
        first, third = np.quantile(values, [0.25, 0.75])
        reach = 1.5 * scipy.stats.iqr(values)
        assert (low, high) == pytest.approx((first - reach, third + reach))


def test_z_flags_are_those_of_scipy(frame):
    columns = numbers(frame)
    found = flags(frame, column_fences(frame.lazy(), columns, "z"))
    for column in columns:
        z = scipy.stats.zscore(frame[column].to_numpy(), ddof=1)
        assert found[column].to_list() == (np.abs(z) > 3).tolist()


def test_mad_flags_are_those_of_scipy(frame):
    columns = numbers(frame)
    fences = column_fences(frame.lazy(), columns, "mad").filter(pl.col("reason") == "")
    found = flags(frame, fences)
    for column in fences["column"]:
        values = frame[column].to_numpy()
        unit = scipy.stats.median_abs_deviation(values, scale="normal")
        assert found[column].to_list() == (np.abs(values - np.median(values)) / unit > 3.5).tolist()


@pytest.mark.parametrize("method", ["iqr", "z", "mad"])
def test_a_group_has_the_fences_of_its_rows_alone(frame, method):
    columns = numbers(frame)
    grouped = column_fences(frame.lazy(), columns, method, by=["kind"])
    kind = frame["kind"][0]
    ours = grouped.filter(pl.col("group").struct["kind"] == kind).drop("group")
    alone = column_fences(frame.filter(pl.col("kind") == kind).lazy(), columns, method)
    assert_frame_equal(ours, alone)


def test_hand_made_distances_and_severities_are_right():
    # quartiles 2 and 4, range 2: fences -1 and 7; 90 lies 43 ranges above 4
    rows = pl.DataFrame({"gap": [1.0, 2.0, 3.0, 4.0, 90.0]})
    report = find_outliers(Table.of_frame("calcs", rows))
    assert report.rows.row(0) == (4, "gap", 90.0, -1.0, 7.0, 43.0, "critical", "", "")


def test_severity_grows_with_the_distance_in_both_directions():
    bulk = [-1.0, 1.0] * 500  # quartiles -1 and 1: range 2
    far = [1 + 2 * 1.6, -1 - 2 * 2.5, 1 + 2 * 3.5, -1 - 2 * 7]
    report = find_outliers(Table.of_frame("t", pl.DataFrame({"x": bulk + far})))
    found = dict(report.rows.select("row", "severity").iter_rows())
    assert found == {1000: "low", 1001: "medium", 1002: "high", 1003: "critical"}
    assert dict(report.rows.select("row", "distance").iter_rows())[1003] == pytest.approx(-7)


@pytest.mark.parametrize("method", ["iqr", "z", "mad"])
def test_missing_and_infinite_values_do_not_move_the_fences(method):
    clean = real(load_wine)["ash"]
    dirty = pl.concat([clean, pl.Series("ash", [None, NAN, INF, -INF])])
    wanted = column_fences(clean.to_frame().lazy(), ["ash"], method)
    found = column_fences(dirty.to_frame().lazy(), ["ash"], method)
    assert found.select("low", "high").row(0) == wanted.select("low", "high").row(0)
    assert found.select("n", "n_missing", "n_infinite").row(0) == (178, 2, 2)
    assert flags(dirty.to_frame(), found)["ash"][-4:].to_list() == [False, False, True, True]


def test_an_infinite_value_is_critical_even_where_there_are_no_fences():
    report = find_outliers(Table.of_frame("t", pl.DataFrame({"x": [5.0] * 9 + [-INF]})))
    assert report.rows.select("row", "distance", "severity").row(0) == (9, -INF, "critical")
    assert report.declined["reason"].to_list() == ["all values are equal"]


@pytest.mark.parametrize(
    ("method", "values", "reason"),
    [
        ("iqr", [0.1] * 50, "all values are equal"),
        ("z", [0.1] * 50, "all values are equal"),
        ("iqr", [1.0] * 50 + [2.0], "is 0: too many values are equal"),
        ("mad", [1.0] * 50 + [2.0], "is 0: too many values are equal"),
        ("iqr", [1.0, 2.0, 3.0, 9.0], "fewer than 5 finite values"),
        ("z", list(range(10)), "fewer than 11 finite values"),
        ("z", [1e300, -1e300] * 20, "too large for double precision"),
        ("iqr", [None] * 20, "fewer than 5 finite values"),
    ],
)
def test_a_column_that_cannot_be_judged_declines_with_the_reason(method, values, reason):
    rows = pl.DataFrame({"x": pl.Series(values, dtype=pl.Float64)})
    report = find_outliers(Table.of_frame("t", rows), method=method)
    assert reason in report.declined["reason"][0]
    assert report.rows.height == 0


def test_a_small_group_declines_alone_and_null_keys_are_a_group():
    rows = pl.DataFrame(
        {
            "site": ["a"] * 6 + [None] * 6 + ["b"] * 2,
            "x": [1.0, 2, 3, 4, 5, 99, 101, 102, 103, 104, 105, 5, 1, 1e6],
        }
    )
    report = find_outliers(Table.of_frame("t", rows), by=["site"])
    assert report.rows.sort("row").select("row", "group").rows() == [
        (5, "site=a"),
        (11, "site=null"),
    ]
    assert report.declined.rows() == [("x", "site=b", "fewer than 5 finite values")]


def test_integers_at_the_edge_of_their_type_do_not_wrap():
    rows = pl.DataFrame({"x": [2**63 - 1, -(2**63), *range(50), *range(50)]})
    for method in ("iqr", "mad"):
        report = find_outliers(Table.of_frame("t", rows), method=method)
        assert sorted(report.rows["row"].to_list()) == [0, 1]


@pytest.mark.parametrize("name", ["^x.*$", "*", "value0", "key0", "low", "column", "群 <b>"])
def test_a_column_of_any_name_is_judged_and_groups(name):
    rows = pl.DataFrame({name: [1.0, 2, 3, 4, 5, 99] * 2, "x1": ["a"] * 6 + ["b"] * 6})
    whole = find_outliers(Table.of_frame("t", rows), columns=[name], keys=["x1"])
    assert set(whole.rows["row"]) == {5, 11}
    split = find_outliers(Table.of_frame("t", rows), columns=[name], by=["x1"])
    assert set(split.rows["row"]) == {5, 11}
    turned = rows.rename({name: "y", "x1": name})
    assert find_outliers(Table.of_frame("t", turned), by=[name]).rows.height == 2


def test_ids_are_left_out_and_said_to_be():
    rows = real(load_wine).with_columns(id=pl.int_range(178), rank=pl.int_range(178) % 7)
    report = find_outliers(Table.of_frame("wine", rows))
    assert "id" not in report.counts["column"]
    assert "rank" in report.counts["column"]
    assert report.notes == ("Left out as ids, since no integer in them repeats: id.",)


def test_each_far_value_becomes_an_anomaly_with_its_keys():
    rows = pl.DataFrame({"name": ["a", "b", "c", "d", "e"], "gap": [1.0, 2.0, 3.0, 4.0, 90.0]})
    (anomaly,) = find_outliers(Table.of_frame("t", rows), keys=["name"]).anomalies
    assert (anomaly.kind, anomaly.column, anomaly.severity, anomaly.method, anomaly.statistic,
            anomaly.low, anomaly.high, anomaly.rows, anomaly.entities, anomaly.action) == (
        "anomaly", "gap", "critical", "iqr", 43.0, -1.0, 7.0, (4,), ("e",), "flagged",
    )  # fmt: skip


def test_an_infinite_value_can_be_written_as_json():
    rows = pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0, INF]})
    report = find_outliers(Table.of_frame("t", rows))
    (anomaly,) = report.anomalies
    assert (anomaly.statistic, anomaly.detail["value"]) == (None, "inf")
    assert '"value": "inf"' in json.dumps(report.payload(), allow_nan=False)


def test_beyond_a_thousand_the_nearer_outliers_are_counted_together():
    rng = np.random.default_rng(1)
    rows = pl.DataFrame({"x": rng.standard_cauchy(20_000), "y": rng.standard_cauchy(20_000)})
    report = find_outliers(Table.of_frame("t", rows))
    anomalies = report.anomalies
    assert report.rows.height > 2_000
    assert sum(anomaly.n_rows for anomaly in anomalies) == report.rows.height
    assert len(anomalies) <= ANOMALIES_AT_MOST + 2 * 4
    assert all(len(anomaly.rows) <= 100 for anomaly in anomalies)


def test_a_lazy_table_gives_the_same_report_as_one_in_memory(tmp_path):
    rows = real(load_breast_cancer)
    rows.write_parquet(tmp_path / "cancer.parquet")
    there = Table("cancer", pl.scan_parquet(tmp_path / "cancer.parquet"))
    for by in ([], ["kind"]):
        found = find_outliers(there, by=by)
        assert_frame_equal(found.rows, find_outliers(Table.of_frame("cancer", rows), by=by).rows)


def test_the_parts_of_a_report_agree():
    report = find_outliers(Table.of_frame("wine", real(load_wine)), by=["kind"])
    metrics = {(metric.name, metric.subject): metric.value for metric in report.metrics()}
    assert metrics["outlier_rows", "dataset"] == report.rows["row"].n_unique()
    assert report.counts["n_outliers"].sum() == report.rows.height
    assert report.payload()["n_outlier_rows"] == report.n_outlier_rows
    assert set(report.frames()) == {"outliers", "fences"}
    assert str(report.n_outlier_rows) in report.document().verdict


def test_an_empty_table_has_no_outliers():
    report = find_outliers(Table.of_frame("t", pl.DataFrame({"x": []}, {"x": pl.Float64})))
    assert report.n_outlier_rows == 0
    assert report.document().tone == "good"


def test_fences_judge_rows_they_have_not_seen_and_know_no_group_they_have_not_seen():
    seen = pl.DataFrame({"site": ["a"] * 5, "x": [1.0, 2, 3, 4, 5]})
    new = pl.DataFrame({"site": ["a", "b", "b"], "x": [99.0, 99.0, INF]})
    fences = column_fences(seen.lazy(), ["x"], by=["site"])
    assert flags(new, fences)["x"].to_list() == [True, False, True]


@pytest.mark.parametrize(
    ("wrong", "kind", "sentence"),
    [
        ({"method": "iqrr"}, CallError, "did you mean 'iqr'"),
        ({"columns": ["alcoho"]}, CallError, "did you mean 'alcohol'"),
        ({"columns": []}, CallError, "wanted at least one"),
        ({"columns": ["kind"]}, DataError, "wanted a number"),
        ({"threshold": -1.0}, CallError, "wanted a positive number"),
        ({"threshold": NAN}, CallError, "wanted a positive number"),
        ({"contamination": 0.1}, CallError, "give a threshold instead"),
        ({"method": "isolation-forest", "by": ["kind"]}, CallError, "leave `by` out"),
        ({"method": "isolation-forest", "contamination": 0.9}, CallError, "a share up to"),
    ],
)
def test_a_wrong_call_is_told_in_one_sentence(wrong, kind, sentence):
    with pytest.raises(kind, match=sentence):
        find_outliers(Table.of_frame("wine", real(load_wine)), **wrong)


def planted():
    """Two correlated columns, and five rows that only both together betray."""
    rng = np.random.default_rng(4)
    x = rng.standard_normal(500)
    y = x + 0.1 * rng.standard_normal(500)
    x[:5], y[:5] = [2, -2, 2, -2, 1.8], [-2, 2, -1.8, 2.2, -2]
    return pl.DataFrame({"x": x, "y": y, "level": [1.0] * 500})


@pytest.mark.parametrize(
    "method", ["isolation-forest", "local_outlier_factor", "elliptic-envelope"]
)
def test_rows_that_only_several_columns_betray_are_found(method):
    table = Table.of_frame("t", planted())
    assert find_outliers(table, columns=["x", "y"]).rows.filter(pl.col("row") < 5).is_empty()
    report = find_outliers(table, method=method, contamination=0.04)
    assert report.rows.height == 20
    assert {0, 1, 2, 3, 4} <= set(report.rows["row"])
    assert report.notes == ("Left out, since they do not vary: level.",)
    assert find_outliers(table, method=method, contamination=0.04).rows.equals(report.rows)


@pytest.mark.parametrize("method", ["local-outlier-factor", "elliptic-envelope"])
def test_whole_rows_are_cut_where_the_method_cuts(method):
    report = find_outliers(Table.of_frame("t", planted()), method=method)
    assert {0, 1, 2, 3, 4} <= set(report.rows["row"])
    assert report.rows.height < 30


def test_values_missing_in_a_row_are_filled_in_and_counted():
    rows = planted().with_columns(
        x=pl.when(pl.int_range(500) == 100).then(INF).when(pl.int_range(500) == 101).then(NAN)
        .otherwise("x")
    )  # fmt: skip
    report = find_outliers(Table.of_frame("t", rows), method="elliptic-envelope", keys=["level"])
    assert "2 missing or infinite values of 1,000 were taken as the median" in report.notes[0]
    infinite = report.rows.filter(pl.col("column") == "x")
    assert infinite.select("row", "severity", "entity").row(0) == (100, "critical", "1.0")


def test_too_few_rows_for_many_columns_decline():
    with pytest.raises(DataError, match="There are 40 rows, wanted at least 65"):
        find_outliers(Table.of_frame("w", real(load_wine).head(40)), method="elliptic-envelope")


def test_columns_that_depend_on_each_other_decline():
    rows = planted().with_columns(z=pl.col("x") - pl.col("y"))
    with pytest.raises(DataError, match="depend on each other"):
        find_outliers(Table.of_frame("t", rows), method="elliptic-envelope")


def test_a_report_cannot_be_changed():
    report = find_outliers(Table.of_frame("wine", real(load_wine)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.method = "z"


def test_ten_thousand_columns_are_searched_in_seconds_and_shown_within_bounds():
    random = np.random.default_rng(0)
    names = [f"c{i}" for i in range(10_000)]
    table = Table.of_frame("wide", pl.from_numpy(random.standard_normal((100, 10_000)), names))
    started = time.process_time()
    report = find_outliers(table)
    page, _ = report._repr_mimebundle_()
    findings = report.findings()
    # Looking at all columns for each of them took minutes.
    assert 30 > time.process_time() - started
    assert len(page["text/html"]) < 100_000
    assert len(json.dumps(page["application/vnd.qforge.result+json"])) < 200_000
    assert 2_000 + len(SEVERITIES) >= len(findings)
    assert 1_002 == len(report.metrics())


@pytest.mark.parametrize("by", [(), ("g",)])
def test_the_lines_of_many_columns_are_those_of_each_alone(by):
    random = np.random.default_rng(1)
    names = [f"c{i}" for i in range(510)]
    frame = pl.from_numpy(random.standard_normal((40, 510)), names).with_columns(
        g=pl.Series(["a", "b", "b", None] * 10)
    )
    found = find_outliers(Table.of_frame("wide", frame), by=by, keys=("g",)).rows
    for name in ("c0", "c499", "c500", "c509"):
        alone = find_outliers(Table.of_frame("wide", frame), columns=[name], by=by, keys=("g",))
        assert alone.rows.sort("row").equals(found.filter(pl.col("column") == name).sort("row"))
