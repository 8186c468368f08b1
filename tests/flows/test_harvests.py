"""Harvests as cells and calls make them: committed, repeated, previewed, from databases."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, DataError, QForgeError
from qforge_jupyter.workspace import Workspace
from tests.flows.conftest import Notebook, rows_of

PLAN: dict[str, Any] = {
    "outcome": ["true"],
    "score": "none",
    "input": ["radius", "texture"],
    "expected_output": ["diagnosis"],
}
BODY = """\
outcome: true
score: none
input: [radius, texture]
expected output: diagnosis
"""


@pytest.fixture(scope="module")
def decisions() -> pl.DataFrame:
    """Give what a classifier said of biopsies that it had not seen, and whether it was right."""
    cells = load_breast_cancer(as_frame=True)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    judged = cross_val_predict(model, cells.data, cells.target, cv=5, method="predict_proba")
    said = judged.argmax(axis=1)
    return pl.DataFrame({
        "decision_id": range(1, 570),
        "radius": cells.data["mean radius"].to_numpy(),
        "texture": cells.data["mean texture"].to_numpy(),
        "diagnosis": [str(cells.target_names[each]) for each in said],
        "outcome": said == cells.target.to_numpy(),
        "confidence": judged.max(axis=1),
    })  # fmt: skip


@pytest.fixture
def good(decisions: pl.DataFrame) -> list[int]:
    """Give the ids of those that were right and sure, found in another way."""
    rows = decisions.rows(named=True)
    return [row["decision_id"] for row in rows if row["outcome"] and row["confidence"] >= 0.8]


def test_a_harvest_is_the_first_version_and_the_next_brings_what_is_new(
    ws: Workspace, decisions: pl.DataFrame, good: list[int]
):
    first = ws.collect("golden/cells", from_=decisions.head(300), source="log", **PLAN)
    assert first.examples["source_decision_id"].to_list() == [each for each in good if each <= 300]
    second = ws.collect("golden/cells", from_=decisions, source="log", **PLAN)
    assert second.examples["source_decision_id"].to_list() == [each for each in good if each > 300]
    stored = ws.checkout("golden/cells").frame
    assert stored["source_decision_id"].to_list() == good
    assert set(stored["validation_status"]) == {"pending"}
    third = ws.collect("golden/cells", from_=decisions, source="log", **PLAN)
    assert (third.n_new, third.commit, "nothing new" in repr(third)) == (0, None, True)
    assert ws.log("golden/cells").payload()["versions"][0]["n_rows"] == len(good)
    assert len(ws.log("golden/cells").payload()["versions"]) == 2


def test_examples_stay_as_people_left_them(ws: Workspace, decisions: pl.DataFrame):
    ws.collect("golden/cells", from_=decisions.head(100), source="log", **PLAN)
    labeled = ws.checkout("golden/cells").frame.with_columns(
        validation_status=pl.lit("validated"), difficulty=pl.lit(3)
    )
    ws.commit(labeled, to="golden/cells")
    ws.collect("golden/cells", from_=decisions.head(200), source="log", **PLAN)
    stored = ws.checkout("golden/cells").frame
    assert stored.head(labeled.height).equals(labeled)
    assert stored["difficulty"].null_count() == stored.height - labeled.height > 0


def test_accepting_writes_down_who_validated_an_example_and_when(
    ws: Workspace, decisions: pl.DataFrame
):
    ws.collect("golden/cells", from_=decisions.head(20), source="log", **PLAN)
    labeling = ws.label("golden/cells", as_="ann", **{"choose tier": {"a": "A", "b": "B"}})
    for _ in range(3):
        labeling.answer(labeling.next(), tier="A")
    judge = ws.label("golden/cells", as_="judy", type="validation")
    before = datetime.now(UTC)
    judge.answer(judge.next(), verdict="validated")
    judge.answer(judge.next(), verdict="rejected")
    assert "2 verdicts" in repr(ws.accept("golden/cells", message="judged"))
    names = ("validation_status", "validated_by")
    stored = ws.checkout("golden/cells").frame
    assert [("validated", "judy"), ("rejected", "judy"), ("pending", None)] == [
        *stored.select(names).head(3).iter_rows()
    ]
    moments = stored["validated_at"].drop_nulls().to_list()
    assert 2 == len([one for one in moments if before <= one <= datetime.now(UTC)])
    assert ["A", None, "A"] == stored["tier"].to_list()[:3]
    mend = ws.label(
        "golden/cells", as_="eve", type="correction", **{"choose tier": {"a": "A", "b": "B"}}
    )
    mend.answer(mend.next(), tier="B")
    ws.accept("golden/cells", message="mended")
    mended = ws.checkout("golden/cells").frame
    assert ("pending", None) == mended.select(names).row(1)
    assert ["A", "B", "A"] == mended["tier"].to_list()[:3]


def test_a_verdict_alone_can_be_accepted(ws: Workspace, decisions: pl.DataFrame):
    ws.collect("golden/cells", from_=decisions.head(20), source="log", **PLAN)
    pending = "validation_status = 'pending'"
    judge = ws.label("golden/cells", as_="judy", type="validation", where=pending)
    judge.answer(judge.next(), verdict="validated")
    ws.accept("golden/cells")
    assert "judy" == ws.checkout("golden/cells").frame["validated_by"][0]


def test_what_is_worked_on_meanwhile_is_kept_beside_the_harvest(
    ws: Workspace, decisions: pl.DataFrame
):
    ws.collect("golden/cells", from_=decisions.head(100), source="log", **PLAN)
    mine = ws.checkout("golden/cells").frame
    n_new = ws.collect("golden/cells", from_=decisions, source="log", **PLAN).n_new
    ws.commit(mine.with_columns(validation_status=pl.lit("rejected")), to="golden/cells")
    counts = ws.checkout("golden/cells").frame["validation_status"].value_counts()
    assert dict(counts.rows()) == {"rejected": mine.height, "pending": n_new}


def test_two_who_harvest_at_once_both_bring_theirs(
    ws: Workspace, decisions: pl.DataFrame, quiet_place: Path, good: list[int]
):
    ws.collect("golden/cells", from_=decisions.head(20), source="log", **PLAN)

    def harvest(rows: pl.DataFrame) -> None:
        with qf.open(str(quiet_place / "lab")) as mine:
            mine.collect("golden/cells", from_=rows, source="log", **PLAN)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(harvest, [decisions[20:200], decisions[200:400], decisions[400:]]))
    assert sorted(ws.checkout("golden/cells").frame["source_decision_id"]) == good


def test_a_forgotten_decision_stays_forgotten(ws: Workspace, decisions: pl.DataFrame, good: Any):
    ws.collect("golden/cells", from_=decisions, source="log", **PLAN)
    ws.forget("golden/cells", where=f"source_decision_id == {good[4]}", reason="asked for by mail")
    again = ws.collect("golden/cells", from_=decisions, source="log", **PLAN)
    fell = again.left_out.filter(pl.col("source_decision_id") == good[4])
    assert (again.n_new, fell["reason"].to_list()) == (0, ["forgotten on request"])


def test_a_harvest_goes_to_the_branch_that_is_named(ws: Workspace, decisions: pl.DataFrame):
    ws.collect("golden/cells", from_=decisions.head(100), source="log", **PLAN)
    ws.branch("golden/cells", as_="wide")
    n_main = ws.checkout("golden/cells").frame.height
    found = ws.collect("golden/cells@wide", from_=decisions, source="log", **PLAN)
    assert ws.checkout("golden/cells@wide").frame.height == n_main + found.n_new
    assert ws.checkout("golden/cells").frame.height == n_main


def test_two_sources_with_the_same_ids_live_in_a_dataset_keyed_by_both(
    ws: Workspace, decisions: pl.DataFrame
):
    keys = ["source_table", "source_decision_id"]
    other = decisions.with_columns(pl.col("radius") + 100)
    one = ws.collect("golden/cells", from_=decisions, source="a", by=keys, **PLAN)
    two = ws.collect("golden/cells", from_=other, source="b", **PLAN)
    assert one.n_new == two.n_new > 400
    with pytest.raises(CallError, match="that cannot be changed"):
        ws.collect("golden/cells", from_=other, source="c", by=["source_decision_id"], **PLAN)


def test_the_version_knows_its_source_and_the_version_before(
    ws: Workspace, decisions: pl.DataFrame
):
    ws.collect("golden/cells", from_=decisions.head(100), source="log", **PLAN)
    found = ws.collect("golden/cells", from_=decisions, source="log", **PLAN)
    (step,) = found.lineage()
    assert step.input_names[0] == "log"
    assert step.input_names[1].startswith("golden/cells@")
    drawn = repr(ws.lineage("golden/cells"))
    assert "collect" in drawn
    assert "log" in drawn


@pytest.fixture
def sqlite_log(tmp_path: Path, decisions: pl.DataFrame) -> str:
    """Give the URL of an SQLite file with the log in a table with an odd name."""
    with closing(sqlite3.connect(tmp_path / "log.db")) as connection:
        columns = ", ".join(decisions.columns)
        connection.execute(f'create table "the ""log""" ({columns})')
        places = ", ".join("?" * decisions.width)
        connection.executemany(f'insert into "the ""log""" values ({places})', decisions.rows())  # noqa: S608 — our own names
        connection.commit()
    return f"sqlite:///{tmp_path / 'log.db'}"


