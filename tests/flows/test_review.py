"""What a careful stranger tried."""

import signal
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, DataError, FormatError, QualityError, RuleError

NOT_WEIGHED = {"validity": 0, "consistency": 0, "uniqueness": 0}


@pytest.fixture
def ws(tmp_path):
    with qf.open(str(tmp_path / "lab"), tracker="none", progress=False) as workspace:
        yield workspace


def test_outliers_are_judged_without_any_range(ws):
    rows = pl.DataFrame({"a": [float(i % 5) for i in range(50)] + [100.0]})
    report = ws.score(rows, required=["a"], weights=NOT_WEIGHED)
    certificate = ws.certify(rows, from_=report, approve_lineage=True, reason="measured")
    assert (True, "undocumented outlier") == certificate.should_exclude(50)


@pytest.mark.parametrize("text", ['id,name\n"1" ,x\n2,y\n', 'a,b\n"1"x,2\n'])
def test_a_malformed_csv_is_one_sentence_without_its_cells(ws, tmp_path, text):
    path = tmp_path / "secretcell.csv"
    path.write_text(text)
    try:
        table = ws.load(str(path))
    except FormatError as refused:
        assert "\n" not in refused.message
    else:
        assert 2 >= table.frame.height


@pytest.mark.parametrize("query", ["select 1 as a, 2 as a", "select interval 1 day"])
def test_an_answer_that_is_no_table_is_a_sentence(ws, query):
    with pytest.raises(DataError):
        ws.sql(query)


@pytest.mark.parametrize("query", [5, None])
def test_sql_wants_text(ws, query):
    with pytest.raises(CallError):
        ws.sql(query)


def test_a_long_query_stops_when_it_is_interrupted(ws):
    main = threading.main_thread().ident
    timer = threading.Timer(1.0, signal.pthread_kill, (main, signal.SIGINT))
    started = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        ws.sql("select sum(a.range * b.range) from range(20000000) a, range(10000000) b")
    assert 60 > time.monotonic() - started


@pytest.mark.parametrize("gate", ["overall >= 80", "completeness > 1.5"])
def test_a_gate_that_can_never_hold_is_refused(ws, gate):
    with pytest.raises(RuleError, match="0 to 1"):
        ws.score(pl.DataFrame({"a": [1.0]}), required=["a"], ml_ready=gate)


def test_weights_that_leave_nothing_for_the_others_are_refused(ws):
    with pytest.raises(CallError, match="leave nothing"):
        ws.score(pl.DataFrame({"a": [1.0]}), required=["a"], weights={"validity": 2})


def test_an_unknown_setting_is_named_with_the_nearest(tmp_path):
    with pytest.raises(CallError, match="'tracker'"):
        qf.open(str(tmp_path), trackr="none")


def test_python_values_stand_for_their_text(ws):
    rows = pl.DataFrame({"a": [1, 2, 3], "b": [True, False, None]})
    report = ws.score(rows, values={"a": [1, 2], "b": [True]}, ranges={"a": (0, 2)})
    assert [1, 1, 1] == [check.n_failed for check in report.checks]


def test_a_path_loads_like_its_text(ws, tmp_path):
    path = Path(tmp_path, "a.csv")
    path.write_text("x\n1\n")
    assert 1 == len(ws.load(path))


def test_a_fingerprint_takes_any_table():
    frame = pl.DataFrame({"x": [1.0, 2.0]})
    same = (pd.DataFrame({"x": [1.0, 2.0]}), frame.to_arrow(), {"x": np.array([1.0, 2.0])})
    assert {qf.fingerprint(frame)} == {qf.fingerprint(each) for each in same}


def test_an_interrupt_is_no_error_of_a_category(ws, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qforge_jupyter.verbs.score.score", stop)
    with pytest.raises(KeyboardInterrupt):
        ws.score(pl.DataFrame({"a": [1.0]}), required=["a"])
    run = ws.context.store.read_table("run").row(0, named=True)
    assert ("interrupted", None) == (run["status"], run["error_category"])


def test_a_refused_gate_still_says_why(ws):
    with pytest.raises(QualityError, match="refused"):
        ws.score(pl.DataFrame({"a": [None, 1.0]}), required=["a"], refuse_if="completeness < 80%")


def test_rules_of_another_tool_that_cannot_be_taken_are_named(ws, tmp_path):
    path = Path(tmp_path, "suite.json")
    path.write_text(
        '{"name": "s", "expectations": ['
        '{"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a"}},'
        '{"type": "expect_column_median_to_be_between", "kwargs": {"column": "a", "min_value": 1}}'
        "]}"
    )
    report = ws.score(pl.DataFrame({"a": [1.0, None]}), rules_from=str(path))
    assert 0.5 == report.scores["completeness"]
    assert ["Not imported"] == [note.name.partition(":")[0] for note in report.notes]
    assert "Not imported" in repr(report)
