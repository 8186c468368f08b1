"""Rows as points: what near means, by numbers and categories, text, molecule, embedding.

``numbers and categories`` is one view of all such columns: numbers robustly
scaled (median 0, interquartile range as of a normal distribution 1, and
logarithmic beyond 10 of these), small categories as one axis a level. Each
text, each column of SMILES and an embedding are views of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.chemistry.fingerprints import looks_like_smiles, morgan_points

Points = NDArray[np.float32]

NUMBERS = "numbers and categories"
#: Most levels of a category that becomes axes.
MOST_LEVELS = 20
#: More axes than this are projected at random.
MOST_AXES = 512
#: Texts that are shorter or repeat more often count as categories.
TEXT_LENGTH = 12
TEXT_AXES = 256
#: Views of text and molecules that are made; the first ones in the table.
MOST_TEXTS = 3
#: Interquartile range of the standard normal distribution.
NORMAL_IQR = 1.3489795003921634
#: A middle half narrower than this share of the deviation is noise about one value.
NOISE = 0.05
#: Numbers up to this many spreads from the median are taken as they are.
LINEAR_REACH = 10.0


@dataclass(frozen=True)
class View:
    """Rows seen in one way.

    Parameters
    ----------
    name
        What is compared.
    columns
        The columns that it rests on.
    points
        One line a row that can be compared.
    rows
        Which rows these are.
    unit
        What a distance of 1 is.

    """

    name: str
    columns: tuple[str, ...]
    points: Points = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)
    unit: str


def views(
    frame: pl.DataFrame,
    columns: Sequence[str],
    *,
    reference: NDArray[np.int64],
    embedding: str | None = None,
    seed: int = 42,
) -> tuple[list[View], tuple[str, ...]]:
    """See rows in every way that their columns allow.

    Parameters
    ----------
    frame
        The rows.
    columns
        The features.
    reference
        Rows that set scales and levels, as those of the part that is trained on.
    embedding
        A column of vectors; then the only view.
    seed
        Of random projections.

    Returns
    -------
    tuple
        The views, and notes on what none of them shows.

    """
    if embedding is not None:
        return _embedding_view(frame, embedding)
    texts, smiles, plain, odd = _sorted_by_kind(frame, columns)
    found = []
    if axes := _plain_axes(frame, plain, reference, seed):
        points, used = axes
        rows = np.arange(frame.height)
        unit = "spreads of the columns, all together"
        found.append(View(NUMBERS, used, points, rows, unit))
    makers: list[tuple[str, str, str, Callable[[pl.Series], Points]]] = [
        ("text", name, "of the 3-character pieces", _text_points) for name in texts
    ]
    makers += [("molecule", name, "of the Morgan fingerprint", morgan_points) for name in smiles]
    for kind, name, unit, make in makers[:MOST_TEXTS]:
        values = frame.get_column(name).alias("value").cast(pl.String)
        points = make(values)
        rows = np.flatnonzero(points.any(axis=1))
        if len(rows):
            found.append(View(f"{kind} {name}", (name,), points[rows], rows, unit))
    left = [name for _, name, _, _ in makers[MOST_TEXTS:]] + odd
    shown = f"{', '.join(left[:10])}{f' and {len(left) - 10} more' if len(left) > 10 else ''}"
    return found, ((f"Not looked at for near duplicates: {shown}.",) if left else ())


def _sorted_by_kind(
    frame: pl.DataFrame, columns: Sequence[str]
) -> tuple[list[str], list[str], list[str], list[str]]:
    texts: list[str] = []
    smiles: list[str] = []
    plain: list[str] = []
    odd: list[str] = []
    schema = frame.schema
    for name in columns:
        dtype = schema[name]
        if dtype.is_numeric() or dtype.is_temporal() or dtype == pl.Boolean:
            plain.append(name)
            continue
        if dtype not in (pl.String, pl.Categorical, pl.Enum):
            odd.append(name)
            continue
        values = frame.get_column(name).alias("value").cast(pl.String).drop_nulls()
        if looks_like_smiles(name, values):
            smiles.append(name)
        elif values.n_unique() <= MOST_LEVELS:
            plain.append(name)
        elif len(values) and (values.str.len_chars().mean() or 0) >= TEXT_LENGTH:  # type: ignore[operator]  # a mean of numbers
            texts.append(name)
        else:
            odd.append(name)
    return texts, smiles, plain, odd


def _plain_axes(
    frame: pl.DataFrame, columns: Sequence[str], reference: NDArray[np.int64], seed: int
) -> tuple[Points, tuple[str, ...]] | None:
    """Lay numbers and categories out as axes, projected where they are too many."""
    most = int(min(MOST_AXES, max(64, 2e8 / max(1, frame.height))))
    projected: Points | None = None
    held: list[Points] = []
    used: list[str] = []
    random = np.random.default_rng(seed)

    def fold() -> None:
        nonlocal projected
        block = np.column_stack(held)
        turn = random.standard_normal((block.shape[1], most)) / np.sqrt(most)
        turned = block @ turn.astype(np.float32)
        projected = turned if projected is None else projected + turned
        held.clear()

    for name in columns:
        series = frame.get_column(name).alias("value")
        axes = _axes(series, reference)
        if axes is None:
            continue
        used.append(name)
        held.append(axes)
        if sum(each.shape[1] for each in held) > most:
            fold()
    if projected is None:
        return (np.column_stack(held), tuple(used)) if used else None
    if held:
        fold()
    return projected, tuple(used)


def _axes(series: pl.Series, reference: NDArray[np.int64]) -> Points | None:
    if series.dtype in (pl.String, pl.Categorical, pl.Enum):
        return _level_axes(series.cast(pl.String), reference)
    if series.dtype.is_temporal():
        series = series.to_physical()
    values = series.cast(pl.Float64).to_numpy().astype(np.float64, copy=True)
    is_missing = np.isnan(values)
    known = values[reference]
    known = known[np.isfinite(known)]
    if not len(known) or known.min() == known.max():
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        low, lower, centre, upper, high = np.quantile(known, (0.002, 0.25, 0.5, 0.75, 0.998))
        spread, wide = (upper - lower) / NORMAL_IQR, np.clip(known, low, high).std()
        # Where most values are equal but for noise, their middle half says nothing.
        if spread <= NOISE * wide or not spread:
            spread = wide if wide > NOISE * known.std() else known.std()
        if not (np.isfinite(spread) and spread > 0):
            return None
        scaled = (values - centre) / spread
    scaled[is_missing] = 0.0
    axes = [compressed(scaled)]
    if is_missing.any():
        axes.append(is_missing.astype(np.float64))
    both: Points = np.column_stack(axes).astype(np.float32)
    return both


def compressed(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take values beyond 10 logarithmically, so that none outweighs all others.

    Examples
    --------
    >>> compressed(np.array([3.0, -10.0, 1000.0, np.inf])).round(1).tolist()
    [3.0, -10.0, 56.1, 7084.8]

    """
    size = np.minimum(np.abs(scaled), np.finfo(np.float64).max)
    beyond = LINEAR_REACH * (1 + np.log(np.maximum(size, LINEAR_REACH) / LINEAR_REACH))
    return np.asarray(np.where(size <= LINEAR_REACH, size, beyond) * np.sign(scaled))