def test_a_table_and_a_query_with_bound_values_are_read_from_sqlite(
    ws: Workspace, sqlite_log: str, good: list[int]
):
    asked = {**PLAN, "outcome": ["1"]}
    whole = ws.collect("golden/whole", from_=sqlite_log, table='the "log"', **asked)
    assert whole.examples["source_decision_id"].to_list() == good
    assert set(whole.examples["source_table"]) == {'the "log"'}
    query = 'select * from "the ""log""" where decision_id > :last'
    late = ws.collect("golden/late", from_=sqlite_log, query=query, values={"last": 400}, **asked)
    assert late.examples["source_decision_id"].to_list() == [each for each in good if each > 400]
    hostile = {"last": "0 or 1=1"}
    with pytest.raises(DataError, match="holds no rows"):
        ws.collect("golden/none", from_=sqlite_log, query=query, values=hostile, **asked)


def test_a_password_is_nowhere_and_postgresql_is_read_as_any_other(
    ws: Workspace, postgresql_database: Any, decisions: pl.DataFrame, good: list[int]
):
    url = postgresql_database()
    plain = "postgresql://" + url.partition("://")[2]
    with psycopg.connect(plain) as connection:
        connection.execute("create schema lab")
        connection.execute(
            "create table lab.decisions (decision_id int, radius float8, texture float8,"
            " diagnosis text, outcome bool, confidence float8)"
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into lab.decisions values (%s, %s, %s, %s, %s, %s)", decisions.rows()
            )
    secret = f"{url}&password=hunter2" if "?" in url else f"{url}?password=hunter2"
    found = ws.collect("golden/pg", from_=secret, table="lab.decisions", **PLAN)
    assert found.examples["source_decision_id"].to_list() == good
    query = "select * from lab.decisions where decision_id <= :last"
    early = ws.collect("golden/early", from_=secret, query=query, values={"last": "50"}, **PLAN)
    assert early.n_new == sum(each <= 50 for each in good)
    with pytest.raises(QForgeError) as problem:
        ws.collect("golden/pg", from_=secret, query="select * from nowhere", **PLAN)
    store = ws.context.store
    kept = [store.read_table(name).write_json() for name in store.table_names()]
    assert "hunter2" not in "".join([str(problem.value), repr(found), *kept])


