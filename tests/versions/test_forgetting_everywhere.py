"""A row that every verb has met is gone from every byte of the workspace once it is forgotten."""

import struct
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.engine.split_assignment import marks_of
from qforge_jupyter.errors import QualityError
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import row_marks
from qforge_jupyter.verbs._kept_splits import kept_split

KEY, RARE, WHOLE = 987_654_321, 8123.456789012345, 7_316_553_190_441_297
PATCHED, SIDE, INNER = 9123.987654321, 9555.123412341234, 4242.424242424242
MOMENT = datetime(1931, 7, 13, 4, 52, 37, 123457, tzinfo=UTC)
LONG = ("Quirinius " + " ".join(f"Zephyr{n:04d}" for n in range(500)))[:5000]
WORDS = ("Quirinius", "Zephyr0", "Vexillology", "Xanthochroid", "Ytterbium")
ROW = {
    "id": KEY,
    "text": LONG,
    "x": RARE,
    "y": 1.5,
    "whole": WHOLE,
    "when": MOMENT,
    "blob": b"Vexillology-bytes",
    "info": {"note": "Xanthochroid-note", "value": INNER},
    "tags": ["Ytterbium-tag", "t1"],
    "group": "b",
}
FORMATS = ["arrow", "csv", "hf", "jsonl", "parquet", "tfrecord", "croissant"]
PARTS = {"train": 70, "validation": 15, "test": 15}
OTHERS = pl.DataFrame(
    {
        "id": range(1, 120),
        "text": [f"text {n % 7}" for n in range(119)],
        "x": np.random.default_rng(0).normal(size=119).round(6),
        "whole": [n * 1000 for n in range(119)],
        "when": [datetime(2020, 1, 1 + n % 28, n % 24, tzinfo=UTC) for n in range(119)],
        "blob": [f"b{n}".encode() for n in range(119)],
        "info": [{"note": f"note {n % 5}", "value": float(n)} for n in range(119)],
        "tags": [[f"t{n % 3}"] for n in range(119)],
        "group": ["ab"[n % 2] for n in range(119)],
    }
).with_columns(y=pl.col("x") * 2)
OTHERS = OTHERS.select(list(ROW))
ROWS = pl.concat([OTHERS.head(57), pl.DataFrame([ROW], schema=OTHERS.schema), OTHERS.tail(62)])


def patched(value):
    own = pl.when(pl.col("id") == KEY).then(pl.lit(value)).otherwise("y")
    return ROWS.with_columns(y=own)


