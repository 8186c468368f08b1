"""Both sides of a check as sums by bucket, and the samples that are looked at row by row."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.along import SEGMENT, Along, Axis
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.columns import Choice, choose
from qforge_jupyter.engine.collapse.copying import are_light, find_copies
from qforge_jupyter.engine.collapse.encoding import Encoded, Encoder
from qforge_jupyter.engine.collapse.foretelling import Foretold, foretell
from qforge_jupyter.engine.collapse.moments import (
    BUCKETS,
    LEAST_BUCKETS,
    Folding,
    Sums,
    bucket_counts,
)
from qforge_jupyter.engine.collapse.neighborhood import ROWS as NEAR_ROWS
from qforge_jupyter.engine.collapse.neighborhood import Neighborhood
from qforge_jupyter.engine.collapse.partitions import Partitions
from qforge_jupyter.engine.collapse.passes import Dealing, Side, Tell
from qforge_jupyter.engine.collapse.rows import Rows
from qforge_jupyter.engine.collapse.telling_apart import LEAST_ROWS, Ranked, Told, tell_apart
from qforge_jupyter.engine.collapse.telling_apart import ROWS as TOLD_ROWS
from qforge_jupyter.engine.collapse.waves import Waves
from qforge_jupyter.errors import DataError
from qforge_jupyter.results.collapse import Copying

#: Rows of both sides together from which the code of the columns is learned.
LEARNED_ROWS = 40_000
#: Rows of the larger side for each of the smaller one; more would hardly add precision.
MOST_PER_ROW = 15
#: Features that are related to each other at most.
MOST_RELATED = 96


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
        What the passes over both tables left.
    copies
        Exact copies; rows that were drawn twice are dealt together (see `copying.are_light`).
    neighborhood, ranked, foretold, told
        Of samples; None where there are too few rows, or no target.
    along
        Spectra along a declared order.

    """

    encoder: Encoder
    kept: NDArray[np.int64]
    sums: Sums = field(repr=False)
    n_own: int
    candidate: Side
    reference: Side
    copies: Copying
    neighborhood: Neighborhood | None
    ranked: Ranked | None
    foretold: Foretold | None
    told: Told | None = field(default=None, repr=False)
    along: Along | None = None

    @property
    def n(self) -> int:
        """Rows of the smaller side that are summed."""
        return min(self.candidate.n_rows, self.reference.n_rows)


def prepare(case: CollapseCase) -> Prepared:
    """Encode both sides and sum them, bucket by bucket.

    Raises
    ------
    DataError
        A side has no rows, or no column can be compared.

    """
    choice = choice_of(case)
    candidate, reference = _read(case, choice)
    copies = find_copies(candidate.marks, reference.marks)
    if not (case.groups or case.order) and are_light(copies, candidate.marks):
        candidate, reference = _read(case, choice, is_together=True)
    n = candidate.n_rows + reference.n_rows
    share = min(1.0, LEARNED_ROWS / n)
    pooled = [
        each.sample.sample(max(1, round(share * each.n_rows))).frame
        for each in (candidate, reference)
    ]
    encoder = Encoder.of_choice(choice, *pooled)
    if not encoder.columns:
        raise DataError(nothing_in_common(case, encoder.left_out))
    folding = _folding(case, encoder, pooled)
    tell = _telling(case, "rows summed")
    sums = [each.sums(folding, tell) for each in (candidate, reference)]
    return Prepared(
        encoder,
        folding.kept,
        sums[0].joined(sums[1]),
        candidate.dealing.n_buckets,
        candidate,
        reference,
        copies,
        *_looked_at(case, encoder, candidate.sample, reference.sample),
        along=_along(encoder, candidate, reference),
    )


def choice_of(case: CollapseCase) -> Choice:
    """Choose the columns from the head of both tables; neither may be empty."""
    for table in (case.candidate, case.reference):
        if not table.n_rows:
            raise DataError(f"{table.name} has no rows: both sides need some to be compared")
    heads = [table.lazy.head(LEARNED_ROWS).collect() for table in (case.candidate, case.reference)]
    choice = choose(heads[0], heads[1], ignore=case.not_compared, keep=(case.target,))
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