def test_a_store_on_postgresql_takes_a_harvest(
    quiet_place: Path, postgresql_database: Any, decisions: pl.DataFrame, good: list[int]
):
    with qf.open(postgresql_database(), tracker="none", folder=str(quiet_place)) as ws:
        ws.collect("golden/cells", from_=decisions.head(300), source="log", **PLAN)
        ws.collect("golden/cells", from_=decisions, source="log", **PLAN)
        assert ws.checkout("golden/cells").frame["source_decision_id"].to_list() == good


@pytest.fixture
def cells(notebook: Notebook, decisions: pl.DataFrame) -> Notebook:
    """Give a notebook with a workspace and the decisions in its kernel."""
    notebook.run("%qforge use ./lab")
    notebook.names["decisions"] = decisions
    return notebook


def test_a_cell_names_the_source_after_its_variable(cells: Notebook, good: list[int]):
    cells.run(f"%%qforge collect golden/cells from decisions into funnel\n{BODY}")
    examples = cells.names["funnel"].examples
    assert examples["source_decision_id"].to_list() == good
    assert set(examples["source_table"]) == {"decisions"}
    assert set(examples["example_type"]) == {"cells"}


def test_a_file_and_a_stored_dataset_are_sources_too(
    cells: Notebook, decisions: pl.DataFrame, good: list[int]
):
    decisions.write_parquet("decided.parquet")
    cells.run(f"%%qforge collect golden/file from decided.parquet into one\n{BODY}")
    cells.run("%qforge commit decisions to logs/raw by decision_id")
    cells.run(f"%%qforge collect golden/stored from logs/raw@HEAD into two\n{BODY}")
    assert [cells.names[name].n_new for name in ("one", "two")] == [len(good)] * 2
    assert set(cells.names["one"].examples["source_table"]) == {"decided"}


