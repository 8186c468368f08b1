"""The likeliest answers by how reliable the labelers are, after Dawid and Skene."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from qforge_jupyter.engine.agreement.dawid_skene import dawid_skene
from qforge_jupyter.engine.agreement.ratings import read_ratings
from qforge_jupyter.labeling.answers import is_cant_tell
from qforge_jupyter.labeling.disagreement import canonical
from qforge_jupyter.labeling.folding import ItemState

_SCHEMA = {"question": pl.String, "item": pl.String, "labeler": pl.String, "value": pl.String}


def likeliest(states: Mapping[str, ItemState]) -> dict[tuple[str, str], str]:
    """Give the likeliest answer, as JSON, by question and item; ties have none.

    Whoever could not tell has no say. A question that fewer than two labelers
    answered has no likeliest answers: nothing is known of their errors.
    """
    rows = [
        (question, item, who, canonical(value))
        for item, state in states.items()
        for question, who, value in _answers(state)
    ]
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    found: dict[tuple[str, str], str] = {}
    for (question,), answers in frame.group_by("question", maintain_order=True):
        if answers["labeler"].n_unique() < 2:
            continue
        ratings = read_ratings(answers, level="nominal")
        labels = dawid_skene(ratings).labels(ratings).drop_nulls("label")
        pairs = labels.select("item", "label").iter_rows()
        found |= {(str(question), item): label for item, label in pairs}
    return found


def _answers(state: ItemState) -> list[tuple[str, str, Any]]:
    return [
        (question, who, event.label.value)
        for question, given in state.by_question().items()
        for who, event in given.items()
        if not is_cant_tell(event.label.value)
    ]
