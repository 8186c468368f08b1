"""What each labeler did, in all and by session: how many labels, how fast, how good, whither."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from qforge_jupyter.engine.labeling_pace import SITTING, likeness_of, pace_of, with_sittings
from qforge_jupyter.labeling.disagreement import canonical
from qforge_jupyter.labeling.known import alike
from qforge_jupyter.labeling.rows import Rows
from qforge_jupyter.labeling.showing import plain
from qforge_jupyter.store.types import from_json

if TYPE_CHECKING:
    from qforge_jupyter.labeling.figures import Told

MOST_LABELERS = 50
#: The latest ones are given.
MOST_SESSIONS = 200
_BY_LABELER = ("labeler",)


def labelers_of(rows: Rows, told: Told) -> list[dict[str, Any]]:
    """Give a line a labeler, those with the most labels first."""
    lines = _measured(rows, told, _worked(told), told.folded.answers, _BY_LABELER)
    undos = told.events.filter(pl.col("type") == "undo")
    undone = undos.group_by("labeler").agg(n_undone=pl.len().cast(pl.Int64))
    lines = lines.join(undone, on="labeler", how="left")
    ordered = lines.sort(["n_labels", "labeler"], descending=[True, False]).head(MOST_LABELERS)
    return _plain(ordered)


def sessions_of(rows: Rows, told: Told) -> list[dict[str, Any]]:
    """Give a line a session of a labeler, in the order of time; a long break ends one.

    ``quality`` is the share of known answers that were given right, where there were any, else
    that of answers which are what most others say; ``change`` is how much higher it is than in
    the session of this labeler before.
    """
    worked = with_sittings(_worked(told))
    numbers = worked.select("position", "sitting")
    answers = told.folded.answers.join(numbers, on="position", maintain_order="left")
    lines = _measured(rows, told, worked, answers, SITTING).drop("trend")
    begun = worked.group_by(SITTING).agg(started_at=pl.col("at").min(), kind=pl.col("kind").first())
    lines = lines.join(begun, on=list(SITTING)).sort("started_at", "session", "sitting")
    known, like = _share("n_gold_right", "n_gold"), _share("n_alike", "n_compared")
    lines = lines.with_columns(
        pl.col("started_at").dt.to_string("iso:strict"),
        nth=pl.int_range(1, pl.len() + 1).over("labeler"),
        quality=pl.coalesce(known, like).round(3),
        change=pl.coalesce(_change(known), _change(like)).round(3),
    )
    return _plain(lines.drop("session", "sitting").tail(MOST_SESSIONS))


def _worked(told: Told) -> pl.DataFrame:
    return told.folded.living.filter(pl.col("type") != "adjudication")


def _measured(
    rows: Rows, told: Told, worked: pl.DataFrame, answers: pl.DataFrame, by: Sequence[str]
) -> pl.DataFrame:
    nominal = answers.join(
        told.nominal.select("position"), on="position", how="semi", maintain_order="left"
    )
    lines = pace_of(worked, by).join(likeness_of(nominal, by), on=list(by), how="left")
    return lines.join(_gold(rows, told, answers, by), on=list(by), how="left")


def _share(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))


def _change(share: pl.Expr) -> pl.Expr:
    """Take what the last session before had in which there was anything to compare."""
    return share - share.forward_fill().shift(1).over("labeler")


def _plain(lines: pl.DataFrame) -> list[dict[str, Any]]:
    counted = (pl.col(name).fill_null(0) for name in ("n_gold", "n_gold_right"))
    return (
        lines.with_columns(gold=pl.concat_list(*counted)).drop("n_gold", "n_gold_right").to_dicts()
    )


def _gold(rows: Rows, told: Told, answers: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Count the hidden known answers, and those given right."""
    none = answers.select(*by, n_gold=0, n_gold_right=0).clear()
    counted = [none.cast({"n_gold": pl.Int64, "n_gold_right": pl.Int64})]
    asked = {
        (gold["column"], gold["question"])
        for session in told.sessions
        if (gold := session.detail.get("gold")) and gold["column"] in rows.frame.columns
    }
    for name, question in sorted(asked):
        of_it = [
            one.id
            for one in told.sessions
            if one.detail.get("gold") == {"column": name, "question": question}
        ]
        given = answers.filter(pl.col("session").is_in(of_it), pl.col("question") == question)
        known = rows.frame.get_column(name)[given["item"].to_list()]
        both = given.select(*by, "value").with_columns(known=pl.Series(known))
        counted.append(_judged(both.filter(pl.col("known").is_not_null()), by))
    return pl.concat(counted).group_by(by).sum()


def _judged(judged: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Compare each different pair of a known and a given answer once."""
    known = judged["known"].unique()
    sure = pl.DataFrame({
        "known": known,
        "wanted": pl.Series([canonical(alike(plain(each))) for each in known], dtype=pl.String),
    })  # fmt: skip
    said = judged["value"].unique()
    given = [canonical(alike(from_json(json.loads(each)))) for each in said]
    told = pl.DataFrame({"value": said, "given": pl.Series(given, dtype=pl.String)})
    joined = judged.join(sure, on="known").join(told, on="value")
    is_right = (pl.col("wanted") == pl.col("given")).sum().cast(pl.Int64)
    return joined.group_by(by).agg(n_gold=pl.len().cast(pl.Int64), n_gold_right=is_right)