def _read(case: CollapseCase, choice: Choice, *, is_together: bool = False) -> tuple[Side, Side]:
    """Read both tables for the first time; again where equal rows are to be dealt together."""
    if not choice.chosen:
        raise DataError(nothing_in_common(case, choice.left_out))
    tables = (case.candidate, case.reference)
    least = min(table.n_rows for table in tables)
    n = [min(table.n_rows, MOST_PER_ROW * least) for table in tables]
    tell = _telling(case, "rows read")
    # Segments are long enough for what neighbors have in common.
    buckets = int(np.clip(sum(n) // SEGMENT, 2 * LEAST_BUCKETS, BUCKETS)) if case.order else BUCKETS
    sides = []
    for table, most, count in zip(tables, n, bucket_counts(n[0], n[1], buckets), strict=True):
        axis = Axis.of(table, case.order, count, most) if case.order else None
        share = most / table.n_rows
        dealing = Dealing(choice, case.groups, axis, count, buckets, share, case.seed, is_together)
        sides.append(Side.read(table, dealing, tell))
    return sides[0], sides[1]


def _along(encoder: Encoder, candidate: Side, reference: Side) -> Along | None:
    """Take spectra along the order, where one is declared."""
    sides = [
        (each.table, each.dealing.axis)
        for each in (candidate, reference)
        if each.dealing.axis is not None
    ]
    return Along.read(encoder, sides) if sides else None


def _telling(case: CollapseCase, note: str) -> Tell:
    total = case.candidate.n_rows + case.reference.n_rows
    read = 0

    def tell(n: int) -> None:
        nonlocal read
        read += n
        case.progress(read, total, note)

    return tell


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


def _looked_at(
    case: CollapseCase, encoder: Encoder, candidate: Rows, reference: Rows
) -> tuple[Neighborhood | None, Ranked | None, Foretold | None, Told | None]:
    """Find neighbors, and fit models, on bounded samples that the content decides."""
    filled = min(len(np.unique(each.buckets)) for each in (candidate, reference))
    if min(len(candidate.keys), len(reference.keys)) < LEAST_ROWS or filled < 2:
        return None, None, None, None
    near, buckets, _ = _pooled(encoder, candidate, reference, NEAR_ROWS)
    coarse = np.concatenate([each.coarse for each in near])
    neighborhood = Neighborhood.find(coarse, buckets, case.seed)
    case.progress(1, 3, "neighbors found")
    told, buckets, is_candidate = _pooled(encoder, candidate, reference, TOLD_ROWS)
    cells = np.concatenate([each.cells for each in told])
    inputs = cells.astype(np.float32)
    last = np.array([each.n_cells for each in encoder.columns])
    inputs[cells == last] = np.nan
    is_level = np.array([not each.is_number for each in encoder.columns])
    ranked, scores = tell_apart(
        inputs,
        is_candidate,
        buckets,
        (candidate.n_buckets, reference.n_buckets),
        is_level=is_level,
        seed=case.seed,
    )
    case.progress(2, 3, "told apart")
    foretold = foretell(
        encoder,
        case.target,
        cells,
        inputs,
        buckets,
        ranked.fold,
        is_level=is_level,
        seed=case.seed,
    )
    case.progress(3, 3, "target foretold")
    return neighborhood, ranked, foretold, Told(cells, is_candidate, scores)


def _pooled(
    encoder: Encoder, candidate: Rows, reference: Rows, most: int
) -> tuple[list[Encoded], NDArray[np.int64], NDArray[np.bool_]]:
    """Sample both sides in the proportion of their buckets; the candidate's rows come first."""
    share = candidate.n_buckets / (candidate.n_buckets + reference.n_buckets)
    own = candidate.sample(round(2 * most * share))
    other = reference.sample(round(2 * most * (1 - share)))
    buckets = np.concatenate([own.buckets, other.buckets + candidate.n_buckets])
    encoded = [encoder.encode(each.frame) for each in (own, other)]
    return encoded, buckets, np.arange(len(buckets)) < len(own.buckets)
