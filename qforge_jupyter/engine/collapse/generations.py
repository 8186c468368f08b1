"""Train a generator on data, sample from it, train on the sample, and so on.

Shumailov et al., Nature 631, 755 (2024): where each generation replaces the one before, tails
and variance are lost; Gerstgrasser et al. (2024): where it is added to all so far, they are not.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collapse.cascade.case import CascadeCase
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.checking import check
from qforge_jupyter.engine.collapse.generator import Generator
from qforge_jupyter.engine.collapse.sides import sides_of
from qforge_jupyter.engine.one_thread import one_thread
from qforge_jupyter.frames import Table
from qforge_jupyter.results.cascade import Generation

#: Rows of a generation, and of the reference that it is checked against.
ROWS = 2_000
WORKFLOWS: tuple[Literal["replace", "accumulate"], ...] = ("replace", "accumulate")


def recur(
    case: CascadeCase, n: int, kept: list[Generation] | None = None
) -> tuple[Generation, ...]:
    """Check ``n`` generations that come of the candidate, by either workflow.

    Generation 0 is the candidate. A generation has as many rows as it, at most ``ROWS``. Each
    is put into ``kept`` as soon as it is checked, so that an interrupt loses none.

    Examples
    --------
    >>> import numpy as np
    >>> chance = np.random.default_rng(0)
    >>> real, synth = (
    ...     Table.of_frame(name, pl.DataFrame(chance.normal(size=(400, 2))))
    ...     for name in ("real", "synth")
    ... )
    >>> found = recur(CascadeCase(synth, real), 1)
    >>> [(each.number, each.workflow) for each in found]
    [(0, 'replace'), (1, 'replace'), (0, 'accumulate'), (1, 'accumulate')]

    """
    if not n:
        return ()
    import sklearn.tree  # noqa: F401 — its threads can be limited only after it is loaded

    with one_thread():
        return _recur(case, n, [] if kept is None else kept)


def _recur(case: CascadeCase, n: int, found: list[Generation]) -> tuple[Generation, ...]:
    keep = (case.target,) if case.target else ()
    sides = sides_of(
        case.candidate,
        case.reference,
        ignore=case.ignore,
        keep=keep,
        groups=case.groups,
        seed=case.seed,
    )
    assert sides.reference is not None  # noqa: S101 — a cascade has two sides
    names = [each.name for each in sides.encoder.columns]
    start, real = (
        each.sample.sample(ROWS).frame.select(exact(name) for name in names)
        for each in (sides.candidate, sides.reference)
    )
    first = _checked(case, start, real)
    for workflow in WORKFLOWS:
        found.append(Generation(0, workflow, *first))
        pool = start
        for number in range(1, n + 1):
            made = Generator.fit(pool, seed=case.seed).sample(start.height, seed=case.seed + number)
            found.append(Generation(number, workflow, *_checked(case, made, real)))
            pool = made if workflow == "replace" else pl.concat([pool, made])
            case.progress(len(found), len(WORKFLOWS) * (n + 1), f"generations, {workflow}")
    return tuple(found)


def _checked(
    case: CascadeCase, made: pl.DataFrame, real: pl.DataFrame
) -> tuple[float, float, float, str]:
    verdict = check(
        CollapseCase(
            Table.of_frame(case.candidate.name, made),
            Table.of_frame(case.reference.name, real),
            case.target if case.target in made.columns else "",
            seed=case.seed,
            device=case.device,
        )
    )
    return verdict.score, verdict.low, verdict.high, verdict.verdict
