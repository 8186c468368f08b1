"""Bad rows of a dozen kinds, planted among real ones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl
from sklearn import datasets

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.frames import Table

KINDS = (
    "copied", "nearly copied", "repeated", "flipped", "shrunk", "wrong mode", "impossible pair",
    "outlying", "pair broken", "triple broken", "drifted", "noise", "scrambled",
)  # fmt: skip
TARGET = "target"


@dataclass(frozen=True)
class Planted:
    """A candidate with bad rows, its reference, and which rows are bad."""

    candidate: pl.DataFrame
    reference: pl.DataFrame
    is_bad: np.ndarray

    @property
    def case(self) -> CollapseCase:
        """The case with the target known."""
        tables = Table.of_frame("synth", self.candidate), Table.of_frame("real", self.reference)
        return CollapseCase(*tables, TARGET)


def table(name: str) -> pl.DataFrame:
    """Give a real table of numbers with a class or a number as target."""
    loaded = getattr(datasets, f"load_{name}")(as_frame=True)
    frame = pl.from_pandas(loaded.frame).with_columns(pl.exclude(TARGET).cast(pl.Float64))
    if frame[TARGET].n_unique() <= 10:
        frame = frame.with_columns(("class " + pl.col(TARGET).cast(pl.String)).alias(TARGET))
    if name == "breast_cancer":
        area = pl.col("mean area")
        size = pl.when(area < 480).then(pl.lit("small")).when(area < 720).then(pl.lit("middling"))
        frame = frame.with_columns(size=size.otherwise(pl.lit("large")))
    return frame


def plant(kind: str, frame: pl.DataFrame, seed: int = 0, share: float = 0.2) -> Planted:
    """Halve a table and make a share of one half bad; ``none`` makes nothing bad."""
    rng = np.random.default_rng([seed, *kind.encode()])
    if kind == "triple broken":
        first, second, size = rng.normal(size=(3, frame.height))
        third = np.sign(first * second) * np.abs(size)
        frame = frame.with_columns(one=first, two=second, three=third)
    frame = frame[rng.permutation(frame.height)]
    half = frame.height // 2
    reference, sound = frame[:half], frame[half : 2 * half]
    rows = np.sort(rng.choice(half, 0 if kind == "none" else int(share * half), replace=False))
    bad = sound[rows] if kind == "none" else BAD[kind](sound[rows], reference, rng)
    is_bad = np.zeros(half, dtype=bool)
    is_bad[rows] = True
    mixed = pl.concat([sound.filter(~pl.Series(is_bad)), bad.select(sound.columns)])
    order = rng.permutation(half)
    return Planted(mixed[order], reference, np.sort(is_bad)[order])


def _numbers(frame: pl.DataFrame) -> list[str]:
    return [name for name, kind in frame.schema.items() if kind.is_float() and name != TARGET]


def _copied(rows, reference, rng):
    return reference[rng.choice(reference.height, rows.height, replace=False)]


def _nearly_copied(rows, reference, rng):
    spread = {name: 0.03 * reference[name].std() for name in _numbers(rows)}
    return _copied(rows, reference, rng).with_columns(
        pl.col(name) + pl.Series(rng.normal(size=rows.height)) * width
        for name, width in spread.items()
    )


def _repeated(rows, _, rng):
    few = rows[: max(2, rows.height // 8)]
    return few[rng.integers(0, few.height, rows.height)]


def _flipped(rows, reference, rng):
    given = rows[TARGET]
    if given.dtype == pl.String:
        known = reference[TARGET].unique().sort().to_list()
        other = [rng.choice([each for each in known if each != value]) for value in given]
        return rows.with_columns(pl.Series(TARGET, other))
    order = np.argsort(given.to_numpy())
    values = given.to_numpy().copy()
    values[order] = given.to_numpy()[np.roll(order, len(order) // 2)]
    return rows.with_columns(pl.Series(TARGET, values))


def _shrunk(rows, reference, _):
    centres = {name: reference[name].mean() for name in _numbers(rows)}
    return rows.with_columns(pl.col(name) * 0.2 + 0.8 * at for name, at in centres.items())


def _wrong_mode(rows, reference, rng):
    names = _numbers(rows)
    view = (reference.select(names) - reference.select(names).mean()[0]).to_numpy()
    view = view / view.std(axis=0)
    away = ((view - view[rng.integers(len(view))]) ** 2).sum(axis=1)
    near = reference[np.argsort(away)[: max(8, reference.height // 25)]]
    ends = [near[rng.integers(0, near.height, rows.height)] for _ in range(2)]
    weight = pl.Series(rng.random(rows.height))
    return ends[0].with_columns(
        pl.col(name) * weight + ends[1][name] * (1 - weight) for name in names
    )


def _impossible_pair(rows, reference, _):
    """Give rows the two levels that least often meet in the reference for their frequency."""
    first, second = (name for name in rows.columns if rows.schema[name] == pl.String)
    met = {(a, b): n for a, b, n in reference.group_by(first, second).len().iter_rows()}
    alone = [dict(reference[name].value_counts().iter_rows()) for name in (first, second)]
    a, b = min(
        product(*alone),
        key=lambda pair: (met.get(pair, 0) / (alone[0][pair[0]] * alone[1][pair[1]]),
                          -alone[0][pair[0]] * alone[1][pair[1]]),
    )  # fmt: skip
    return rows.with_columns(pl.lit(a).alias(first), pl.lit(b).alias(second))


def _outlying(rows, reference, rng):
    name = _numbers(rows)[rng.integers(len(_numbers(rows)))]
    away = rng.choice([-1, 1], rows.height) * rng.uniform(4, 6, rows.height)
    values = reference[name].mean() + away * reference[name].std()
    return rows.with_columns(pl.Series(name, values))


def _pair_broken(rows, reference, rng):
    names = _numbers(rows)
    bound = np.abs(np.corrcoef(reference.select(names).to_numpy().T)) - 2 * np.eye(len(names))
    name = names[np.unravel_index(bound.argmax(), bound.shape)[0]]
    return rows.with_columns(pl.Series(name, rng.permutation(rows[name].to_numpy())))


def _triple_broken(rows, _, __):
    return rows.with_columns(three=-pl.col("three"))


def _drifted(rows, reference, _):
    return rows.with_columns(pl.col(name) + reference[name].std() for name in _numbers(rows))


def _noise(rows, reference, rng):
    made = {
        name: pl.Series(rng.uniform(reference[name].min(), reference[name].max(), rows.height))
        for name in _numbers(rows)
    }
    return _scrambled(rows, reference, rng).with_columns(**made)


def _scrambled(rows, _, rng):
    return rows.select(pl.col(name).gather(rng.permutation(rows.height)) for name in rows.columns)


BAD = dict(zip(KINDS, (
    _copied, _nearly_copied, _repeated, _flipped, _shrunk, _wrong_mode, _impossible_pair,
    _outlying, _pair_broken, _triple_broken, _drifted, _noise, _scrambled,
), strict=True))  # fmt: skip
