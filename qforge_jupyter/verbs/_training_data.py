"""What a training learns from: the parts of a split, as rows and as arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.errors import CallError, DataError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import fingerprint, row_marks
from qforge_jupyter.results.feature_arrays import columns_of, wide
from qforge_jupyter.results.features import FeatureSet
from qforge_jupyter.results.split import Split

#: Parts that the code sees; any other is scored only.
SEEN = ("train", "validation")


@dataclass(frozen=True)
class TrainingData:
    """Rows and features of each part, and the column to predict.

    Parameters
    ----------
    rows
        By part, in the order of the split.
    matrices
        Features of the same rows.

    """

    rows: dict[str, pl.DataFrame]
    matrices: dict[str, pl.DataFrame]
    target: str
    features: tuple[str, ...]

    @property
    def whole_target(self) -> pl.Series:
        """The target of every part."""
        return pl.concat([frame.get_column(self.target) for frame in self.rows.values()])

    def x(self, part: str) -> Any:
        """Give the features of a part as an array of floats; what is missing is NaN."""
        return wide(self.matrices[part])

    def y(self, part: str) -> Any:
        """Give the target of a part as an array: floats, whole numbers, booleans or texts."""
        values = self.rows[part].get_column(self.target)
        if values.dtype.is_float() or values.dtype.is_decimal():
            return values.cast(pl.Float64).to_numpy()
        if values.dtype.is_integer() or values.dtype == pl.Boolean:
            return values.to_numpy()
        return np.asarray(values.cast(pl.String).to_list(), dtype=np.str_)

    def given(self) -> dict[str, Any]:
        """Name what the code sees."""
        schema = self.matrices["train"].schema
        names: dict[str, Any] = {"features": list(columns_of(schema)), "target": self.target}
        for part in SEEN:
            if part in self.rows:
                names |= {
                    part: self.rows[part],
                    f"X_{part}": self.x(part),
                    f"y_{part}": self.y(part),
                }
        return names

    def digests(self) -> dict[str, str]:
        """Name the content of each part."""
        return {part: fingerprint(frame) for part, frame in self.rows.items()}


def data_of(
    split: Split, features: FeatureSet | None, target: str, keys: Collection[str] = ()
) -> TrainingData:
    """Take the parts of a split that may be looked at, and find their features.

    Parameters
    ----------
    split
        The split.
    features
        The feature set; every number but the target and the keys without one.
    target
        The column to predict.
    keys
        Columns that name a row and say nothing of it.

    Raises
    ------
    CallError
        No such target, no part to train on, or features of another table.

    """
    names = [name for name in split.part_names if name not in split.sealed]
    if "train" not in names:
        raise CallError(
            "A training needs a part called `train` that is not sealed, and the split has "
            f"{', '.join(split.part_names) or 'none'}"
        )
    parts = {name: split[name] for name in names}
    known = parts["train"].columns
    if target not in known:
        raise CallError(f"No column {target[:60]!r} to predict{nearest(target, known)}")
    if features is not None:
        chosen = features.names
    else:
        chosen = tuple(name for name in _numeric(parts["train"], target) if name not in keys)
    if target in chosen:
        raise CallError(f"The target {target!r} is one of the features: take it out of them")
    # The features are found before rows without a target are left out: marks cover whole rows.
    matrices = {name: _features(part, features, chosen) for name, part in parts.items()}
    present = {name: part.get_column(target).is_not_null() for name, part in parts.items()}
    for name, part in parts.items():
        if part.schema[target].is_float():
            present[name] &= part.get_column(target).is_finite().fill_null(value=False)
    rows = {name: part.filter(present[name]) for name, part in parts.items()}
    empty = next((name for name, part in rows.items() if not part.height), None)
    if empty is not None:
        raise DataError(f"No row of the {empty} part has a value of {target!r} to learn or score")
    matrices = {name: matrix.filter(present[name]) for name, matrix in matrices.items()}
    return TrainingData(rows, matrices, target, tuple(chosen))


def recorded(
    frames: Mapping[str, pl.DataFrame], target: str, features: tuple[str, ...]
) -> TrainingData:
    """Put what a record keeps together again, in the order in which parts are scored."""
    rows = {
        key.removeprefix("rows-"): frame for key, frame in frames.items() if key.startswith("rows-")
    }
    matrices = {name: frames[f"features-{name}"] for name in rows}
    return TrainingData(rows, matrices, target, features)


def _numeric(frame: pl.DataFrame, target: str) -> tuple[str, ...]:
    found = tuple(
        name
        for name, dtype in frame.schema.items()
        if name != target and (dtype.is_numeric() or dtype == pl.Boolean)
    )
    if not found:
        raise CallError("The table has no numbers to learn from: make features, add --features")
    return found


def _features(
    part: pl.DataFrame, features: FeatureSet | None, names: tuple[str, ...]
) -> pl.DataFrame:
    if features is None:
        return part.select(column(name).cast(pl.Float64) for name in names)
    marks = row_marks(Table.of_frame("part", part))
    if not marks.is_in(features.marks.implode()).all():
        raise CallError(
            f"The features {features.name} {features.version} are not those of the table that was "
            "split: make them of the same rows"
        )
    return features.of_rows(marks)
