"""Both sides of a check as sums by bucket, and the samples that are looked at row by row."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.columns import Choice, choose
from qforge_jupyter.engine.collapse.copying import Marks
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.engine.collapse.keys import Words, contents, row_keys, smallest
from qforge_jupyter.engine.collapse.moments import Folding, Sums, bucket_counts, buckets_of, merge
from qforge_jupyter.engine.collapse.neighborhood import ROWS as NEAR_ROWS
from qforge_jupyter.engine.collapse.neighborhood import Neighborhood
from qforge_jupyter.engine.collapse.partitions import Partitions
from qforge_jupyter.engine.collapse.telling_apart import LEAST_ROWS, Ranked, Told, tell_apart
from qforge_jupyter.engine.collapse.telling_apart import ROWS as TOLD_ROWS
from qforge_jupyter.engine.collapse.waves import Waves
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.table import BATCH_ROWS

#: Rows of both sides together from which the code of the columns is learned.
LEARNED_ROWS = 40_000
#: Rows of a side that are looked at for what columns have to do with each other.
RELATED_ROWS = 100_000
#: Rows of the larger side for each of the smaller one; more would hardly add precision.
MOST_PER_ROW = 15
#: Features that are related to each other at most.
MOST_RELATED = 96


@dataclass(frozen=True)
class Rows:
    """One side: its compared columns, and a random number for each row."""

    frame: pl.DataFrame = field(repr=False)
    words: Words = field(repr=False)
    keys: Words = field(repr=False)
    buckets: NDArray[np.int64] = field(repr=False)
    n_buckets: int

    def sample(self, n: int) -> Rows:
        """Take the rows with the smallest keys."""
        at = smallest(self.keys, n)
        return Rows(self.frame[at], self.words[at], self.keys[at], self.buckets[at], self.n_buckets)

    @property
    def marks(self) -> Marks:
        """What copies are counted by."""
        return Marks(self.words, self.buckets, self.n_buckets)


@dataclass(frozen=True)
class Prepared:
    """Both sides as sums, with what was sampled from them.

    Parameters
    ----------
    encoder, kept
        The code of the columns, and the features that are related to each other.
    sums, n_own
        Sums of all buckets; the first ``n_own`` are the candidate's.
    candidate, reference
        The rows; of the larger side a sample where it is much larger.
    marks
        What copies are counted by, of all rows of both sides.
    neighborhood, ranked, told
        Of samples; None where there are too few rows.

    """

    encoder: Encoder
    kept: NDArray[np.int64]
    sums: Sums = field(repr=False)
    n_own: int
    candidate: Rows
    reference: Rows
    marks: tuple[Marks, Marks] = field(repr=False)
    neighborhood: Neighborhood | None
    ranked: Ranked | None
    told: Told | None = field(default=None, repr=False)


def prepare(case: CollapseCase) -> Prepared:
    """Encode both sides and sum them, bucket by bucket.

    Raises
    ------
    DataError
        A side has no rows, or no column can be compared.

    """
    choice = choice_of(case)
    (candidate, reference), marks = _sides(case, choice)
    pooled = [
        each.sample(_share_of(each, candidate, reference)).frame for each in (candidate, reference)
    ]
    encoder = Encoder.of_choice(choice, *pooled)
    if not encoder.columns:
        raise DataError(nothing_in_common(case, encoder.left_out))
    case.progress(1, 5, "columns learned")
    folding = _folding(case, encoder, pooled)
    sums = [_fold(folding, each) for each in (candidate, reference)]
    case.progress(3, 5, "rows summed")
    return Prepared(
        encoder,
        folding.kept,
        sums[0].joined(sums[1]),
        candidate.n_buckets,
        candidate,
        reference,
        marks,
        *_looked_at(case, encoder, candidate, reference),
    )


def choice_of(case: CollapseCase) -> Choice:
    """Choose the columns from the head of both tables; neither may be empty."""
    for table in (case.candidate, case.reference):
        if not table.n_rows:
            raise DataError(f"{table.name} has no rows: both sides need some to be compared")
    heads = [table.lazy.head(LEARNED_ROWS).collect() for table in (case.candidate, case.reference)]
    ignored = {*case.ignore, case.groups} - {""}
    choice = choose(heads[0], heads[1], ignore=ignored, keep=(case.target,))
    if choice.chosen and choice.lacking:
        names = ", ".join(choice.lacking[:5])
        raise DataError(
            f"{case.candidate.name} lacks what {case.reference.name} has: "
            f"{choice.left_out[choice.lacking[0]]} ({names}): "
            f"mend the columns, or leave them out with  ignore: [{names}]"
        )
    return choice


def nothing_in_common(case: CollapseCase, left_out: dict[str, str]) -> str:
    """Say why no column can be compared."""
    why = "; ".join(f"{name}: {reason}" for name, reason in list(left_out.items())[:5])
    return (
        f"No column of {case.candidate.name} and {case.reference.name} can be compared"
        f"{f' ({why})' if why else ''}: give tables with common columns of numbers or categories"
    )


def _sides(case: CollapseCase, choice: Choice) -> tuple[tuple[Rows, Rows], tuple[Marks, Marks]]:
    names = [each.name for each in choice.chosen]
    if not names:
        raise DataError(nothing_in_common(case, choice.left_out))
    extra = [case.groups] if case.groups else []
    frames = [
        table.lazy.select(exact(name) for name in (*names, *extra)).collect()
        for table in (case.candidate, case.reference)
    ]
    words = [contents(alike(frame, choice)) for frame in frames]
    keys = [row_keys(each, case.seed) for each in words]
    n = [min(frame.height, MOST_PER_ROW * min(f.height for f in frames)) for frame in frames]
    counts = bucket_counts(*n)
    sides, marks = [], []
    for frame, word, key, most, count in zip(frames, words, keys, n, counts, strict=True):
        dealt_by = contents(frame.select(exact(case.groups))) if case.groups else key
        rows = Rows(frame, word, key, buckets_of(dealt_by, count), count)
        marks.append(rows.marks)
        sides.append(rows if most == frame.height else rows.sample(most))
    return (sides[0], sides[1]), (marks[0], marks[1])


def alike(frame: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    """Give both sides the same types, so that equal content has equal hashes."""
    from qforge_jupyter.columns import frame_of

    return frame_of(
        (
            frame.get_column(each.name).cast(pl.String)
            if each.by == "length"
            else each.values(frame)
        ).alias(f"c{index}")
        for index, each in enumerate(choice.chosen)
    )


def _share_of(rows: Rows, candidate: Rows, reference: Rows) -> int:
    """Rows of a side in the pooled sample: as large a share of either."""
    n = candidate.frame.height + reference.frame.height
    return max(1, round(rows.frame.height * min(1.0, LEARNED_ROWS / n)))


def _folding(case: CollapseCase, encoder: Encoder, pooled: list[pl.DataFrame]) -> Folding:
    encoded = [encoder.encode(each) for each in pooled]
    cells = np.concatenate([each.cells for each in encoded])
    shares = np.concatenate(
        [
            np.bincount(cells[:, i], minlength=size) / len(cells)
            for i, size in enumerate(np.diff(encoder.offsets))
        ]
    )
    metric = np.concatenate([each.coarse[:2_000] for each in encoded])
    order = np.random.default_rng([case.seed, 0x50]).permutation(len(metric))
    return Folding(
        encoder,
        Partitions.draw(encoder, shares, case.seed),
        Waves.draw(metric[order], case.seed),
        _kept(encoder, case),
        case.device,
    )


def _kept(encoder: Encoder, case: CollapseCase) -> NDArray[np.int64]:
    """Choose the features that are related to each other: the target's and scores first."""
    names = encoder.feature_names
    chance = np.random.default_rng([case.seed, 0xFEA7]).random(len(names))
    rank = [
        (name != case.target, label != "score", draw)
        for (name, label), draw in zip(names, chance, strict=True)
    ]
    order = sorted(range(len(names)), key=rank.__getitem__)
    return np.sort(np.array(order[:MOST_RELATED], dtype=np.int64))


