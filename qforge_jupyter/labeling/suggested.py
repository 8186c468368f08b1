"""Labeling from suggestions: which rows, in which order, what they say now and what is proposed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.labeling.items import Items
from qforge_jupyter.labeling.plan import LabelPlan
from qforge_jupyter.labeling.questions import MOST_ANSWERS
from qforge_jupyter.results.suggestions import Suggestions
from qforge_jupyter.versions.label_keys import item_keys
from qforge_jupyter.versions.laying import pick

#: Who speaks beside the labelers of an item; no labeler can be called so.
GIVEN, PROPOSED = "(given)", "(suggested)"


@dataclass(frozen=True)
class Suggested:
    """What suggestions say of the rows that are labeled.

    Parameters
    ----------
    question
        To which question a label is proposed; empty where none is.
    scores
        Of each row, the higher the sooner; NaN where it is not suggested.
    said
        By row, the label that it has and the one that is proposed.

    """

    question: str
    scores: NDArray[np.float64] = field(repr=False)
    said: dict[int, tuple[str | None, str | None]] = field(repr=False)

    def __contains__(self, place: int) -> bool:
        """Say whether a row is suggested."""
        return place in self.said

    def proposed(self, place: int) -> dict[str, Any]:
        """Give the proposed answer by question."""
        _, proposed = self.said.get(place, (None, None))
        return {self.question: proposed} if self.question and proposed is not None else {}

    def told(self, place: int) -> list[dict[str, Any]]:
        """Say what stands and what is proposed, as others' answers are told."""
        if not self.question:
            return []
        pairs = zip((GIVEN, PROPOSED), self.said.get(place, (None, None)), strict=True)
        return [
            {"labeler": who, "question": self.question, "value": value}
            for who, value in pairs
            if value is not None
        ]


def plan_from(plan: LabelPlan, found: Suggestions) -> LabelPlan:
    """Complete a body by what the suggestions are about; what it says itself stays.

    Raises
    ------
    CallError
        The column of labels cannot be asked as a question.

    """
    written = plan.model_dump(exclude_unset=True)
    kind = "correction" if found.find == "errors" else "initial"
    usual: dict[str, Any] = {"type": kind, "order": "most informative first"}
    if not plan.written and written.get("type") != "validation":
        if not found.classes or len(found.classes) > MOST_ANSWERS:
            raise CallError(
                f"{found.target[:60]!r} has {len(found.classes):,} classes, and 1 to "
                f"{MOST_ANSWERS:,} can be offered: write the question into the body"
            )
        usual[f"choose {found.target}"] = list(found.classes)
    return LabelPlan.model_validate({**usual, **written})


def read_suggested(items: Items, plan: LabelPlan, found: Suggestions) -> Suggested:
    """Find the suggested rows.

    Raises
    ------
    DataError
        The suggestions are of another table.

    """
    places = _places(items, found)
    own = {name: found.rows.get_column(found.own(name)) for name in ("score", "given", "proposed")}
    asked = next((one for one in plan.questions if one.name == found.target), None)
    answers = set(asked.answers) if asked else set()
    is_shown = asked is not None and found.find == "errors"
    scores = np.full(items.frame.height, np.nan)
    said: dict[int, tuple[str | None, str | None]] = {}
    lines = zip(places.tolist(), own["score"], own["given"], own["proposed"], strict=True)
    for place, score, given, proposed in lines:
        if place < 0 or place in said:
            continue
        scores[place] = score
        told = (given, proposed if proposed in answers else None) if is_shown else (None, None)
        said[place] = told
    if not said:
        raise DataError(
            f"None of the {found.rows.height:,} suggested rows of {found.name[:60]} is among these "
            "rows: suggest anew"
        )
    return Suggested(found.target if is_shown else "", scores, said)


def _places(items: Items, found: Suggestions) -> NDArray[np.int64]:
    if not items.keys:
        if found.n_rows != items.frame.height:
            raise DataError(
                f"The suggestions are of {found.n_rows:,} rows without keys, and "
                f"{items.frame.height:,} are labeled: suggest anew of this version"
            )
        places: NDArray[np.int64] = found.rows.get_column(found.own("row")).to_numpy()
        return items.first_of[places]
    missing = [key for key in items.keys if key not in found.rows.columns]
    if missing:
        raise DataError(
            f"The suggestions do not have the key {missing[0][:60]!r} by which the rows are known"
            f"{nearest(missing[0], found.keys)}: suggest  by {', '.join(items.keys)}"
        )
    keys: pl.DataFrame = pick(found.rows, items.keys)
    return items.places(item_keys(keys, items.keys))
