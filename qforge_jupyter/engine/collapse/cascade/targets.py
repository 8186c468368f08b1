"""Columns as something to predict."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.errors import CallError, DataError

#: Integers with at most so many different values are classes.
FEW_VALUES = 10
#: Classes at most; rarer ones are one class together.
MOST_CLASSES = 16
#: Numbers beyond this, or that vary by less than one over it, have no square.
FARTHEST = 1e100
#: Called as no level is.
OTHERS = "\x00others"
#: Columns that are predicted in turn where no target is named.
IN_TURN = 4


@dataclass(frozen=True)
class Target:
    """A column that is predicted.

    Parameters
    ----------
    name
        Of the column.
    metric
        ``auc``, ``accuracy``, ``r2``, ``mae`` or ``explained``.
    classes
        Of a category, the most frequent first; of a number nothing.
    inputs
        Places of the features that are not the target's own.

    """

    name: str
    metric: str
    classes: tuple[str, ...]
    inputs: NDArray[np.int64] = field(repr=False)

    @property
    def is_number(self) -> bool:
        """Whether a number is predicted."""
        return not self.classes

    def values(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """Give the value, or the number of the class; NaN where there is none."""
        if self.is_number:
            return _numbers(frame, self.name).to_numpy()
        codes = {name: code for code, name in enumerate(self.classes)}
        others = codes.get(OTHERS, float("nan"))
        held = _texts(frame, self.name)
        found = held.replace_strict(codes, default=others, return_dtype=pl.Float64)
        return np.where(held.is_null().to_numpy(), np.nan, found.to_numpy())


def targets_of(  # noqa: PLR0913 — the question, and where it is asked
    encoder: Encoder, reference: pl.DataFrame, name: str, metric: str, table_name: str, seed: int
) -> list[Target]:
    """Give the target, or the columns that are predicted in turn.

    Raises
    ------
    DataError
        The target has one value only, or cannot be predicted.

    """
    known = {each.name: each for each in encoder.columns}
    if not name:
        order = np.random.default_rng([seed, 0x7A46]).permutation(len(encoder.columns))
        names = sorted(encoder.columns[at].name for at in order[:IN_TURN])
        found = [_target(encoder, reference, each, "explained") for each in names]
        told = [
            each
            for each in found
            if each is not None
            and len(each.inputs)
            and not (each.is_number and not _has_squares(reference, each.name))
        ]
        if not told:
            raise DataError(
                f"No column of {table_name} can be predicted from the others: at least two "
                "columns that vary are needed"
            )
        return told
    if name not in known:
        why = encoder.left_out.get(name, "cannot be compared")
        raise DataError(f"The target {name!r} cannot be predicted ({why}): name another column")
    target = _target(encoder, reference, name, metric)
    if target is not None and target.is_number and not _has_squares(reference, name):
        raise DataError(
            f"The target {name!r} holds numbers beyond {FARTHEST:g}, or they vary by less than "
            f"{1 / FARTHEST:g}: give it in another unit"
        )
    if target is None:
        raise DataError(
            f"The target {name!r} has one value only in {table_name}: nothing can be learned; "
            "name another column or give real data with more of its values"
        )
    if not len(target.inputs):
        raise DataError(f"There is no column beside {name!r} to predict it from")
    return [target]


def _target(encoder: Encoder, reference: pl.DataFrame, name: str, metric: str) -> Target | None:
    inputs = np.flatnonzero([each != name for each, _ in encoder.feature_names])
    column = next(each for each in encoder.columns if each.name == name)
    held = reference.get_column(name).drop_nulls()
    n_values = held.n_unique()
    if n_values < 2:
        return None
    is_few = held.dtype.is_integer() and n_values <= FEW_VALUES
    is_class = not column.is_number or n_values == 2 or is_few
    if column.chosen.by == "length" or not is_class:
        return Target(name, _checked(metric, name, is_class=False, n_classes=0), (), inputs)
    counts = _texts(reference, name).drop_nulls().rename("level").value_counts()
    ranked = counts.sort(["count", "level"], descending=[True, False])["level"].to_list()
    if len(ranked) > MOST_CLASSES - 1:
        ranked = [*ranked[: MOST_CLASSES - 1], OTHERS]
    chosen = _checked(metric, name, is_class=True, n_classes=len(ranked))
    return Target(name, chosen, tuple(ranked), inputs)


def _has_squares(reference: pl.DataFrame, name: str) -> bool:
    """Say whether losses of a number can be squared and summed."""
    held = _numbers(reference, name).to_numpy()
    held = held[~np.isnan(held)]
    low, high = float(held.min()), float(held.max())
    return low > -FARTHEST and high < FARTHEST and high - low > 1 / FARTHEST


def _checked(metric: str, name: str, *, is_class: bool, n_classes: int) -> str:
    if metric == "auto":
        if not is_class:
            return "r2"
        return "auc" if n_classes == 2 else "accuracy"
    if metric == "explained":
        return metric
    if (metric in ("auc", "accuracy")) != is_class or (metric == "auc" and n_classes != 2):
        wanted = (
            "r2 or mae" if not is_class else "auc or accuracy" if n_classes == 2 else "accuracy"
        )
        raise CallError(f"`metric: {metric}` does not fit the target {name!r}: write {wanted}")
    return metric


def _numbers(frame: pl.DataFrame, name: str) -> pl.Series:
    held = frame.get_column(name)
    if held.dtype == pl.String:
        return held.str.len_chars().cast(pl.Float64).fill_null(float("nan"))
    if held.dtype.is_temporal():
        held = held.to_physical()
    values = held.cast(pl.Float64).fill_null(float("nan"))
    return values.set(values.is_infinite(), float("nan"))


def _texts(frame: pl.DataFrame, name: str) -> pl.Series:
    """Give classes as texts that do not depend on how numbers are stored."""
    held = frame.get_column(name)
    if held.dtype.is_numeric():
        held = frame.select(exact(name).cast(pl.Float64).fill_nan(None)).to_series()
    return held.cast(pl.String)
