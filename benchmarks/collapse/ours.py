"""The check and the localizer themselves, behind the adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from benchmarks.collapse.methods import Answer, Question

if TYPE_CHECKING:
    from qforge_jupyter.engine.collapse.case import CollapseCase


def check(asked: Question) -> Answer:
    """Ask the check, with its defaults."""
    from qforge_jupyter.engine.collapse.case import CollapseCase
    from qforge_jupyter.engine.collapse.checking import check as verdict_on
    from qforge_jupyter.frames import Table

    found = verdict_on(
        CollapseCase(
            Table.of_frame("candidate", asked.candidate),
            Table.of_frame("reference", asked.reference),
            target=asked.target,
        )
    )
    excess = max((each.excess for each in found.dimensions), default=0.0)
    copies = found.copying
    suspicion = max(excess, copies.worst / copies.tolerated)
    return Answer(
        # Many sound candidates have no excess at all; among them the p-value orders.
        statistic=suspicion + 0.01 * (1 - found.p_value),
        verdict=found.verdict,
        score=found.score,
        p_value=found.p_value,
        is_copying=copies.is_flagged,
        is_damage=found.p_value <= found.false_alarms and excess >= 1,
        needed=found.n_needed,
        dimensions={each.name: each.score for each in found.dimensions},
        statistics=found.statistics,
    )


def localize(candidate: pl.DataFrame, reference: pl.DataFrame, target: str) -> np.ndarray:
    """Rank the candidate's rows by how suspect they are; the worst has the highest score."""
    from qforge_jupyter.engine.collapse.case import CollapseCase
    from qforge_jupyter.frames import Table

    sides = (Table.of_frame("candidate", candidate), Table.of_frame("reference", reference))
    order = suspects(CollapseCase(*sides, target=target))
    scores = np.empty(len(order))
    scores[order] = np.arange(len(order), 0, -1)
    return scores


def suspects(case: CollapseCase) -> np.ndarray:
    """Give the rows' places, the most suspect first."""
    from qforge_jupyter.engine.collapse.localizing.case import RowCase
    from qforge_jupyter.engine.collapse.localizing.judging import judge

    return judge(RowCase.of(case)).order
