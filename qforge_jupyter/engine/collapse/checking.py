"""Check a candidate against a reference: eight dimensions under one null, and a verdict.

Rows are dealt to buckets by their content; what a statistic needs is summed bucket by bucket
in one pass. Dealing the buckets anew to the two sides draws all statistics jointly from the
null hypothesis that both sides are one distribution: that gives each statistic its spread,
hence a lower bound of its effect, and all together one p-value (Westfall and Young,
"Resampling-based multiple testing", 1993).
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import polars as pl

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.copying import find_copies
from qforge_jupyter.engine.collapse.dimensions import COLLAPSE_DIMENSIONS
from qforge_jupyter.engine.collapse.judging import conclude
from qforge_jupyter.engine.collapse.picturing import picture
from qforge_jupyter.engine.collapse.preparing import Prepared, prepare
from qforge_jupyter.engine.collapse.readings import Judged, Reading, joined, judge
from qforge_jupyter.engine.collapse.signatures.fingerprinting import signature_of
from qforge_jupyter.engine.collapse.signatures.traces import traces_of
from qforge_jupyter.engine.collapse.views import View, chunks, dealings, sides
from qforge_jupyter.engine.one_thread import one_thread
from qforge_jupyter.results.collapse import Verdict
from qforge_jupyter.results.uncertainty import NotApplicable

#: Draws from the null at a false-alarm rate of 5 %; rarer alarms need more.
DRAWS = 299


def check(case: CollapseCase) -> Verdict:
    """Measure the eight dimensions, look for copies and conclude.

    Raises
    ------
    DataError
        A side has no rows, or no column can be compared.

    Examples
    --------
    >>> import polars as pl
    >>> from qforge_jupyter.frames import Table
    >>> chance = np.random.default_rng(0)
    >>> def rows(n, spread): return pl.DataFrame(chance.normal(scale=spread, size=(n, 3)))
    >>> real, fresh, shrunk = rows(2_000, 1), rows(2_000, 1), rows(2_000, 0.5)
    >>> case = CollapseCase(Table.of_frame("fresh", fresh), Table.of_frame("real", real))
    >>> check(case).verdict
    'fit'
    >>> case = CollapseCase(Table.of_frame("shrunk", shrunk), Table.of_frame("real", real))
    >>> check(case).verdict
    'collapsed'

    """
    draws = max(DRAWS, int(np.ceil(15 / case.false_alarms)))
    with one_thread():
        prepared = prepare(case)
        judged, declined = judge_all(case, prepared, draws)
    copying = find_copies(*prepared.marks)
    n = min(prepared.candidate.frame.height, prepared.reference.frame.height)
    found = conclude(judged, declined, copying, n=n, false_alarms=case.false_alarms)
    return Verdict(
        case.candidate.name,
        case.reference.name,
        case.candidate.n_rows,
        case.reference.n_rows,
        found.word,
        found.score,
        found.low,
        found.high,
        found.p_value,
        case.false_alarms,
        found.dimensions,
        pl.DataFrame([asdict(each) for each in found.statistics]),
        copying,
        found.because,
        found.n_needed,
        len(prepared.encoder.columns),
        prepared.encoder.left_out,
        picture(prepared),
        candidate=case.candidate,
        reference=case.reference,
        plan=case.plan,
        signature=signature_of(traces_of(prepared, judged, copying, case.target)),
    )


def judge_all(
    case: CollapseCase, prepared: Prepared, draws: int
) -> tuple[list[Judged], dict[str, str]]:
    """Read every statistic under every dealing, and set what came against the null."""
    dealt = dealings(prepared.n_own, len(prepared.sums.n), draws, case.seed)
    read: dict[str, list[list[Reading]]] = {}
    declined: dict[str, str] = {}
    done = 0
    for some in chunks(dealt, prepared.sums):
        view = View(
            prepared.encoder,
            prepared.kept,
            *sides(prepared.sums, some),
            some,
            np.arange(done, done + len(some)) == 0,
            prepared.neighborhood,
            prepared.ranked,
            case.target,
        )
        done += len(some)
        for name, module in COLLAPSE_DIMENSIONS.members().items():
            answer = module.read(view)
            if isinstance(answer, NotApplicable):
                declined[name] = answer.reason
            else:
                read.setdefault(name, []).append(answer)
        case.progress(done, len(dealt), "draws from the null")
    judged = [
        judge(name, joined(parts))
        for name, answers in read.items()
        for parts in zip(*answers, strict=True)
    ]
    return judged, declined
