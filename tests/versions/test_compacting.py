"""A long history of small changes is kept in few files, and every version of it stays."""

import polars as pl
import pytest

from qforge_jupyter.frames.fingerprint import fingerprint
from qforge_jupyter.store.opening import open_store
from qforge_jupyter.versions.compacting import MOST_DELTAS
from qforge_jupyter.versions.reading import open_version
from qforge_jupyter.versions.verifying import verify_versions

N_ROWS = 20_000
#: Three commits more than fill one compacted delta.
N_COMMITS = 2 * MOST_DELTAS + 3


@pytest.fixture(scope="module")
def versions():
    """Give the states of a table of which one cell is changed at a time; the last adds a row."""
    rows = pl.DataFrame(
        {"id": range(N_ROWS), "x": [(i * 7919) % 1009 / 7 for i in range(N_ROWS)], "n": 0}
    ).with_columns(name=pl.format("name of {}", pl.col("id").hash()))
    made = [rows]
    for number in range(N_COMMITS):
        at = pl.col("id") == number % 5
        cell = pl.when(at).then(pl.lit(number + 0.5)).otherwise(pl.col("x"))
        rows = rows.with_columns(x=cell)
        made.append(rows)
    new = rows.tail(1).with_columns(id=pl.lit(N_ROWS, pl.Int64))
    return [*made, pl.concat([rows, new])]


def test_many_small_changes_are_few_files_and_every_version_stays(lab, versions):
    made = [
        lab.commit(frame, to="d", by=["id"] if place == 0 else None).commit
        for place, frame in enumerate(versions)
    ]
    store = lab.context.store
    commits = {each.id: each for each in store.commits.of(store.datasets.find("d").id)}
    assert len(made) == len(commits)
    assert max(len(each.objects) for each in commits.values()) <= MOST_DELTAS + 2
    for commit, frame in zip(made, versions, strict=True):
        table = open_version(store, f"d@{commit}")
        assert frame.equals(table.frame)
        assert fingerprint(frame) == table.fingerprint
    assert () == store.verify() + verify_versions(store)


def test_a_version_far_back_is_found_without_reading_those_between(lab):
    rows = pl.DataFrame({"id": [1], "n": [0]})
    for number in range(6):
        lab.commit(
            rows.with_columns(n=pl.lit(number, pl.Int64)), to="d", by=["id"] if not number else None
        )
    assert [0, 3, 5] == [lab.checkout(f"d~{back}").frame["n"][0] for back in (5, 2, 0)]
    with open_store(
        lab.context.store.describe()["place"].removesuffix("/store.db"), actor="b"
    ) as store:
        assert 6 == len(store.commits.parents(store.datasets.find("d").id))
