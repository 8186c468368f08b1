"""Check a candidate against a reference: eight dimensions under one null, and a verdict.

Rows are dealt to buckets by their content; what a statistic needs is summed bucket by bucket
in one pass. Dealing the buckets anew to the two sides draws all statistics jointly from the
null hypothesis that both sides are one distribution: that gives each statistic its spread,
hence a lower bound of its effect, and all together one p-value (Westfall and Young,
"Resampling-based multiple testing", 1993).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import numpy as np
import polars as pl

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.dimensions import COLLAPSE_DIMENSIONS
from qforge_jupyter.engine.collapse.judging import conclude
from qforge_jupyter.engine.collapse.near_copies import Placed, with_near
from qforge_jupyter.engine.collapse.picturing import picture
from qforge_jupyter.engine.collapse.preparing import Prepared, prepare
from qforge_jupyter.engine.collapse.readings import Judged, Reading, joined, judge
from qforge_jupyter.engine.collapse.signatures.fingerprinting import signature_of
from qforge_jupyter.engine.collapse.signatures.traces import traces_of
from qforge_jupyter.engine.collapse.views import View, chunks, dealings, sides
from qforge_jupyter.engine.one_thread import one_thread
from qforge_jupyter.results.collapse import Copying, Verdict
from qforge_jupyter.results.uncertainty import NotApplicable

#: Draws from the null at a false-alarm rate of 5 %; rarer alarms need more.
DRAWS = 299
#: So many draws, and two for each alarm that may be false, are enough where a check is stopped.
LEAST_DRAWS = 99


def check(case: CollapseCase, *, may_stop: bool = False) -> Verdict:
    """Measure the eight dimensions, look for copies and conclude.

    Parameters
    ----------
    case
        The candidate and the reference.
    may_stop
        Whether an interrupt among the draws from the null leaves a verdict that rests on those
        that were drawn, if they are enough; its `is_interrupted` says so.

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
        least = max(LEAST_DRAWS, int(np.ceil(2 / case.false_alarms))) if may_stop else None
        judged, declined = judge_all(case, prepared, draws, least)
        copying = _copies(prepared)
    found = conclude(judged, declined, copying, n=prepared.n, false_alarms=case.false_alarms)
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
        pl.DataFrame(
            [asdict(each) for each in found.statistics],
            schema_overrides={"columns": pl.List(pl.String)},
        ),
        copying,
        found.because,
        found.n_needed,
        len(prepared.encoder.columns),
        prepared.encoder.left_out,
        picture(prepared),
        candidate=case.candidate,
        reference=case.reference,
        plan=case.plan,
        n_draws=len(judged[0].z) - 1,
        n_draws_asked=draws,
        unsettled=found.unsettled,
        signature=signature_of(traces_of(prepared, judged, copying, case.target)),
    )


def _copies(prepared: Prepared) -> Copying:
    """Add near copies, of samples, to the exact ones."""
    sides = (prepared.candidate, prepared.reference)
    placed, real = (
        Placed(prepared.encoder.encode(each.frame).metric, each.keys, each.buckets)
        for each in (side.sample for side in sides)
    )
    parts = [len(each.sample.keys) / each.marks.n_rows for each in sides]
    return with_near(prepared.copies, placed, real, (parts[0], parts[1]))


def judge_all(
    case: CollapseCase, prepared: Prepared, draws: int, least: int | None = None
) -> tuple[list[Judged], dict[str, str]]:
    """Read every statistic under every dealing, and set what came against the null.

    An interrupt after ``least`` draws ends the drawing; before, or without it, it goes on up.
    """
    dealt = dealings(prepared.n_own, len(prepared.sums.n), draws, case.seed)
    read: dict[str, list[list[Reading]]] = {}
    declined: dict[str, str] = {}
    done = n_whole = 0
    try:
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
                prepared.along,
                prepared.foretold,
            )
            for name, module in COLLAPSE_DIMENSIONS.members().items():
                answer = module.read(view)
                if isinstance(answer, NotApplicable):
                    declined[name] = answer.reason
                else:
                    read.setdefault(name, []).append(answer)
            done, n_whole = done + len(some), n_whole + 1
            case.progress(done, len(dealt), "draws from the null")
    except KeyboardInterrupt:
        if done == len(dealt):
            # Stopped all the same: the last draws are not counted, so that the record says so.
            done, n_whole = done - len(some), n_whole - 1
        if least is None or done <= least:
            raise
    judged = [
        judge(name, joined(parts))
        for name, answers in read.items()
        for parts in _of_all(answers[:n_whole], n_whole)
    ]
    return judged, declined


def _of_all(answers: list[list[Reading]], n: int) -> Iterator[list[Reading]]:
    """Give each statistic that was read under all of ``n`` views, in its order."""
    named = [{each.name: each for each in answer} for answer in answers]
    for reading in answers[0] if len(answers) == n else ():
        if all(reading.name in each for each in named):
            yield [each[reading.name] for each in named]