def _level_axes(series: pl.Series, reference: NDArray[np.int64]) -> Points | None:
    """One axis a level; two rows of different levels lie 1 apart."""
    levels = series[reference].unique().sort()
    if len(levels) < 2 or len(levels) > MOST_LEVELS + 1:
        return None
    columns = [series.eq_missing(level).to_numpy() for level in levels.to_list()]
    points: Points = (np.column_stack(columns) / np.sqrt(2)).astype(np.float32)
    return points


def _text_points(texts: pl.Series) -> Points:
    """Hash the pieces of three characters of each text into a vector of length 1."""
    from sklearn.feature_extraction.text import HashingVectorizer

    hasher = HashingVectorizer(
        analyzer="char", ngram_range=(3, 3), n_features=TEXT_AXES, norm="l2", dtype=np.float32
    )
    distinct = texts.fill_null("").unique(maintain_order=True)
    points = np.zeros((len(distinct), TEXT_AXES), dtype=np.float32)
    for start in range(0, len(distinct), 10_000):
        piece = distinct[start : start + 10_000].to_list()
        points[start : start + 10_000] = hasher.transform(piece).toarray()
    which = dict(zip(distinct.to_list(), range(len(distinct)), strict=True))
    return points[[which[text] for text in texts.fill_null("").to_list()]]


def _embedding_view(frame: pl.DataFrame, name: str) -> tuple[list[View], tuple[str, ...]]:
    series = frame.get_column(name).alias("value")
    if not isinstance(series.dtype, pl.List | pl.Array):
        return [], (f"The embedding {name} is {series.dtype}, wanted a list of numbers.",)
    lists = series.cast(pl.List(pl.Float32))
    lengths = lists.list.len().fill_null(0).to_numpy()
    width = int(np.bincount(lengths).argmax()) if len(lengths) else 0
    rows = np.flatnonzero((lengths == width) & (width > 0))
    flat = lists[rows].explode().fill_null(np.nan).to_numpy() if len(rows) else np.empty(0)
    points = np.asarray(flat, dtype=np.float32).reshape(len(rows), width)
    good = np.isfinite(points).all(axis=1) & points.any(axis=1) if width else np.empty(0, bool)
    points, rows = points[good], rows[good]
    notes: tuple[str, ...] = ()
    if n_left := frame.height - len(rows):
        notes = (f"Without a usable vector of {width} numbers in {name}: {n_left:,} rows.",)
    if not len(rows):
        return [], notes
    points = points / np.linalg.norm(points.astype(np.float64), axis=1, keepdims=True)
    unit = "between vectors of length 1"
    return [View(f"embedding {name}", (name,), points.astype(np.float32), rows, unit)], notes
