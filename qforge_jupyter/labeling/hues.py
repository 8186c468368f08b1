"""By what the points of a map are coloured: the answers so far, or a column."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.labeling.questions import Question
from qforge_jupyter.labeling.queue import Queue
from qforge_jupyter.labeling.showing import plain
from qforge_jupyter.labeling.told import storable, written
from qforge_jupyter.versions.laying import pick

#: As many colours are told apart; what comes after them is "other".
MOST = 8
N_STEPS = 5
#: So many questions can be chosen to colour by.
MOST_QUESTIONS = 8
NONE = 255
LONGEST = 60
Codes = NDArray[np.uint8]


def hues_of_answers(queue: Queue, places: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Give each row its answer to each choice and rating: one's own, else one that is shown.

    Ratings of few steps have a colour a step, others one for each fifth of their range (``cuts``
    lie between). Others' answers colour a row only where labelers see them.

    """
    asked = [one for one in queue.plan.questions if one.kind in ("choose", "rate")]
    return [_hue_of(queue, one, places) for one in asked[:MOST_QUESTIONS]]


def _hue_of(queue: Queue, question: Question, places: NDArray[np.int64]) -> dict[str, Any]:
    told = [
        _answer(queue, int(place), question.name) if place in queue.states else None
        for place in places.tolist()
    ]
    if question.kind == "choose":
        texts = [None if each is None else storable(written(each)) for each in told]
        return _packed(question.name, "answer", texts, list(question.answers))
    numbers = [float(each) if isinstance(each, int | float) else np.nan for each in told]
    low, high = (float(end) for end in (question.range.low, question.range.high))  # type: ignore[arg-type]
    if question.is_stepped and high - low < MOST:
        steps = [f"{step:g}" for step in np.arange(low, high + 1)]
        texts = [None if np.isnan(each) else f"{each:g}" for each in numbers]
        return _packed(question.name, "answer", texts, steps)
    cuts = np.linspace(low, high, N_STEPS + 1)
    made = _coded(question.name, cuts, np.array(numbers, dtype=np.float64))
    return {**made, "cuts": cuts[1:-1].tolist()}


def _answer(queue: Queue, place: int, question: str) -> Any:
    said = queue.state(place).answers
    me = queue.session.labeler
    mine = said.get(me, {}).get(question)
    if mine is not None:
        return mine.label.value
    if queue.plan.is_blind:
        return None
    others = [each[question].label.value for who, each in said.items() if question in each]
    return others[-1] if others else None


def hues_of_column(frame: pl.DataFrame, name: str, places: NDArray[np.int64]) -> dict[str, Any]:
    """Give each row the colour of its cell: numbers in fifths, else the most frequent values."""
    cells = pick(frame, [name]).to_series()
    if cells.dtype.is_float():
        cells = cells.fill_nan(None)
    if cells.dtype.is_numeric() and cells.n_unique() > MOST:
        return _steps(name, cells.cast(pl.Float64).fill_null(np.nan).to_numpy(), places)
    frequent = cells.drop_nulls().value_counts(sort=True).head(MOST).to_series()
    labels = sorted(map(_label, frequent.to_list()))
    told = [None if each is None else _label(each) for each in cells.gather(places).to_list()]
    return _packed(name, "column", told, labels)


def _steps(name: str, values: NDArray[np.float64], places: NDArray[np.int64]) -> dict[str, Any]:
    """Cut numbers into fifths of their count, or of different ones where most are equal."""
    finite, ends = values[np.isfinite(values)], np.linspace(0, 1, N_STEPS + 1)
    cuts = np.unique(np.quantile(finite, ends))
    if cuts.size == 2:
        cuts = np.unique(np.quantile(np.unique(finite), ends))
    return _coded(name, cuts, values[places])


def _coded(name: str, cuts: NDArray[np.float64], values: NDArray[np.float64]) -> dict[str, Any]:
    codes = np.clip(np.searchsorted(cuts[1:-1], values, side="right"), 0, N_STEPS - 1)
    codes[~np.isfinite(values)] = NONE
    ends = _apart(cuts)
    labels = [f"{low} … {high}" for low, high in pairwise(ends)]
    return _reply(name, "steps", labels or ends, codes.astype(np.uint8))


def _apart(cuts: NDArray[np.float64]) -> list[str]:
    """Write numbers with so many digits that no two look the same."""
    written = ([f"{cut:.{digits}g}" for cut in cuts] for digits in range(4, 18))
    return next(texts for texts in written if len(set(texts)) == cuts.size)


def _packed(name: str, kind: str, told: list[str | None], labels: list[str]) -> dict[str, Any]:
    kept = list(dict.fromkeys(labels))[:MOST]
    codes = {label: at for at, label in enumerate(kept)}
    others = Counter(each for each in told if each is not None and each not in codes)
    if others:
        kept.append("other")
    of = [NONE if each is None else codes.get(each, len(codes)) for each in told]
    return _reply(name, kind, kept, np.array(of, dtype=np.uint8))


def _reply(name: str, kind: str, labels: list[str], codes: Codes) -> dict[str, Any]:
    return {"name": name, "kind": kind, "labels": labels, "codes": codes.tobytes()}


def _label(cell: Any) -> str:
    return str(plain(cell))[:LONGEST]
