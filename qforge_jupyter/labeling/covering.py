"""Which rows a dataset lacks, by class, by what rows are like, and by tier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from qforge_jupyter.engine.coverage import cover
from qforge_jupyter.labeling.question_figures import texts_of
from qforge_jupyter.labeling.rows import LABELS, STATUSES, Rows

if TYPE_CHECKING:
    from qforge_jupyter.labeling.figures import Told

MOST_CELLS = 20
MOST_CLASSES = 50


def coverage_of(rows: Rows, told: Told, bands: pl.Series | None) -> dict[str, Any]:
    """Look for thin cells of the question that most was answered to.

    Parameters
    ----------
    rows
        Of the version that is looked at.
    told
        What was said of them.
    bands
        The tier of each row, as far as known; rejected rows cover nothing.

    """
    questions = [one for one in told.questions.values() if one.kind == "choose"]
    counts = dict(told.folded.cases["question"].value_counts().iter_rows())
    target = max(questions, key=lambda one: counts.get(one.name, 0), default=None)
    name = target.name if target else rows.first_of(LABELS)
    gold = tuple(one.detail["gold"]["column"] for one in told.sessions if one.detail.get("gold"))
    cases = told.folded.cases.filter(pl.col("question") == name, pl.col("value").is_not_null())
    said = cases.join(texts_of(cases["value"]), on="value").select("item", "text")
    classes = rows.classes(name, said)
    if not name or classes.drop_nulls().n_unique() > MOST_CLASSES:
        note = "No question with answers to choose from was asked, and no column is a label."
        return {
            "target": "", "n": 0, "n_rejected": 0, "facets": [], "cells": [], "square": None,
            "note": note,
        }  # fmt: skip
    known = (*told.questions, name, *gold, *STATUSES, "validated_by", "verified_by")
    offered = target.answers if target else ()
    facets = rows.facets(tuple(sorted(set(known))))
    found = cover(classes, facets, target=name, offered=offered, tiers=bands)
    return {
        "target": name,
        "n": found.n_rows,
        "n_rejected": found.n_rejected,
        "facets": list(found.facets),
        "cells": found.cells.head(MOST_CELLS).to_dicts(),
        "n_more": max(0, found.cells.height - MOST_CELLS),
        "square": found.square,
        "note": found.note,
    }
