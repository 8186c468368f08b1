"""Queries: read only, bound, and silent about secrets."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from qforge_jupyter.errors import CallError, FormatError, ResourceError
from qforge_jupyter.formats import load


@pytest.fixture
def sqlite_file(tmp_path: Path):
    path = tmp_path / "lab.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table t (id integer, name text, mixed)")
        connection.executemany(
            "insert into t values (?, ?, ?)", [(1, "a", 1), (2, None, "x"), (3, "c", 2.5)]
        )
        connection.commit()
    return path


@pytest.fixture
def duckdb_file(tmp_path: Path):
    path = tmp_path / "lab.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table t as select i as id, 'n' || i as name from range(3) r(i)")
    return path


def test_sqlite_gives_what_the_query_returns(sqlite_file: Any):
    table = load(
        f"sqlite:///{sqlite_file}",
        query="select id, name from t where id >= :low",
        parameters={"low": 2},
    )
    assert table.frame.rows() == [(2, None), (3, "c")]
    assert table.frame.equals(load(sqlite_file, query="select id, name from t where id > 1").frame)


def test_mixed_cells_of_sqlite_are_text_with_a_finding(sqlite_file: Any):
    table = load(sqlite_file, query="select mixed from t")
    assert table.frame["mixed"].to_list() == ["1", "x", "2.5"]
    assert table.findings[0].kind == "mixed types"


def test_duckdb_gives_what_the_query_returns(duckdb_file: Any):
    table = load(duckdb_file, query="select * from t where name = :n", parameters={"n": "n1"})
    assert table.frame.rows() == [(1, "n1")]


@pytest.mark.parametrize(
    "query", ["delete from t", "drop table t", "attach 'x.db' as x", "pragma user_version = 5"]
)
def test_sqlite_cannot_be_changed(sqlite_file: Any, query: Any):
    with pytest.raises(FormatError):
        load(sqlite_file, query=query)
    assert load(sqlite_file, query="select * from t").n_rows == 3


@pytest.mark.parametrize(
    "query",
    [
        "delete from t",
        "select * from read_csv('/etc/passwd')",
        "copy t to '/tmp/x.csv'",
        "attach 'y.db'",
    ],
)
def test_duckdb_neither_changes_nor_reaches_outside(duckdb_file: Any, query: Any):
    with pytest.raises(FormatError):
        load(duckdb_file, query=query)


def test_repeated_columns_are_renamed(sqlite_file: Any):
    table = load(sqlite_file, query="select a.id, b.id from t a join t b on a.id = b.id")
    assert table.columns == ["id", "id_2"]


def test_a_query_is_needed_and_so_are_its_values(sqlite_file: Any):
    with pytest.raises(CallError, match="needs a query"):
        load(sqlite_file)
    with pytest.raises(CallError, match=r"binds :low, which has no value: did you mean 'lo'\?"):
        load(sqlite_file, query="select * from t where id > :low", parameters={"lo": 1})
    with pytest.raises(FormatError, match="failed: no such table: u"):
        load(sqlite_file, query="select * from u")


def test_a_server_that_is_away_is_said_without_its_secrets():
    with pytest.raises(ResourceError) as caught:
        load(
            "postgresql+psycopg://ada:l0ve@127.0.0.1:1/lab?sslpassword=hush",
            query="select 1",
            timeout_s=2,
        )
    assert "l0ve" not in caught.value.message
    assert "hush" not in caught.value.message


def test_postgresql_gives_typed_columns(postgresql_url: Any):
    query = """
        select i::int8 as big, i::float8 / 2 as half, i % 2 = 0 as even, 'x' || i as name,
               date '2020-01-01' + i as day, timestamptz '2020-01-01 00:00+00' as moment,
               (i * 1.10)::numeric(10, 2) as price, null::int as nothing, '{"a": 1}'::jsonb as doc
        from generate_series(1, :n) as s(i) where 'a%b' like 'a%' order by i
    """
    table = load(postgresql_url, query=query, parameters={"n": 120_000})
    assert table.n_rows == 120_000
    row = table.frame.row(0, named=True)
    assert (
        row["big"],
        row["half"],
        row["even"],
        row["name"],
        row["nothing"],
    ) == (1, 0.5, False, "x1", None)
    assert "price" in table.columns
    assert "***" not in table.name


def test_postgresql_cannot_be_changed(postgresql_url: Any):
    with pytest.raises(FormatError):
        load(postgresql_url, query="create table qforge_x (a int)")
    with pytest.raises(FormatError, match="qforge_none"):
        load(postgresql_url, query="select * from qforge_none")


def test_a_table_is_read_as_a_whole_whatever_it_is_called(tmp_path: Path):
    path = tmp_path / "odd.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute('create table "a ""b"" --" (x)')
        connection.execute('insert into "a ""b"" --" values (7)')
        connection.commit()
    assert load(path, table='a "b" --').frame.rows() == [(7,)]
    assert load(path, table='main.a "b" --').n_rows == 1


@pytest.mark.parametrize("table", ["t; drop table t", 't" union select 1,2,3 --', "nowhere"])
def test_a_table_that_is_not_there_is_told_and_nothing_else_is_read(
    sqlite_file: Any, duckdb_file: Any, table: str
):
    for file in (sqlite_file, duckdb_file):
        with pytest.raises(FormatError, match="failed"):
            load(file, table=table)
        assert load(file, table="t").n_rows == 3


@pytest.mark.parametrize("table", ["", "a..b", ".", "t\0"])
def test_what_is_no_name_of_a_table_is_refused(sqlite_file: Any, table: str):
    with pytest.raises(CallError, match="is no name of a table"):
        load(sqlite_file, table=table)


def test_a_query_and_a_table_exclude_each_other(sqlite_file: Any):
    with pytest.raises(CallError, match="Both a query and a table"):
        load(sqlite_file, table="t", query="select * from t")