def written():
    """Give each value in every way in which it may stand in a file."""
    for word in WORDS:
        yield from (word.encode(), word.encode("utf-16-le"), word.encode().hex().encode())
    for number in (RARE, PATCHED, SIDE, INNER, 2 * RARE):
        shapes = (
            f"{number!r}",
            f"{number:.6g}",
            f"{number:.2f}",
            f"{number:,.2f}",
            f"{number:.4f}",
        )
        yield from (each.encode() for each in shapes)
        yield from (struct.pack(shape, number) for shape in ("<d", ">d", "<f"))
    for number in (WHOLE, KEY):
        yield from (str(number).encode(), f"{number:,}".encode(), struct.pack("<d", number))
        yield from (struct.pack(shape, number) for shape in ("<q", ">q"))
    n_us = (MOMENT - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    yield from (b"1931-07-13", str(n_us).encode(), struct.pack("<q", n_us))
    for frame in (ROWS, patched(PATCHED), patched(SIDE)):
        row = frame.filter(pl.col("id") == KEY)
        for each in (row, row.select("id")):
            yield row_marks(Table.of_frame("row", each))[0].encode()
    first, second = marks_of(Table.of_frame("row", ROWS.filter(pl.col("id") == KEY)), ["id"])
    for mark in (int(first[0]), int(second[0])):
        yield from (struct.pack("<Q", mark), str(mark).encode())


def content_of(folder, store):
    """Give everything that lies in a folder and in a store, as bytes and as what it says."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        data = path.read_bytes()
        yield path, data
        read = {b"PAR1": pl.read_parquet, b"ARRO": pl.read_ipc}.get(data[:4])
        if read:
            yield path, repr(read(path).to_dict(as_series=False)).encode()
    for name in store.table_names():
        yield Path(f"table {name}"), repr(store.read_table(name).to_dict(as_series=False)).encode()


def traces(folder, store):
    """Name where a value of the row stands."""
    wanted = sorted(set(written()))
    return {
        path.relative_to(folder).as_posix() if path.is_absolute() else str(path)
        for path, data in content_of(folder, store)
        if any(each in data for each in wanted)
    }


def fit(X_train, y_train, train):  # noqa: N803 — what a cell's code sees
    import mlflow
    from sklearn.linear_model import Ridge

    if mlflow.active_run():
        mlflow.log_text(train.select("id", "text").write_csv(), "mine/train.csv")
    return Ridge().fit(X_train, y_train)


def live(ws, folder):
    """Let every verb that keeps something meet the row."""
    ws.commit(ROWS, to="people", by=["id"], message="first")
    ws.tag("people", as_="v1")
    ws.branch("people", as_="side")
    ws.commit(patched(PATCHED), to="people", message="patched")
    ws.commit(patched(SIDE), to="people@side", message="on a branch")
    with pytest.raises(QualityError):
        ws.merge("people", from_="side")
    ws.merge("people", from_="side", prefer="theirs")
    limits = {"x": "-10 .. 10", "whole": "0 .. 1000000"}
    rules = {"y is small": "y < 100"}
    report = ws.score("people", ranges=limits, rules=rules, unique_by=["id"])
    assert 3 == report.bad.height
    with suppress(QualityError):
        ws.certify("people", from_=report, approve_lineage=True, reason="checked", all_=True)
    ws.outliers("people", columns=["x", "whole", "y"], keys=["id"])
    ws.outliers("people", columns=["x", "whole"], method="z")
    ws.why("people", key=str(KEY))
    ws.why(report, at=57)
    ws.diff("people v1..HEAD")
    split = ws.split("people", as_="s1", parts=PARTS, stratify=["group"])
    ws.leaks(split, target="y")
    twice = pl.concat([patched(SIDE), patched(SIDE).filter(pl.col("id") == KEY)])
    ws.deduplicate(twice, by=["text"], name="people")
    features = ws.features("people", as_="f1", columns=["x", "whole"], compute={"x2": "x * 2"})
    ws.train("plain", fit, with_=split, target="y")
    ws.train("made", fit, with_=split, features=features, target="y")
    ws.trial("people", against="people@v1", target="y")
    ws.export("people@v1", to=str(folder / "lab" / "exported"), format=FORMATS, card=True)
    ws.export(split, to=str(folder / "outside"), format=FORMATS, card=True)


def check_use(ws, folder):
    """Work goes on with what was made of the other rows."""
    assert "everything is what it was" in repr(ws.verify())
    assert 119 == ws.checkout("people").frame.height
    ws.train("made", repeat=True)
    assert [119, 119] == [
        sum(split[part].height for part in PARTS)
        for split in (
            kept_split(ws.context, "s1"),
            ws.split("people", as_="s2", parts=PARTS, stratify=["group"]),
        )
    ]
    for place in ("lab/exported", "outside"):
        back = ws.load(str(folder / place)).frame
        assert OTHERS.equals(back.sort("id"))


@pytest.mark.filterwarnings("ignore:::mlflow", "ignore:::sqlalchemy", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore:An ill-conditioned")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_left_but_what_the_user_logged(kind, request, tmp_path):
    is_local = kind == "sqlite"
    target = str(tmp_path / "lab")
    given = {} if is_local else {"folder": target, "tracker": "none"}
    if not is_local:
        target = request.getfixturevalue("postgresql_database")()
    with qf.open(target, actor="ann", progress=False, **given) as ws:
        live(ws, tmp_path)
        ws.sync()
        assert len(traces(tmp_path, ws.context.store)) > 30
        report = ws.forget("people", where=f"id == {KEY}", reason="withdrawn", exports=True)
        logged = {f"lab/{which}" for what, which in report.left if what.startswith("file that")}
        assert (2 if is_local else 0) == len(logged)
        assert logged == traces(tmp_path, ws.context.store)
        assert logged == {f"lab/{which}" for _, which in report.left}
        assert 2 == len(report.rewritten)
        check_use(ws, tmp_path)
