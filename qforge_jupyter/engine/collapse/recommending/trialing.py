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
from qforge_jupyter.engine.collapse.recommending.looking import Look, look, mark_of
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
class Tried:
    """A table after a fix.

    Parameters
    ----------
    table
        All its rows.
    copying
        Copies among the rows that were there before; what a fix puts in on purpose is no damage.
    share_copied
        Of all its rows.

    """

    table: Table
    copying: Copying
    share_copied: float


@dataclass(frozen=True)
class Ground:
    """What trials stand on: a candidate, the half that is seen and the half that judges.

    Parameters
    ----------
    case
        The check that found the damage.
    keys
        Columns that name the candidate's rows.
    most
        Rows of each side that take part in a trial; None for all.

    """

    case: CollapseCase
    candidate: Table
    seen: Table
    judging: Table
    keys: tuple[str, ...] = ()
    most: int | None = None

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
        ground = cls(case, case.candidate, seen, judging, keys, most)
        return replace(
            ground, candidate=ground.some(case.candidate), seen=ground.some(seen),
            judging=ground.some(judging),
        )  # fmt: skip

    def some(self, table: Table) -> Table:
        """Sample a table where trials are bounded."""
        return table if self.most is None else bounded(table, self.case, self.most)

    @cached_property
    def fix_case(self) -> FixCase:
        """What most fixes are asked."""
        return self._case_of(self.candidate)

    @cached_property
    def whole_case(self) -> FixCase:
        """What is asked of fixes that have to see all rows of the candidate."""
        is_whole = self.candidate.n_rows == self.case.candidate.n_rows
        return self.fix_case if is_whole else self._case_of(self.case.candidate)

    def _case_of(self, candidate: Table) -> FixCase:
        case = replace(self.case, candidate=candidate, reference=self.seen)
        return FixCase.of(case, keys=self.keys, whole=self.case.reference.frame)

    def case_for(self, names: Sequence[str]) -> FixCase:
        """Give the case in which fixes are tried."""
        return self.whole_case if see_all(names) else self.fix_case

    def look(self, candidate: Table, reference: Table) -> Look:
        """Check a candidate against one of the halves."""
        return look(replace(self.case, candidate=candidate, reference=reference))

    def made(self, case: FixCase, repair: Repair) -> Tried:
        """Put the rows of a fix in order and count what is copied among them."""
        table = Table.of_frame(self.case.candidate.name, in_order(case, repair))
        part = case.n / max(self.case.candidate.n_rows, 1)
        n_kept = int((repair.rows >= 0).sum())
        copying = self.fix_case.twins.count(table.frame.head(n_kept), part)
        n_new = table.n_rows - n_kept
        new = self.fix_case.twins.share_copied(table.frame.tail(n_new)) * n_new
        return Tried(table, copying, (copying.share_copied * n_kept + new) / max(table.n_rows, 1))

    @cached_property
    def copying(self) -> Copying:
        """Copies before any fix."""
        return self.whole_case.twins.count(self.case.candidate.frame)

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
        return gain_between(found, found, (self.copying, self.copying))

    def gain(self, after: Tried, reference: Table) -> Gain:
        """Compare a candidate after a fix with the one before it."""
        table = self.some(after.table)
        return gain_between(
            self.before(table.n_rows, reference),
            self.look(table, reference),
            (self.copying, after.copying),
        )


def gain_between(before: Look, after: Look, copying: tuple[Copying, Copying]) -> Gain:
    """Give the gain in score, with an interval from the errors of both scores.

    Their intervals are combined as Zou and Donner do ("Construction of confidence limits about
    effect measures", Stat. Med. 27, 1693, 2008). A score counts only as far as copies let it.
    """
    first, second = (
        [min(mark_of(copies), value) for value in (each.score, each.low, each.high)]
        for copies, each in zip(copying, (before, after), strict=True)
    )
    value = second[0] - first[0]
    low = value - math.hypot(second[0] - second[1], first[2] - first[0])
    high = value + math.hypot(second[2] - second[0], first[0] - first[1])
    words = [
        "collapsed" if copies.is_flagged else each.word
        for copies, each in zip(copying, (before, after), strict=True)
    ]
    return Gain(first[0], second[0], value, low, high, words[0], words[1])


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


def see_all(names: Sequence[str]) -> bool:
    """Whether all rows have to be seen when it is tried."""
    return any(FIXES.get(name).IS_OF_ALL_ROWS for name in names)


def takes_rows(names: Sequence[str]) -> bool:
    """Whether rows of the reference enter the table."""
    return any(FIXES.get(name).TAKES_ROWS for name in names)
