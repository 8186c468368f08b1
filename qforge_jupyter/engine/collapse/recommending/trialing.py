"""Try a fix: let it learn from one half of the reference, and check what it gives on the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.recommending.case import FixCase, Repair
from qforge_jupyter.engine.collapse.recommending.fixes import FIXES
from qforge_jupyter.engine.collapse.recommending.halving import bounded, halves
from qforge_jupyter.engine.collapse.recommending.looking import Look, copies_of, look, mark_of
from qforge_jupyter.errors import DataError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.collapse import Copying
from qforge_jupyter.results.recommendation import Gain
from qforge_jupyter.results.uncertainty import NotApplicable

#: Rows of each side on which fixes are tried; the fix itself is applied to all.
TRIED_ROWS = 5_000
#: A table that is shorter by more than this is compared with as many rows of the one before.
SHORTER = 0.95


@dataclass(frozen=True)
class Ground:
    """What trials stand on: a candidate, the half that is seen and the half that judges.

    Parameters
    ----------
    case
        The check that found the damage.
    keys
        Columns that name the candidate's rows.

    """

    case: CollapseCase
    candidate: Table
    seen: Table
    judging: Table
    keys: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, case: CollapseCase, *, keys: tuple[str, ...] = (), most: int | None = None
    ) -> Ground:
        """Halve the reference; with ``most`` all sides are sampled.

        Raises
        ------
        DataError
            A half of the reference has no rows.

        """
        seen, judging = halves(case)
        if not seen.n_rows or not judging.n_rows:
            raise DataError(
                f"{case.reference.name} has {case.reference.n_rows} rows, which cannot be halved "
                "into rows to learn from and rows to judge by: give more real rows"
            )
        candidate = case.candidate
        if most is not None:
            candidate, seen, judging = (
                bounded(each, case, most) for each in (candidate, seen, judging)
            )
        return cls(case, candidate, seen, judging, keys)

    @cached_property
    def fix_case(self) -> FixCase:
        """What fixes are asked."""
        case = replace(self.case, candidate=self.candidate, reference=self.seen)
        return FixCase.of(case, keys=self.keys)

    def look(self, candidate: Table, reference: Table) -> Look:
        """Check a candidate against one of the halves."""
        return look(replace(self.case, candidate=candidate, reference=reference))

    def copies(self, candidate: Table) -> Copying:
        """Count copies of rows that fixes could see."""
        return copies_of(candidate, self.seen, self.case)

    @cached_property
    def copying(self) -> Copying:
        """Copies before any fix."""
        return self.copies(self.candidate)

    def before(self, n: int, reference: Table) -> Look:
        """Check the candidate as it is, at as many rows as a fix leaves.

        Fewer rows prove less damage; a fix that drops rows must not gain by that.
        """
        n = n if n < SHORTER * self.candidate.n_rows else self.candidate.n_rows
        key = (n, reference.name)
        if key not in self._known:
            self._known[key] = self.look(bounded(self.candidate, self.case, n), reference)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[int, str], Look]:
        return {}

    def now(self) -> Gain:
        """Compare the candidate as it is with itself: its score, and no gain."""
        found = self.before(self.candidate.n_rows, self.judging)
        return gain_between(found, found, (self.copying, self.copying), takes_rows=False)

    def gain(self, after: Table, reference: Table, *, takes_rows: bool = False) -> Gain:
        """Compare a candidate after a fix with the one before it."""
        return gain_between(
            self.before(after.n_rows, reference),
            self.look(after, reference),
            (self.copying, self.copies(after)),
            takes_rows=takes_rows,
        )


def gain_between(
    before: Look, after: Look, copying: tuple[Copying, Copying], *, takes_rows: bool
) -> Gain:
    """Give the gain in score, with an interval from the errors of both scores.

    Their intervals are combined as Zou and Donner do ("Construction of confidence limits about
    effect measures", Stat. Med. 27, 1693, 2008). A score counts only as far as copies let it.
    """
    caps = [mark_of(copying[0], takes_rows=False), mark_of(copying[1], takes_rows=takes_rows)]
    first, second = (
        [min(cap, value) for value in (each.score, each.low, each.high)]
        for cap, each in zip(caps, (before, after), strict=True)
    )
    value = second[0] - first[0]
    low = value - math.hypot(second[0] - second[1], first[2] - first[0])
    high = value + math.hypot(second[2] - second[0], first[0] - first[1])
    words = (
        _word(before, copying[0], takes_rows=False),
        _word(after, copying[1], takes_rows=takes_rows),
    )
    return Gain(first[0], second[0], value, low, high, *words)


def _word(found: Look, copying: Copying, *, takes_rows: bool) -> str:
    least = max(copying.least_repeated, 0.0 if takes_rows else copying.least_copied)
    is_copied = copying.is_identifiable and least > copying.tolerated
    return "collapsed" if is_copied else found.word


def applied(names: Sequence[str], case: FixCase) -> Repair | NotApplicable:
    """Apply fixes one after the other; the first that cannot be applied says why."""
    repair = Repair(case.candidate, np.arange(case.n), "", 0)
    said = []
    for name in names:
        found = FIXES.get(name).apply(case)
        if isinstance(found, NotApplicable):
            return found
        said.append(found.sentence)
        n_changed = max(repair.n_changed, found.n_changed)
        came = np.where(found.rows >= 0, repair.rows[found.rows], -1)
        repair = Repair(found.frame, came, "; ".join(said), n_changed)
        case = replace(case, candidate=found.frame)
    return repair


def in_order(case: FixCase, repair: Repair) -> pl.DataFrame:
    """Give the rows in the order in which they came, new ones last."""
    is_new = repair.rows < 0
    came = np.where(is_new, case.n, case.places[repair.rows])
    return repair.frame[np.argsort(came, kind="stable")]


def titles(names: Sequence[str]) -> str:
    """Say what fixes do, one after the other."""
    return ", then ".join(str(FIXES.get(name).TITLE) for name in names)


def takes_rows(names: Sequence[str]) -> bool:
    """Whether rows of the reference enter the table."""
    return any(FIXES.get(name).TAKES_ROWS for name in names)