def _fold(folding: Folding, rows: Rows) -> Sums:
    chosen = smallest(rows.keys, RELATED_ROWS)
    state = None
    for start in range(0, len(rows.keys), BATCH_ROWS):
        part = slice(start, start + BATCH_ROWS)
        related = chosen[(chosen >= start) & (chosen < start + BATCH_ROWS)] - start
        encoded = folding.encoder.encode(rows.frame[part])
        state = merge(state, folding.fold(encoded, rows.buckets[part], rows.n_buckets, related))
    if state is None:
        raise DataError("a side has no rows: both sides need some to be compared")
    return state


def _looked_at(
    case: CollapseCase, encoder: Encoder, candidate: Rows, reference: Rows
) -> tuple[Neighborhood | None, Ranked | None, Told | None]:
    """Find neighbors, and fit a classifier, on bounded samples that the content decides."""
    if min(candidate.frame.height, reference.frame.height) < LEAST_ROWS:
        return None, None, None
    near = _pooled(candidate, reference, NEAR_ROWS)
    rows, buckets, _ = near
    neighborhood = Neighborhood.find(encoder.encode(rows).coarse, buckets, case.seed)
    case.progress(4, 5, "neighbors found")
    rows, buckets, is_candidate = _pooled(candidate, reference, TOLD_ROWS)
    cells = encoder.encode(rows).cells
    inputs = cells.astype(np.float32)
    last = np.array([each.n_cells for each in encoder.columns])
    inputs[cells == last] = np.nan
    is_level = np.array([not each.is_number for each in encoder.columns])
    ranked, scores = tell_apart(
        inputs,
        is_candidate,
        buckets,
        candidate.n_buckets + reference.n_buckets,
        is_level=is_level,
        seed=case.seed,
    )
    case.progress(5, 5, "told apart")
    return neighborhood, ranked, Told(cells, is_candidate, scores)


def _pooled(
    candidate: Rows, reference: Rows, most: int
) -> tuple[pl.DataFrame, NDArray[np.int64], NDArray[np.bool_]]:
    """Sample both sides in the proportion of their buckets; the candidate's rows come first."""
    share = candidate.n_buckets / (candidate.n_buckets + reference.n_buckets)
    own = candidate.sample(round(2 * most * share))
    other = reference.sample(round(2 * most * (1 - share)))
    rows = pl.concat([own.frame, other.frame], how="vertical_relaxed")
    buckets = np.concatenate([own.buckets, other.buckets + candidate.n_buckets])
    return rows, buckets, np.arange(rows.height) < own.frame.height
