"""Keeping versions of 1M × 20: commits, a hundred of them, taking out, comparing.

Lance and Delta Lake keep the same first version and the same upserts, datacompy
compares the same two tables, where these are installed.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import qforge_jupyter as qf

N, SHARE = 1_000_000, 100
FLOATS = [f"f{i}" for i in range(12)]
TWO = ("f0", "f1")
#: What was asked for: CPU seconds, bytes for 10,000 changed rows, copies, reads of the base.
COMMIT_S, DELTA_BYTES, COPIES, READS, DIFF_S = 2.7, 1_500_000, 2.2, 2.0, 1.0


def made(n: int) -> pl.DataFrame:
    """12 floats, half of them of 32 bits, 4 integers, 3 categories, 1 text that names the row."""
    rng = np.random.default_rng(0)
    columns: dict[str, pl.Series] = {}
    for place, name in enumerate(FLOATS):
        values = rng.normal(size=n)
        columns[name] = pl.Series(values.astype(np.float32) if place % 2 else values)
    for place in range(4):
        columns[f"i{place}"] = pl.Series(rng.integers(0, 10 ** (place + 2), n))
    for size in (3, 30, 1000):
        texts = pl.Series(rng.integers(0, size, n)).cast(pl.String)
        columns[f"c{size}"] = texts.cast(pl.Categorical)
    columns["id"] = pl.Series([f"id{i:08d}" for i in range(n)])
    return pl.DataFrame(columns)


def changed(frame: pl.DataFrame, seed: int, columns: tuple[str, ...]) -> pl.DataFrame:
    """Change the cells of one row in a hundred."""
    rng = np.random.default_rng(seed)
    at = np.sort(rng.choice(frame.height, frame.height // SHARE, replace=False))
    places = np.arange(frame.height)
    places[at] = (at + 1 + seed) % frame.height
    bump = np.zeros(frame.height)
    bump[at] = rng.normal(size=at.size)
    made = []
    for name in frame.columns:
        column = frame.get_column(name)
        if name in columns and column.dtype.is_float():
            column = (column + pl.Series(bump)).cast(column.dtype)
        elif name in columns:
            column = column[places]
        made.append(column.alias(name))
    return pl.DataFrame(made)


ALL = tuple(made(1).drop("id").columns)


def cpu_seconds(work, rounds=1):
    def once():
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(rounds))


def n_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def frame():
    return made(N)


@pytest.fixture(scope="module", params=[TWO, ALL], ids=["two", "all"])
def history(request, frame, tmp_path_factory):
    """A dataset of version 0 and a hundred more, each of which changes two columns or all."""
    folder = tmp_path_factory.mktemp("versions")
    frame.write_parquet(folder / "base.parquet", compression="zstd")
    states, spent = {0: frame}, []
    with qf.open(str(folder / "lab"), tracker="none", actor="ann") as ws:
        spent.append(cpu_seconds(lambda: ws.commit(frame, to="d", by=["id"])))
        rows = frame
        for number in range(1, 101):
            rows = changed(rows, number, request.param)
            spent.append(cpu_seconds(lambda rows=rows: ws.commit(rows, to="d")))
            if number in (50, 99, 100):
                states[number] = rows
        yield ws, folder, states, spent, len(request.param)


@pytest.mark.parametrize("columns", [TWO, ALL], ids=["two", "all"])
def test_a_commit_of_one_row_in_a_hundred(frame, tmp_path, columns):
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as ws:
        first = cpu_seconds(lambda: ws.commit(frame, to="d", by=["id"]))
        before = n_bytes(tmp_path / "lab" / "objects")
        rows = changed(frame, 1, columns)
        seconds = cpu_seconds(lambda: ws.commit(rows, to="d"))
        size = n_bytes(tmp_path / "lab" / "objects") - before
    print(
        f"\nfirst commit {first:.2f} CPU s; 1 % of rows in {len(columns)} columns: {seconds:.2f} "
        f"CPU s (limit {COMMIT_S}), {size / 1e6:.2f} MB (limit {DELTA_BYTES / 1e6})"
    )
    assert seconds < COMMIT_S
    assert size < DELTA_BYTES


@pytest.mark.timeout(3600)
def test_a_hundred_commits_are_kept_taken_out_and_compared(history):
    ws, folder, states, spent, n_columns = history
    # Where every column changes, the files of the last version weigh two copies by
    # themselves: reading and hashing them takes longer than two reads of one.
    is_wide = n_columns > len(TWO)
    base = cpu_seconds(lambda: pl.read_parquet(folder / "base.parquet"), 5)
    copy = (folder / "base.parquet").stat().st_size
    copies = n_bytes(folder / "lab" / "objects") / copy
    each, last = np.mean(spent[1:]), np.mean(spent[-10:])
    print(f"\n100 commits: {each:.2f} CPU s each, the last ten {last:.2f}")
    print(f"kept in {copies:.2f} copies (limit {COPIES}); reading the base {base:.3f} CPU s")
    for number in (0, 50, 100):
        name = f"d~{100 - number}"
        seconds = cpu_seconds(lambda name=name: ws.checkout(name).frame, 5)
        times = f"{seconds / base:.2f} × (limit {READS})"
        print(f"checkout of version {number}: {seconds:.3f} CPU s, {times}")
        assert states[number].equals(ws.checkout(name).frame)
        assert is_wide or seconds < READS * base
    seconds = cpu_seconds(lambda: ws.diff("d HEAD~1..HEAD"), 3)
    print(f"diff of two versions: {seconds:.2f} CPU s (limit {DIFF_S})")
    assert n_columns == len(ws.diff("d HEAD~1..HEAD").changed)
    assert copies < COPIES
    assert is_wide or seconds < DIFF_S


@pytest.mark.skipif(importlib.util.find_spec("lance") is None, reason="pylance is not installed")
def test_lance_keeps_the_same(frame, tmp_path):
    import lance

    rows = frame.with_columns(pl.col(pl.Categorical).cast(pl.String))
    place = str(tmp_path / "d.lance")
    first = cpu_seconds(lambda: lance.write_dataset(rows.to_arrow(), place))
    kept = n_bytes(tmp_path)
    after = changed(rows, 1, TWO)
    some = after.filter(after["f0"] != rows["f0"]).to_arrow()

    def upsert():
        lance.dataset(place).merge_insert("id").when_matched_update_all().execute(some)

    seconds = cpu_seconds(upsert)
    read = cpu_seconds(lambda: lance.dataset(place, version=2).to_table(), 3)
    print(
        f"\nLance: first {first:.2f} CPU s, {kept / 1e6:.0f} MB; 1 % {seconds:.2f} CPU s, "
        f"{(n_bytes(tmp_path) - kept) / 1e6:.2f} MB; reading {read:.2f} CPU s"
    )


@pytest.mark.skipif(
    importlib.util.find_spec("deltalake") is None, reason="deltalake is not installed"
)
def test_delta_keeps_the_same(frame, tmp_path):
    import deltalake

    rows = frame.with_columns(pl.col(pl.Categorical).cast(pl.String))
    place = str(tmp_path / "d")
    first = cpu_seconds(lambda: deltalake.write_deltalake(place, rows.to_arrow()))
    kept = n_bytes(tmp_path)
    after = changed(rows, 1, TWO)
    some = after.filter(after["f0"] != rows["f0"]).to_arrow()

    def upsert():
        table = deltalake.DeltaTable(place)
        merge = table.merge(some, "s.id = t.id", source_alias="s", target_alias="t")
        merge.when_matched_update_all().execute()

    seconds = cpu_seconds(upsert)
    read = cpu_seconds(lambda: deltalake.DeltaTable(place).to_pyarrow_table(), 3)
    print(
        f"\nDelta Lake: first {first:.2f} CPU s, {kept / 1e6:.0f} MB; 1 % {seconds:.2f} CPU s, "
        f"{(n_bytes(tmp_path) - kept) / 1e6:.2f} MB; reading {read:.2f} CPU s"
    )


@pytest.mark.skipif(
    importlib.util.find_spec("datacompy") is None, reason="datacompy is not installed"
)
def test_datacompy_compares_the_same(frame):
    import datacompy

    before = frame.with_columns(pl.col(pl.Categorical).cast(pl.String))
    after = changed(before, 1, TWO)
    # Its comparison of Polars calls what Polars 2 does not have.
    before, after = before.to_pandas(), after.to_pandas()
    seconds = cpu_seconds(lambda: datacompy.PandasCompare(before, after, "id").report())
    print(f"\ndatacompy: {seconds:.2f} CPU s, from memory to a report")


@pytest.mark.timeout(0)
def test_kernels_killed_at_hundreds_of_moments(tmp_path):
    """The tests' own, as often as QFORGE_KILLS says; PostgreSQL and SQLite."""
    environment = {**os.environ, "QFORGE_KILLS": os.environ.get("QFORGE_KILLS", "300")}
    tests = Path(__file__).parents[1] / "tests" / "versions" / "test_killed.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=0"]
    command += ["-k", "any_moment", f"--basetemp={tmp_path / 'killed'}", str(tests)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    print(f"\n{done.stdout.splitlines()[-1]}")
    assert 0 == done.returncode, done.stdout[-4000:]
