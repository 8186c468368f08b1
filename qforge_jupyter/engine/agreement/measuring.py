"""Measure how far labelers agree: one door, a long frame in, a report out (G6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.agreement.bootstrap import Resampling
from qforge_jupyter.engine.agreement.categories import categories_of
from qforge_jupyter.engine.agreement.cautions import cautions_of
from qforge_jupyter.engine.agreement.coefficients import (
    Found,
    alpha_name,
    coefficients_of,
    why_not,
)
from qforge_jupyter.engine.agreement.consensus import Consensus
from qforge_jupyter.engine.agreement.dawid_skene import dawid_skene
from qforge_jupyter.engine.agreement.labelers import labelers_of
from qforge_jupyter.engine.agreement.levels import Level, check_level
from qforge_jupyter.engine.agreement.majority import majority
from qforge_jupyter.engine.agreement.one_coin import one_coin
from qforge_jupyter.engine.agreement.pairs import pairs_of
from qforge_jupyter.engine.agreement.patterns import countable
from qforge_jupyter.engine.agreement.ratings import Ratings, Repeats, Roles, read_ratings
from qforge_jupyter.engine.agreement.windows import check_windows, over_time
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.results.agreement import AgreementReport, Fit
from qforge_jupyter.results.interval import Interval
from qforge_jupyter.results.progress import Progress, silent

Aggregate = Literal["majority", "dawid-skene", "one-coin"]
_METHODS: dict[str, Callable[..., Consensus]] = {
    "dawid-skene": dawid_skene,
    "one-coin": one_coin,
}
QUESTIONS_AT_MOST = 1_000


@dataclass(frozen=True)
class Asked:
    """What is wanted of a table of ratings.

    Parameters
    ----------
    level, categories, repeats
        As for `read_ratings`.
    n_windows
        Windows over time; used where there is a time.
    aggregate
        How labels are made of the ratings; None for no labels.
    resampling
        How intervals are wanted.

    """

    level: Level | None = None
    categories: Sequence[str] | None = None
    repeats: Repeats = "last"
    n_windows: int = 10
    aggregate: Aggregate | None = None
    resampling: Resampling = field(default_factory=Resampling)

    def __post_init__(self) -> None:
        check_windows(self.n_windows)
        if self.aggregate is not None and self.aggregate not in get_args(Aggregate):
            known = get_args(Aggregate)
            raise CallError(f"No aggregation {self.aggregate!r}{nearest(self.aggregate, known)}")

    def check(self, schema: pl.Schema, roles: Roles) -> None:
        """Refuse columns that do not exist, and a level that the values do not have.

        Raises
        ------
        CallError
            It is so.

        """
        roles.check(schema)
        if self.level is not None:
            dtype = schema[roles.value]
            is_declared = self.categories is not None or isinstance(dtype, pl.Enum)
            check_level(self.level, dtype, roles.value, is_declared=is_declared)


def measure_agreement(
    frame: pl.DataFrame,
    roles: Roles | None = None,
    asked: Asked | None = None,
    *,
    name: str = "ratings",
    progress: Progress = silent,
) -> AgreementReport:
    """Measure the agreement of labelers, and make labels of their ratings if asked.

    Parameters
    ----------
    frame
        A long table, one row a rating.
    roles
        Which column says what.
    asked
        What is wanted.
    name
        What the table is called.
    progress
        Told how far the work is.

    Raises
    ------
    CallError
        A column is missing, or the level does not fit the values.
    DataError
        Fewer than two labelers rated, or an item was rated twice by one.

    Examples
    --------
    >>> frame = pl.DataFrame({"item": [1, 1, 2, 2], "labeler": [1, 2] * 2, "value": list("aabb")})
    >>> measure_agreement(frame).coefficient("Fleiss' kappa").value
    1.0

    """
    roles, asked = roles or Roles(), asked or Asked()
    asked.check(frame.schema, roles)
    _needs_two(frame, roles)
    parts = _by_question(frame, roles)
    pieces = [_Piece.of(question, part, roles, asked, progress) for question, part in parts]
    first = pieces[0].ratings.scale
    return AgreementReport(
        table=name,
        item=roles.item,
        level=first.level,
        is_level_given=asked.level is not None,
        confidence=asked.resampling.confidence,
        seed=asked.resampling.seed,
        n_ratings=sum(len(piece.ratings) for piece in pieces),
        n_missing=frame.height - sum(len(p.ratings) + p.ratings.n_repeated for p in pieces),
        n_repeated=sum(piece.ratings.n_repeated for piece in pieces),
        has_time=roles.time is not None,
        questions=_stack(pieces, "question"),
        coefficients=_stack(pieces, "coefficients"),
        pairs=_stack(pieces, "pairs"),
        by_label=_stack(pieces, "by_label"),
        over_time=_stack(pieces, "over_time"),
        labelers=_stack(pieces, "labelers"),
        labels=_stack(pieces, "labels"),
        confusion=_stack(pieces, "confusion"),
        fits=tuple(piece.fit for piece in pieces if piece.fit is not None),
        notes=tuple(dict.fromkeys(note for piece in pieces for note in piece.notes)),
    )


def _needs_two(frame: pl.DataFrame, roles: Roles) -> None:
    n_labelers = frame.select(exact(roles.labeler).drop_nulls().n_unique()).item()
    if n_labelers < 2:
        raise DataError(
            f"The column {roles.labeler!r} names {n_labelers} labeler{'s' * (n_labelers != 1)}, "
            "wanted at least two to compare: name the column of who rated with --labeler"
        )


def _by_question(frame: pl.DataFrame, roles: Roles) -> list[tuple[str, pl.DataFrame]]:
    if roles.question is None:
        return [("", frame)]
    asked = frame.select(exact(roles.question).alias("question"))["question"]
    known = asked.drop_nulls().unique().sort()
    if len(known) > QUESTIONS_AT_MOST:
        raise CallError(
            f"The column {roles.question!r} has {len(known):,} values, wanted the name of a "
            f"question: at most {QUESTIONS_AT_MOST:,}"
        )
    if not len(known):
        raise DataError(f"The column {roles.question!r} names no question: leave --question away")
    texts = known.cast(pl.String).to_list()
    return [
        (text, frame.filter((asked == value).fill_null(value=False)))
        for text, value in zip(texts, known, strict=True)
    ]


@dataclass(frozen=True)
class _Piece:
    """What was found for one question, as frames."""

    name: str
    ratings: Ratings
    frames: dict[str, pl.DataFrame]
    fit: Fit | None
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls, name: str, part: pl.DataFrame, roles: Roles, asked: Asked, progress: Progress
    ) -> _Piece:
        """Measure one question."""
        ratings = read_ratings(
            part, roles, level=asked.level, categories=asked.categories, repeats=asked.repeats
        )
        found = coefficients_of(ratings, asked.resampling, progress)
        consensus = _aggregated(ratings, asked, progress)
        patterns = countable(ratings)
        frames = {
            "question": _facts(ratings, found),
            "coefficients": _lines(found),
            "pairs": pairs_of(ratings),
            "by_label": categories_of(patterns, ratings.scale),
            "over_time": over_time(ratings, asked.n_windows, asked.resampling),
            "labelers": labelers_of(ratings, consensus),
        }
        if consensus is not None:
            frames["labels"] = consensus.labels(ratings)
            frames["confusion"] = consensus.confusions(ratings)
        return cls(
            name,
            ratings,
            frames,
            _fit(name, consensus),
            cautions_of(name, ratings, found, consensus),
        )


def _stack(pieces: Sequence[_Piece], key: str) -> pl.DataFrame:
    parts = [
        piece.frames[key].select(pl.lit(piece.name).alias("question"), pl.all())
        for piece in pieces
        if key in piece.frames
    ]
    return pl.concat(parts) if parts else pl.DataFrame()


def _aggregated(ratings: Ratings, asked: Asked, progress: Progress) -> Consensus | None:
    if asked.aggregate is None or why_not(ratings):
        return None
    if asked.aggregate == "majority":
        return majority(ratings)
    return _METHODS[asked.aggregate](ratings, progress=progress)


def _facts(ratings: Ratings, found: Found) -> pl.DataFrame:
    alpha = found[alpha_name(ratings.scale.level)]
    return pl.DataFrame(
        {
            "n_items": [ratings.n_items],
            "n_pairable": [int((np.bincount(ratings.items) >= 2).sum())],
            "n_ratings": [len(ratings)],
            "n_labelers": [ratings.n_labelers],
            "n_categories": [ratings.n_categories],
            "alpha": [alpha.value if isinstance(alpha, Interval) else None],
        },
        schema_overrides={"alpha": pl.Float64},
    )


def _lines(found: Found) -> pl.DataFrame:
    schema: dict[str, Any] = {
        "coefficient": pl.String,
        **dict.fromkeys(("value", "low", "high"), pl.Float64),
        "method": pl.String,
        "n_items": pl.Int64,
        "reason": pl.String,
        "note": pl.String,
    }
    lines: list[tuple[object, ...]] = []
    for name, each in found.items():
        if isinstance(each, Interval):
            ends = [end if np.isfinite(end) else None for end in (each.low, each.high)]
            lines.append((name, each.value, *ends, each.method, each.n, "", each.note))
        else:
            lines.append((name, None, None, None, "", each.n, each.reason, ""))
    return pl.DataFrame(lines, schema=schema, orient="row")


def _fit(name: str, consensus: Consensus | None) -> Fit | None:
    if consensus is None:
        return None
    trace = consensus.log_likelihoods
    return Fit(
        name,
        consensus.method,
        consensus.n_iterations,
        consensus.is_converged,
        trace[-1] if trace else None,
    )
