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

#: From the most telling reason to the least; a channel that is not named comes last.
TELLING = (
    "copies", "repeats", "single-column", "label-loss", "pairs", "triples", "dependence",
    "isolation", "influence", "density-ratio",
)  # fmt: skip
#: A more telling channel is the reason where it explains so large a share of what the best does.
NEARLY = 0.75


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
    #: Whether the work was stopped before every channel could judge.
    is_interrupted: bool = False

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
        """Name the reason for each of some rows, as an index of ``channels``, and its columns.

        It is the most telling channel of those that explain about as much as the best one; -1
        where none has more such rows than the reference.
        """
        best = np.full(len(block), -1)
        blamed = nobody(block)
        if not self.channels:
            return best, blamed
        lifts = self._lifts(block.places)
        enough = np.maximum(NEARLY * lifts.max(axis=1), 1e-9)
        for name in sorted(self.channels, key=_rank, reverse=True):
            index = self.channels.index(name)
            best[lifts[:, index] >= enough] = index
        for index, name in enumerate(self.channels):
            asked = np.flatnonzero(best == index)
            if len(asked):
                blamed[asked] = self.scorers[name].blame(block.take(asked))
        case.progress(1, 1, "reasons")
        return best, blamed

    def _lifts(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the log of how many times more rows are as suspect as in the reference."""
        lifts = np.zeros((len(places), len(self.channels)))
        for index in range(len(self.channels)):
            every = np.sort(self.evidence[:, index])
            # Beyond what the null's rows can tell, one channel's tail says no more than another's.
            mine = self.evidence[places, index]
            share = (len(every) - np.searchsorted(every, mine, "left")) / len(every)
            seen = np.minimum(mine, np.log(len(self.null) + 1))
            lifts[:, index] = np.maximum(seen + np.log(share), 0.0)
        return lifts


def _rank(name: str) -> int:
    return TELLING.index(name) if name in TELLING else len(TELLING)


def judge(case: RowCase, only: Sequence[str] | None = None) -> Judged:
    """Ask all channels about every row of the candidate, and weigh what they say.

    Parameters
    ----------
    case
        The two sides.
    only
        The channels to ask; all when None.

    """
    scorers, declined, is_interrupted = _prepared(case, only)
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
    return Judged(names, declined, found, fold, weights, score, null, scorers, is_interrupted)


def _prepared(
    case: RowCase, only: Sequence[str] | None
) -> tuple[dict[str, Scorer], dict[str, NotApplicable], bool]:
    """Let every channel learn; once interrupted, those that have learned are all there are."""
    scorers: dict[str, Scorer] = {}
    declined: dict[str, NotApplicable] = {}
    is_interrupted = False
    for name, channel in CHANNELS.members().items():
        if only is not None and name not in only:
            continue
        answer: Scorer | NotApplicable = NotApplicable("it was stopped before")
        if not is_interrupted:
            try:
                answer = channel.prepare(case)
            except KeyboardInterrupt:
                if not scorers:
                    raise
                is_interrupted = True
        if isinstance(answer, NotApplicable):
            declined[name] = answer
        else:
            scorers[name] = answer
    return scorers, declined, is_interrupted
