"""Every row under every channel, and all channels together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import Block
from qforge_jupyter.engine.collapse.localizing.calibrating import evidence
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import CHANNELS, Blamed, Scorer, nobody
from qforge_jupyter.engine.collapse.localizing.combining import weights_by_fold
from qforge_jupyter.results.uncertainty import NotApplicable

Matrix = NDArray[np.float32]

#: Channels that see a bit of everything: others that say half as much are the better reason.
GENERAL = ("density-ratio",)


@dataclass(frozen=True)
class Judged:
    """Rows of a candidate, judged.

    Parameters
    ----------
    channels
        Those that could judge.
    declined
        Those that could not, and why.
    evidence
        One line a row, one column a channel: -log of the share of the reference.
    weights
        One line a fold: what a channel counts.
    score
        The weighed sum of each row.
    null
        The same of rows of the reference.

    """

    channels: tuple[str, ...]
    declined: Mapping[str, NotApplicable]
    evidence: Matrix = field(repr=False)
    fold: NDArray[np.int8] = field(repr=False)
    weights: NDArray[np.float64] = field(repr=False)
    score: NDArray[np.float64] = field(repr=False)
    null: NDArray[np.float64] = field(repr=False)
    scorers: Mapping[str, Scorer] = field(repr=False)

    @property
    def order(self) -> NDArray[np.int64]:
        """The rows, the most suspect first; equal ones by their evidence, then in order."""
        return np.lexsort((-self.evidence.sum(axis=1), -self.score))

    def share_healthy(self) -> NDArray[np.float64]:
        """Say of each row what share of those at least as suspect may be healthy, at most."""
        ascending = np.argsort(self.score, kind="stable")
        n, m = len(self.score), len(self.null)
        ordered = np.sort(self.null)
        worse = n - np.searchsorted(self.score[ascending], self.score, "left")
        expected = (m - np.searchsorted(ordered, self.score, "left") + 1) / (m + 1) * n
        share = np.minimum(expected / worse, 1.0)
        # The share among the worst cannot exceed that among more rows.
        share[ascending] = np.minimum.accumulate(share[ascending])
        return share

    def reasons(self, case: RowCase, block: Block) -> tuple[NDArray[np.int64], Blamed]:
        """Name the channel that counted most for each of some rows, and its columns."""
        if not self.channels:
            return np.full(len(block), -1), nobody(block)
        counted = self.evidence[block.places] * self.weights[block.fold]
        for name in GENERAL:
            if name in self.channels:
                counted[:, self.channels.index(name)] *= 0.5
        best = counted.argmax(axis=1)
        blamed = np.full((len(block), 2), -1, dtype=np.int64)
        for index, name in enumerate(self.channels):
            asked = np.flatnonzero(best == index)
            if len(asked):
                blamed[asked] = self.scorers[name].blame(block.take(asked))
        case.progress(1, 1, "reasons")
        return np.where(counted.max(axis=1, initial=0) > 0, best, -1), blamed


def judge(case: RowCase, only: Sequence[str] | None = None) -> Judged:
    """Ask all channels about every row of the candidate, and weigh what they say.

    Parameters
    ----------
    case
        The two sides.
    only
        The channels to ask; all when None.

    """
    scorers: dict[str, Scorer] = {}
    declined: dict[str, NotApplicable] = {}
    for name, channel in CHANNELS.members().items():
        if only is not None and name not in only:
            continue
        answer = channel.prepare(case)
        if isinstance(answer, NotApplicable):
            declined[name] = answer
        else:
            scorers[name] = answer
    names = tuple(scorers)
    held = case.reference.sample
    nulls = [scorers[name].score(held) for name in names]
    shape = (case.candidate.n_rows, len(names))
    found = np.zeros(shape, dtype=np.float32)
    fold = np.zeros(shape[0], dtype=np.int8)
    for block in case.candidate.blocks():
        case.progress(int(block.places[0]), shape[0], "rows judged")
        fold[block.places] = block.fold
        for index, name in enumerate(names):
            found[block.places, index] = evidence(scorers[name].score(block), nulls[index])
    own = np.stack([evidence(null, null) for null in nulls], axis=1) if names else np.zeros(
        (len(held), 0)
    )  # fmt: skip
    drawn = case.candidate.sample.places
    weights = weights_by_fold((found[drawn].astype(float), fold[drawn]), (own, held.fold))
    score = np.einsum("ij,ij->i", found, weights[fold])
    null = np.einsum("ij,ij->i", own, weights[held.fold])
    return Judged(names, declined, found, fold, weights, score, null, scorers)
