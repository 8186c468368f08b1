"""The page of every result in a dataset's life, on Fisher's irises with UCI's slips."""

from pathlib import Path

import polars as pl
from sklearn.datasets import load_iris

import qforge_jupyter as qf
from qforge_jupyter.errors import QualityError

PARTS = {"train": 70, "validation": 15, "test": 15}
NUMBERS = ("sepal_length", "sepal_width", "petal_length", "petal_width")


def irises():
    bunch = load_iris(as_frame=True)
    frame = pl.from_pandas(bunch.frame).rename(dict(zip(bunch.feature_names, NUMBERS, strict=True)))
    species = dict(enumerate(map(str, bunch.target_names)))
    return frame.select(
        pl.int_range(1, 151).alias("flower"),
        *NUMBERS,
        pl.col("target").replace_strict(species, return_dtype=pl.String).alias("species"),
    )


def botanists(flowers):
    """Three rules of thumb, each by one measurement and a day, ten flowers a day."""
    bounds = {"petal_length": (2.5, 4.8), "petal_width": (0.8, 1.7), "sepal_length": (5.4, 6.2)}
    return pl.concat(
        flowers.select(
            "flower",
            pl.lit(column).alias("botanist"),
            pl.when(pl.col(column) <= low)
            .then(pl.lit("setosa"))
            .when(pl.col(column) <= high)
            .then(pl.lit("versicolor"))
            .otherwise(pl.lit("virginica"))
            .alias("species"),
            (pl.col("flower") % 15).alias("day"),
        )
        for column, (low, high) in bounds.items()
    )


def discriminant(X_train, y_train, log_metric):  # noqa: N803 — what a cell's code sees
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    log_metric("steps", 1.0, 0)
    return LinearDiscriminantAnalysis().fit(X_train, y_train)


def pages(folder: Path):
    """Give the documents by name, each of a real call."""
    fisher = irises()
    uci = fisher.with_columns(petal_width=pl.when(flower=35).then(0.1).otherwise("petal_width"))
    hers = fisher.with_columns(petal_width=pl.when(flower=35).then(0.3).otherwise("petal_width"))
    made = {}
    with qf.open(str(folder / "lab"), tracker="none", progress=False) as ws:
        made["commit"] = ws.commit(uci, to="iris", by=["flower"], message="as in the UCI file")
        made["tag"] = ws.tag("iris", as_="uci")
        ws.score("iris", required=["species"], unique_by=list(NUMBERS))
        made["branch"] = ws.branch("iris", as_="fisher")
        ws.commit(fisher, to="iris@fisher", message="as Fisher printed it")
        ws.commit(hers, to="iris", message="measured again")
        made["diff"] = ws.diff("iris uci..fisher")
        try:
            ws.merge("iris", from_="fisher")
        except QualityError as refused:
            made["merge with conflicts"] = refused.result
        made["merge"] = ws.merge("iris", from_="fisher", prefer="theirs")
        made["log"] = ws.log("iris")
        made["deduplicate"] = ws.deduplicate("iris", by=[*NUMBERS, "species"])
        split = ws.split("iris", as_="v1", parts=PARTS, stratify=["species"], seal=["test"])
        made["split with leaks"] = split
        made["leaks"] = ws.leaks(split, target="species")
        petals = ws.features("iris", as_="petals", compute={"area": "petal_length * petal_width"})
        made["features"] = petals
        made["train"] = ws.train(
            "lda", discriminant, with_=split, features=petals, target="species"
        )
        made["repeat"] = ws.train("lda", repeat=True)
        made["trial"] = ws.trial("iris", against="iris@uci", target="sepal_length")
        made["unseal"] = ws.unseal("v1/test", reason="final evaluation")
        made["export"] = ws.export(split, to=str(folder / "out"), format=["csv", "hf"], card=True)
        made["why"] = ws.why("iris", key="35")
        made["approve"] = ws.approve("iris", reason="compared with the printed table")
        made["lineage"] = ws.lineage("iris")
        made["harvest"] = ws.collect(
            "golden/species",
            from_=botanists(fisher).with_row_index("id"),
            outcome="none",
            confidence="none",
            score="none",
            where="day < 12",
            input=["flower"],
            expected_output=["species"],
            source="rules of thumb",
        )
        made["agreement"] = ws.agreement(
            botanists(fisher),
            by="flower",
            labeler="botanist",
            value="species",
            time="day",
            aggregate="dawid-skene",
            name="rules of thumb",
        )
    return {name: result.document() for name, result in made.items()}
