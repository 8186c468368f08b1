"""What is forgotten is gone from every file and every record, and all else stays as it was."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, DataError, RefMoved, StoreError
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import fingerprint
from qforge_jupyter.results.run import RunRecord
from qforge_jupyter.verbs import forget
from qforge_jupyter.versions.committing import Wish, commit
from qforge_jupyter.versions.reading import open_version
from qforge_jupyter.versions.sealing import id_of

#: Texts that only the forgotten row ever held.
FIRST, SECOND, NESTED = "Quirinius-Marker-A1", "Quirinius-Marker-B2", "Quirinius-Marker-C3"
TRACE = b"Quirinius-Marker"
KEY = 987_654_321
ROWS = pl.DataFrame(
    {
        "id": [1, 2, KEY, 4],
        "name": ["ann", "bob", FIRST, "dan"],
        "x": [0.1, 0.2, 0.3, 0.4],
        "more": [
            {"tags": ["a"]},
            {"tags": ["b"]},
            {"tags": [NESTED]},
            {"tags": None},
        ],
    }
)
OTHERS = ROWS.filter(pl.col("id") != KEY)
WHERE = f"id == {KEY}"


def change(frame, key, **cells):  # noqa: ANN003 — columns of any name
    return frame.with_columns(
        pl.when(pl.col("id") == key).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in cells.items()
    )


@pytest.fixture
def people(workspace):
    """A dataset with a row in its base, patched twice, removed and on a branch."""
    workspace.commit(ROWS, to="people", by=["id"], message="first")
    workspace.tag("people", as_="v1")
    workspace.branch("people", as_="side")
    patched = change(ROWS, KEY, name=SECOND)
    workspace.commit(patched, to="people", message="patched")
    workspace.commit(change(patched, 1, x=9.0), to="people", message="others patched")
    workspace.commit(change(ROWS, KEY, x=7.0), to="people@side", message="on a branch")
    return workspace


def rows_of(workspace, name):
    return open_version(workspace.context.store, name).frame


def others_in(frame):
    return frame.filter(pl.col("id") != KEY)


def traces_in(workspace, tmp_path):
    """Name every file that holds the marker, in its bytes or in what it says as a table."""
    found = []
    for file in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        data = file.read_bytes()
        if data[:4] == b"PAR1":
            frame = pl.read_parquet(file)
            data += repr(frame.to_dict(as_series=False)).encode()
            data += b" ".join(str(each).encode() for each in frame.columns)
        if TRACE in data or str(KEY).encode() in data:
            found.append(str(file))
    store = workspace.context.store
    for name in store.table_names():
        text = repr(store.read_table(name).to_dict(as_series=False))
        if TRACE.decode() in text or str(KEY) in text:
            found.append(f"table {name}")
    return found


def check_whole(workspace):
    store = workspace.context.store
    assert () == store.verify()
    for dataset in store.datasets.list():
        for each in store.commits.of(dataset.id):
            assert each.id == id_of(each)


def test_nothing_of_the_row_is_left_and_the_others_are_as_they_were(people, tmp_path):
    names = ["people", "people~1", "people@v1", "people@side"]
    before = {name: others_in(rows_of(people, name)) for name in names}
    assert traces_in(people, tmp_path)
    report = people.forget("people", where=WHERE, reason="consent withdrawn")
    assert [] == traces_in(people, tmp_path)
    for name, expected in before.items():
        assert expected.equals(rows_of(people, name)), name
    assert (1, 4) == (report.n_rows, report.n_versions)
    check_whole(people)


def test_a_row_that_was_removed_is_found_in_the_version_that_had_it(people, tmp_path):
    people.commit(others_in(rows_of(people, "people")), to="people")
    with pytest.raises(CallError, match="No row of people@HEAD is meant"):
        people.forget("people", where=WHERE, reason="consent withdrawn")
    people.forget("people@v1", where=WHERE, reason="consent withdrawn")
    assert [] == traces_in(people, tmp_path)
    assert 3 == rows_of(people, "people").height == rows_of(people, "people@v1").height
    check_whole(people)


def test_a_row_that_came_later_is_dropped_from_its_delta(workspace, tmp_path):
    workspace.commit(OTHERS, to="people", by=["id"])
    workspace.commit(ROWS, to="people")
    workspace.commit(change(ROWS, KEY, x=5.0), to="people")
    workspace.forget("people", where=WHERE, reason="consent withdrawn")
    assert [] == traces_in(workspace, tmp_path)
    assert all(OTHERS.equals(rows_of(workspace, f"people~{back}")) for back in range(3))
    new = pl.concat([OTHERS, ROWS.tail(1).with_columns(id=pl.lit(77, pl.Int64))])
    workspace.commit(new, to="people")
    assert new.equals(rows_of(workspace, "people"))
    check_whole(workspace)


def test_rows_without_keys_are_found_by_their_content(workspace, tmp_path):
    bare = pl.concat([ROWS, ROWS.filter(pl.col("id") == KEY)])
    workspace.commit(bare, to="bag")
    workspace.commit(bare.head(4), to="bag")
    workspace.forget("bag", where=WHERE, reason="consent withdrawn")
    assert [] == traces_in(workspace, tmp_path)
    assert OTHERS.equals(rows_of(workspace, "bag"))
    assert OTHERS.equals(rows_of(workspace, "bag~1"))
    check_whole(workspace)


def test_work_goes_on_on_top(people):
    people.forget("people", where=WHERE, reason="consent withdrawn")
    report = people.commit(change(rows_of(people, "people"), 2, x=5.0), to="people")
    expected = change(change(OTHERS, 1, x=9.0), 2, x=5.0)
    assert expected.equals(rows_of(people, "people"))
    assert fingerprint(expected) == report.fingerprint
    assert (0, 0, 1) == (report.n_added, report.n_removed, report.n_modified)
    people.commit(change(rows_of(people, "people@side"), 4, x=8.0), to="people@side")
    people.merge("people", from_="side")
    assert change(expected, 4, x=8.0).equals(rows_of(people, "people"))
    assert 0 == people.diff("people HEAD~1..HEAD").removed.height
    people.rollback("people", to="v1")
    assert OTHERS.sort("id").equals(rows_of(people, "people").sort("id"))
    check_whole(people)


def test_a_table_that_still_has_the_row_is_refused(people):
    people.forget("people", where=WHERE, reason="consent withdrawn")
    with pytest.raises(DataError, match="1 of the new rows of people were forgotten"):
        people.commit(ROWS, to="people")


def test_a_commit_that_was_drafted_before_is_done_again(people):
    store, at = people.context.store, people.context.clock()
    patched = change(rows_of(people, "people"), 1, x=5.0)
    drafted = commit(store, Wish("people", Table.of_frame("people", patched), "ann", at))
    people.forget("people", where=WHERE, reason="consent withdrawn")
    record = RunRecord("1" * 32, "commit", "ann", "finished", at, at, changes=drafted.changes())
    with pytest.raises(RefMoved, match="were forgotten meanwhile"):
        store.runs.save(record)
    check_whole(people)


def test_what_was_planned_before_somebody_else_wrote_is_planned_again(people):
    context = people.context
    planned = forget.run(context, "people", where=WHERE, reason="asked")
    people.commit(change(ROWS, KEY, x=5.5), to="people@side")
    at = context.clock()
    record = RunRecord("1" * 32, "forget", "ann", "finished", at, at, changes=planned.changes())
    with pytest.raises(RefMoved, match="meanwhile"):
        context.store.runs.save(record)
    assert ROWS.equals(rows_of(people, "people@v1"))


def test_a_key_of_another_type_and_several_keys_are_found(workspace, tmp_path):
    two = ROWS.with_columns(part=pl.Series(["u", "v", "u", "v"], dtype=pl.Categorical))
    workspace.commit(two, to="people", by=["id", "part"])
    workspace.commit(two.with_columns(pl.col("id").cast(pl.Int32)), to="people")
    workspace.commit(two.with_columns(pl.col("id").cast(pl.Int32), y=pl.lit("same")), to="people")
    workspace.commit(two.drop("name"), to="people")
    workspace.forget("people", where=WHERE, reason="consent withdrawn")
    kept = two.filter(pl.col("id") != KEY)
    assert kept.equals(rows_of(workspace, "people~3"))
    assert kept.drop("name").equals(rows_of(workspace, "people"))
    assert [] == traces_in(workspace, tmp_path)
    check_whole(workspace)


def test_what_is_out_of_reach_is_named(people):
    people.commit(change(ROWS, 1, x=3.0), to="people", message=f"{SECOND} corrected")
    report = people.forget("people", where=WHERE, reason="consent withdrawn")
    assert ["message of a commit"] == [what for what, _ in report.left]


@pytest.mark.filterwarnings("ignore:::mlflow", "ignore:::sqlalchemy", "ignore::ResourceWarning")
def test_artifacts_that_mlflow_was_shown_are_deleted(tmp_path):
    with qf.open(str(tmp_path / "lab"), actor="ann") as lab:
        lab.commit(ROWS, to="people", by=["id"])
        lab.score(ROWS, name="people", values={"name": ["ann", "bob"]})
        lab.sync()
        told = f"id == {KEY}"
        lab.outliers(ROWS, columns=["x"], document="asked", where=told, name="people")
        lab.sync()
        assert told.encode() in (tmp_path / "lab" / "mlflow.db").read_bytes()
        pages = list((tmp_path / "lab" / "artifacts").rglob("report.html"))
        assert pages
        preview = lab.forget("people", where=WHERE, reason="consent withdrawn", preview=True)
        assert () == preview.left
        assert all(page.is_file() for page in pages)
        report = lab.forget("people", where=WHERE, reason="consent withdrawn")
        assert () == report.left
        assert [] == traces_in(lab, tmp_path)


def test_an_export_is_written_anew_where_it_is_as_it_was_and_named_where_not(people, tmp_path):
    for name in ("whole", "changed", "another", "gone"):
        people.export("people@v1", to=str(tmp_path / name), format=["csv", "parquet"], card=True)
    (tmp_path / "changed" / "data.csv").write_text("id\n1\n")
    people.export(OTHERS, to=str(tmp_path / "another"), overwrite=True)
    (tmp_path / "gone" / "manifest.json").unlink()
    before = {path: path.read_bytes() for path in tmp_path.rglob("another/*")}
    report = people.forget("people", where=WHERE, reason="consent withdrawn", exports=True)
    assert OTHERS.equals(people.load(str(tmp_path / "whole")).frame)
    assert {
        (f"export: {why}", str(tmp_path / name))
        for name, why in (
            ("changed", "a file of it was changed since"),
            ("gone", "no longer there, or without its manifest"),
        )
    } == set(report.left)
    assert before == {path: path.read_bytes() for path in before}
    assert (1, 1) == (len(report.rewritten), report.payload()["n_exports"])
    # What was written anew is known, so the next row goes from it, too.
    people.forget("people", where="id == 4", reason="consent withdrawn", exports=True)
    assert [1, 2] == people.load(str(tmp_path / "whole")).frame["id"].to_list()
    check_whole(people)


def test_rows_are_forgotten_one_after_the_other(people, tmp_path):
    people.forget("people", where="id == 1", reason="consent withdrawn")
    people.forget("people", where=WHERE, reason="consent withdrawn")
    assert [] == traces_in(people, tmp_path)
    assert [2, 4] == rows_of(people, "people")["id"].to_list()
    with pytest.raises(CallError, match="No row of people@v1 is meant"):
        people.forget("people@v1", where=WHERE, reason="consent withdrawn")
    check_whole(people)


def test_another_dataset_of_the_same_files_loses_the_row_too(people, tmp_path):
    people.commit(ROWS, to="copy", by=["id"])
    people.commit(change(ROWS, KEY, x=4.0), to="copy")
    report = people.forget("people", where=WHERE, reason="consent withdrawn")
    assert ("people", "copy") == report.datasets
    assert [] == traces_in(people, tmp_path)
    assert OTHERS.equals(rows_of(people, "copy"))
    check_whole(people)


def test_every_row_goes_only_when_that_is_said(people, tmp_path):
    with pytest.raises(CallError, match="add --all"):
        people.forget("people", where="id > 0", reason="consent withdrawn")
    people.forget("people", where="id > 0", reason="consent withdrawn", all_=True)
    assert 0 == rows_of(people, "people@v1").height
    assert [] == traces_in(people, tmp_path)
    new = ROWS.with_columns(pl.col("id") + 1_000)
    people.commit(new, to="people")
    assert new.equals(rows_of(people, "people"))
    assert 0 == rows_of(people, "people~1").height
    check_whole(people)


@pytest.mark.parametrize(
    ("subject", "where", "reason", "said"),
    [
        ("people", WHERE, "  ", "none was given"),
        ("people", "id == 12345", "asked", "No row of people@HEAD is meant"),
        ("people@working", WHERE, "asked", "is a variable of this kernel"),
        ("peopl", WHERE, "asked", "did you mean 'people'"),
        ("people", "idd == 1", "asked", "'idd'"),
    ],
)
def test_what_cannot_be_forgotten_is_told_and_nothing_changes(people, subject, where, reason, said):
    with pytest.raises(DataError, match=said):
        people.forget(subject, where=where, reason=reason)
    assert ROWS.equals(rows_of(people, "people@v1"))


def test_a_preview_counts_and_changes_nothing(people):
    report = people.forget("people", where=WHERE, reason="asked", preview=True)
    assert (1, 4, False) == (report.n_rows, report.n_versions, report.is_done)
    assert ROWS.equals(rows_of(people, "people@v1"))
    check_whole(people)


def test_what_runs_kept_of_the_row_is_cut_out_and_the_rest_stays(people, tmp_path):
    people.score(ROWS, name="people", ranges={"x": "0 .. 0.2"}, values={"name": ["ann", "bob"]})
    people.outliers(ROWS, keys=["id"], columns=["x"], name="people")
    people.checkout("people@v1")
    people.diff("people v1..HEAD")
    kept = people.context.store.runs.latest("commit")
    people.forget("people", where=WHERE, reason="consent withdrawn")
    assert [] == traces_in(people, tmp_path)
    assert kept == people.context.store.runs.get(kept.id)
    check_whole(people)


def test_a_forgotten_file_says_why_it_is_gone(people):
    store = people.context.store
    sha256 = store.commits.of(store.datasets.find("people").id)[-1].objects[0].sha256
    people.forget("people", where=WHERE, reason="consent withdrawn")
    with pytest.raises(StoreError, match="was forgotten by ann because 'consent withdrawn'"):
        store.objects.read(sha256)
    assert not store.objects.has(sha256)
    store.objects.gc(older_than_s=-1)
    check_whole(people)


def test_the_audit_log_names_the_tombstone_and_never_the_key(people):
    report = people.forget("people", where=WHERE, reason="consent withdrawn")
    (event,) = (
        each.event
        for each in people.context.store.events.list()
        if each.event.action == "forget rows"
    )
    assert list(report.tombstones) == event.after["tombstones"]
    assert "consent withdrawn" == event.after["reason"]
    last = people.context.store.runs.latest("forget")
    assert "(not kept)" == last.options["where"]


def test_a_version_that_lost_rows_has_a_fingerprint_of_its_own(people):
    people.forget("people", where=WHERE, reason="consent withdrawn")
    assert fingerprint(OTHERS) == open_version(people.context.store, "people@v1").fingerprint
    assert () == people.context.store.commits.holding(fingerprint(ROWS))
    assert "1 row forgotten" in repr(people.verify())


def test_the_same_table_may_be_kept_under_another_name_later(people):
    people.forget("people", where=WHERE, reason="consent withdrawn")
    people.commit(ROWS, to="again", by=["id"])
    assert ROWS.equals(rows_of(people, "again"))
    check_whole(people)
    people.context.store.objects.gc(older_than_s=-1)
    assert ROWS.equals(rows_of(people, "again"))


def test_free_pages_of_the_database_hold_nothing_either(tmp_path):
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as lab:
        lab.commit(ROWS, to="people", by=["id"])
        for x in range(40):
            lab.score(change(ROWS, 1, x=float(x)), values={"name": ["ann"]}, name="people")
        lab.forget("people", where=WHERE, reason="consent withdrawn")
        assert [] == traces_in(lab, tmp_path)
    assert (
        0
        == sqlite3.connect(tmp_path / "lab" / "store.db")
        .execute("PRAGMA freelist_count")
        .fetchone()[0]
    )


#: Where the process is killed, and whether the row is gone then.
POINTS = [
    ("rename", False),
    ("mark", False),
    ("commit", False),
    ("committed", True),
    ("removing", True),
    ("removed", True),
    ("compacted", True),
]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_at_any_point_it_is_done_or_not_begun_and_can_be_finished(kind, request, tmp_path):
    target = str(tmp_path / "lab")
    if kind == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    folder = str(tmp_path / "files")
    script = Path(__file__).with_name("forgetter.py")
    for number, (point, is_gone) in enumerate(POINTS):
        name, rows = f"people{number}", ROWS.with_columns(x=pl.lit(float(number)))
        with qf.open(target, tracker="none", folder=folder, actor="ann") as ws:
            ws.commit(rows, to=name, by=["id"])
            ws.commit(change(rows, KEY, name=SECOND), to=name)
        command = [sys.executable, str(script), target, folder, name, str(KEY), point]
        killed = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 — our own script
        assert -9 == killed.returncode, (point, killed.stderr)
        with qf.open(target, tracker="none", folder=folder, actor="ann") as ws:
            n_rows = 3 if is_gone else 4
            assert n_rows == rows_of(ws, name).height == rows_of(ws, f"{name}~1").height, point
            check_whole(ws)
            if not is_gone:
                ws.forget(name, where=WHERE, reason="consent withdrawn")
            ws.context.store.objects.gc(older_than_s=-1)
            assert [] == traces_in(ws, tmp_path), point
            assert others_in(rows).equals(rows_of(ws, name)), point
            check_whole(ws)
