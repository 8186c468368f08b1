"""What was answered to one question: how often, how alike, how it is spread."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.engine.agreement.coefficients import coefficients_of
from qforge_jupyter.engine.agreement.pairs import pairs_of
from qforge_jupyter.engine.agreement.ratings import Ratings, read_ratings
from qforge_jupyter.labeling.questions import MARKING, Question
from qforge_jupyter.labeling.told import storable, written
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.store.types import from_json

#: So many labels of a question are counted by name.
MOST_LABELS = 60
#: Pairs of so many labelers are compared.
MOST_PAIRED = 12
N_BINS = 20
_COMPARED = ("choose", "several", "rate", "number")


def texts_of(values: pl.Series) -> pl.DataFrame:
    """Read each different value once: ``value`` as it is kept, ``text`` as people read it.

    Examples
    --------
    >>> texts_of(pl.Series(['"A"', '["a"]', '"A"'])).sort("value").rows()
    [('"A"', 'A'), ('["a"]', '["a"]')]

    """
    known = values.drop_nulls().unique()
    texts = [storable(written(from_json(json.loads(each)))) for each in known]
    return pl.DataFrame({"value": known, "text": pl.Series(texts, dtype=pl.String)})


def figures_of(
    question: Question, answers: pl.DataFrame, cases: pl.DataFrame, extra: pl.DataFrame
) -> dict[str, Any]:
    """Count and compare the answers to one question.

    Parameters
    ----------
    question
        What was asked.
    answers, cases
        Those of `Folded` that speak of it.
    extra
        ``text`` of rows that have an answer in the dataset and none in the store.

    """
    told = answers.filter(pl.col("type") != "cant_tell")
    how = cases["how"].value_counts().sort("count", "how", descending=[True, False])
    made: dict[str, Any] = {
        "name": question.name,
        "kind": question.kind,
        "n_answers": answers.height,
        "n_items": answers["item"].n_unique(),
        "n_cant_tell": answers.height - told.height,
        "n_valued": cases["value"].count(),
        "how": [[name, int(n)] for name, n in how.iter_rows()],
        "balance": [],
        "n_more": 0,
        "histogram": None,
        "agreement": [],
        "pairs": None,
        "note": "",
    }
    if question.kind in ("rate", "number"):
        made["histogram"] = _histogram(question, cases["value"])
    elif question.kind in ("choose", "several", *MARKING):
        counted = _balance(question, cases["value"], extra)
        made["balance"] = counted[:MOST_LABELS]
        made["n_more"] = max(0, len(counted) - MOST_LABELS)
    return {**made, **_agreement(question, told)}


def _balance(question: Question, values: pl.Series, extra: pl.DataFrame) -> list[list[Any]]:
    """Count items by label, those first that can be chosen, in the order of the question."""
    known = texts_of(values)
    if question.kind == "choose":
        texts = values.to_frame("value").join(known, on="value")["text"]
        texts = pl.concat([texts, extra["text"]])
    else:
        labels = [_labels_in(question, each) for each in known["value"]]
        parts = known.select("value", label=pl.Series(labels, dtype=pl.List(pl.String)))
        joined = values.to_frame("value").join(parts, on="value")
        texts = joined.explode("label")["label"].drop_nulls()
    counts = dict(texts.value_counts().iter_rows())
    offered = [[each, int(counts.pop(each, 0))] for each in question.answers]
    rest = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [*offered, *([name, int(n)] for name, n in rest)]


def _labels_in(question: Question, value: str) -> list[str]:
    """Name the labels in one answer; an item counts once for each."""
    said = from_json(json.loads(value))
    if question.kind == "several":
        return [str(storable(str(each))) for each in said] if isinstance(said, list) else []
    if question.kind == "brush":
        return [str(said["label"])] if isinstance(said, dict) and "label" in said else []
    marks = said if isinstance(said, list) else []
    found = [str(storable(str(each["label"]))) for each in marks if isinstance(each, dict)]
    return list(dict.fromkeys(found))


def _histogram(question: Question, values: pl.Series) -> dict[str, Any] | None:
    numbers = values.cast(pl.Float64, strict=False).drop_nulls()
    numbers = numbers.filter(numbers.is_finite())
    if numbers.is_empty():
        return None
    ends = [question.range.low, question.range.high]
    found = [numbers.min(), numbers.max()]
    low, high = (
        float(known if isinstance(known, int | float) else str(seen))
        for known, seen in zip(ends, found, strict=True)
    )
    n_bins, is_stepped = N_BINS, question.is_stepped and high - low < N_BINS
    if is_stepped:  # a column for each step
        n_bins, low, high = round(high - low) + 1, low - 0.5, high + 0.5
    span = (low, high) if high > low else (low - 0.5, low + 0.5)
    counts, _ = np.histogram(numbers.to_numpy(), bins=n_bins, range=span)
    mean = float(str(numbers.mean()))
    return {"counts": counts.tolist(), "low": span[0], "high": span[1], "mean": round(mean, 4)}


def _agreement(question: Question, told: pl.DataFrame) -> dict[str, Any]:
    if question.kind not in _COMPARED:
        return {"note": "Marks and texts are not compared: agreement is of choices and numbers."}
    if told["labeler"].n_unique() < 2:
        return {"note": "Agreement needs answers of two labelers."}
    ratings = _ratings(question, told)
    found = coefficients_of(ratings)
    lines = [
        {"coefficient": name, "value": round(each.value, 4), "n": each.n, "reason": ""}
        if isinstance(each, Interval)
        else {"coefficient": name, "value": None, "n": each.n, "reason": each.reason}
        for name, each in found.items()
    ]
    if all(line["value"] is None for line in lines):
        return {"note": f"Agreement cannot be said: {lines[0]['reason']}."}
    return {"agreement": lines, "pairs": _pairs(ratings)}


def _ratings(question: Question, told: pl.DataFrame) -> Ratings:
    if question.kind in ("rate", "number"):
        numbers = told.with_columns(pl.col("value").cast(pl.Float64, strict=False))
        return read_ratings(numbers.select("item", "labeler", "value"))
    texts = told.join(texts_of(told["value"]), on="value", maintain_order="left")
    return read_ratings(texts.select("item", "labeler", value=pl.col("text")))


def _pairs(ratings: Ratings) -> dict[str, Any] | None:
    if not 2 < ratings.n_labelers <= MOST_PAIRED:
        return None
    known = {
        (first, second): (None if kappa is None else round(kappa, 4), n)
        for first, second, n, kappa in pairs_of(ratings)
        .select("first", "second", "n_items", "kappa")
        .iter_rows()
    }
    names = sorted({name for pair in known for name in pair})
    if not names:
        return None
    square = [
        [known.get((one, other), known.get((other, one), (None, 0)))[0] for other in names]
        for one in names
    ]
    return {"labelers": names, "kappa": square}
