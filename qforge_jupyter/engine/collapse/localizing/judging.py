"""Every row under every channel, and all channels together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.localizing.blocks import Block
from qforge_jupyter.engine.collapse.localizing.calibrating import evidence
from qforge_jupyter.engine.collapse.localizing.case import RowCase
from qforge_jupyter.engine.collapse.localizing.channels import (
    CHANNELS,
    Blamed,
    Scorer,
    Scores,
    nobody,
)
from qforge_jupyter.engine.collapse.localizing.combining import weights_by_fold
from qforge_jupyter.engine.collapse.localizing.contents import BATCH_ROWS
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
class Reasons:
    """Why rows are suspected.

    Parameters
    ----------
    channel
        Of each row the index of a channel; -1 where none has more such rows than the reference.
    columns
        Of each row those that are blamed.
    is_whole
        Whether no interrupt came.

    """

    channel: NDArray[np.int64] = field(repr=False)
    columns: Blamed = field(repr=False)
    is_whole: bool = True


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
        The weighed sum of each row; of the first ones where the work was stopped.
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
    #: Whether the work was stopped before every channel could judge every row.
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

    def reasons(self, case: RowCase, block: Block) -> Reasons:
        """Name the reason for each of some rows: the most telling channel of the best ones.

        These are all that explain about as much as the best one. Who interrupts it has the
        reasons that were found by then.
        """
        found = Reasons(np.full(len(block), -1), nobody(block))
        if not self.channels:
            return found
        try:
            lifts = self._lifts(block.places)
            enough = np.maximum(NEARLY * lifts.max(axis=1), 1e-9)
            for name in sorted(self.channels, key=_rank, reverse=True):
                index = self.channels.index(name)
                found.channel[lifts[:, index] >= enough] = index
            for index, name in enumerate(self.channels):
                asked = np.flatnonzero(found.channel == index)
                if len(asked):
                    found.columns[asked] = self.scorers[name].blame(block.take(asked))
            case.progress(1, 1, "reasons")
        except KeyboardInterrupt:
            return replace(found, is_whole=False)
        return found

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
    found, fold = _asked(
        case, [(scorers[name], null) for name, null in zip(names, nulls, strict=True)]
    )
    own = np.stack([evidence(null, null) for null in nulls], axis=1) if names else np.zeros(
        (len(held), 0)
    )  # fmt: skip
    drawn = case.candidate.sample.places
    drawn = drawn[drawn < len(found)]
    weights = weights_by_fold((found[drawn].astype(float), fold[drawn]), (own, held.fold))
    score, null = _weighed(found, weights, fold), _weighed(own, weights, held.fold)
    return Judged(
        names,
        declined,
        found,
        fold,
        weights,
        score,
        null,
        scorers,
        is_interrupted or len(found) < case.candidate.n_rows,
    )


def _weighed(
    evidence: NDArray[np.floating], weights: NDArray[np.float64], fold: NDArray[np.int8]
) -> NDArray[np.float64]:
    score = np.empty(len(evidence))
    # The weights of all rows at once would take more room than their evidence.
    for start in range(0, len(evidence), BATCH_ROWS):
        some = slice(start, start + BATCH_ROWS)
        score[some] = np.einsum("ij,ij->i", evidence[some], weights[fold[some]])
    return score


def _asked(
    case: RowCase, scorers: Sequence[tuple[Scorer, Scores]]
) -> tuple[Matrix, NDArray[np.int8]]:
    """Give the evidence of each row and its fold; once interrupted, of the rows until then."""
    n_rows, n_done = case.candidate.n_rows, 0
    found = np.zeros((n_rows, len(scorers)), dtype=np.float32)
    fold = np.zeros(n_rows, dtype=np.int8)
    try:
        for block in case.candidate.blocks():
            case.progress(n_done, n_rows, "rows judged")
            fold[block.places] = block.fold
            for index, (scorer, null) in enumerate(scorers):
                found[block.places, index] = evidence(scorer.score(block), null)
            n_done += len(block)
    except KeyboardInterrupt:
        if not n_done:
            raise
    return found[:n_done], fold[:n_done]


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
