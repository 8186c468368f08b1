"""A row's life tells what models and files were made of it, and of nothing that it was not in."""

import polars as pl

PARTS = {"train": 60, "validation": 20, "test": 20}


def mean(X_train, y_train):  # noqa: N803 — what a cell's code sees
    from sklearn.dummy import DummyRegressor

    return DummyRegressor().fit(X_train, y_train)


def test_training_and_export_are_told_of_the_rows_that_were_in_them(ws, quiet_place):
    rows = pl.DataFrame({"id": range(60), "x": [each / 7 for each in range(60)]})
    rows = rows.with_columns(y=pl.col("x") * 2)
    ws.commit(rows, to="points", by=["id"])
    split = ws.split("points", as_="p1", parts=PARTS, seal=["test"])
    ws.train("mean", mean, with_=split, target="y")
    ws.export(split, to=str(quiet_place / "out"))
    told = {
        part: ws.why("points", key=str(rows.filter(split.part_of == part)["id"][0])).frame
        for part in PARTS
    }
    lives = {part: dict(frame.select("what", "detail").rows()) for part, frame in told.items()}
    assert {"train": "mean: train", "validation": "mean: validation", "test": None} == {
        part: life.get("trained on") for part, life in lives.items()
    }
    assert {"train": True, "validation": True, "test": False} == {
        part: "exported" in life for part, life in lives.items()
    }