def test_a_dry_run_draws_the_funnel_and_stores_nothing(cells: Notebook, good: list[int]):
    before = rows_of(cells.context)
    shown = cells.run(f"%%qforge collect golden/cells from decisions --dry-run\n{BODY}")
    assert (shown.n_new, shown.is_preview) == (len(good), True)
    assert "nothing was committed" in repr(shown)
    assert rows_of(cells.context) == before


def test_a_preview_in_python_commits_nothing(ws: Workspace, decisions: pl.DataFrame):
    shown = ws.collect("golden/cells", from_=decisions, preview=True, **PLAN)
    assert shown.commit is None
    assert ws.context.store.datasets.find("golden/cells") is None


def test_a_dry_run_needs_no_workspace(
    notebook: Notebook, quiet_place: Path, decisions: pl.DataFrame, good: list[int]
):
    notebook.names["decisions"] = decisions
    shown = notebook.run(f"%%qforge collect golden/cells from decisions --dry-run\n{BODY}")
    assert (shown.n_new, list(quiet_place.iterdir())) == (len(good), [])


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("golden/cells from decisons", "did you mean 'decisions'?"),
        ("golden/cells", "`collect` needs `from`"),
        ("golden/cells from decisions --query 'select 1'", "`--query` is for databases"),
        ("golden/cells from ./nowhere.csv", "There is no file 'nowhere.csv'"),
        ("golden/cells from sqlite:///nowhere.db", "nowhere.db"),
        ("'not a name' from decisions", "not a name"),
        ("golden/cells from decisions where 'confidense > 1'", "did you mean 'confidence'?"),
        ("golden/cells@gone from decisions", "golden/cells"),
        ("golden/cells from decisions --by nothere", "There is no key column 'nothere'"),
        (
            "golden/cells from sqlite:///log.db --query 'select * from t where i > {{calcs}}'",
            "A value is bound in SQL, never pasted",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence_and_nothing_is_written(
    cells: Notebook, header: str, said: str
):
    assert said in cells.sentence(f"%%qforge collect {header}\n{BODY}")
    assert cells.context.store.datasets.find("golden/cells") is None


def test_a_key_that_no_source_takes_is_named_with_its_nearest(cells: Notebook):
    said = cells.sentence("%%qforge collect golden/cells from decisions\nconfidense: none")
    assert "No key 'confidense' in collect: did you mean 'confidence'?" in said


def test_the_cell_as_python_gives_the_same(cells: Notebook, good: list[int]):
    cells.capsys.readouterr()
    cells.shell.run_cell(f"%%qforge collect golden/cells from decisions --as-python\n{BODY}")
    code = cells.capsys.readouterr().out
    assert "from_=decisions" in code
    with qf.open("./lab", tracker="none") as ws:
        found = eval(code.strip(), {"ws": ws, "decisions": cells.names["decisions"]})  # noqa: S307 — our own code
    assert found.examples["source_decision_id"].to_list() == good


def test_a_cell_that_fails_shows_no_password(cells: Notebook):
    url = "postgresql://ann:hunter2@nowhere.invalid/lab"
    for rest in ("--table t", "--query 'select 1'", "--table t --sorce x"):
        said = cells.sentence(f"%%qforge collect golden/cells from {url} {rest}\n{BODY}")
        assert "hunter2" not in said
    kept = cells.context.store
    for name in kept.table_names():
        assert "hunter2" not in kept.read_table(name).write_json()
