"""Try every fix and rank them by the gain that rows unseen by them confirm."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.recommending.fixes import FIXES
from qforge_jupyter.engine.collapse.recommending.trialing import (
    TRIED_ROWS,
    Ground,
    Tried,
    applied,
    see_all,
    takes_rows,
    titles,
)
from qforge_jupyter.engine.one_thread import one_thread
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.results.recommendation import Gain, Plan, Recommended
from qforge_jupyter.results.uncertainty import NotApplicable

#: Loss of score from which on a fix is harmful, and gain from which on it is one.
LEAST = 1.0
#: Fixes that promise most are tried in pairs while the score stays below this.
GOOD = 95.0
PAIRED = 2
#: Points that a second fix has to gain to be worth it.
MORE = 5.0
Clock = Callable[[], float]


@dataclass
class _Trials:
    """What was found so far: an interrupt or the end of the budget leaves it usable."""

    ground: Ground
    clock: Clock
    ends_at: float | None
    found: list[Recommended] = field(default_factory=list)
    declined: dict[str, str] = field(default_factory=dict)
    tables: dict[tuple[str, ...], Tried] = field(default_factory=dict)
    n_left: int = 0

    def is_late(self) -> bool:
        return self.ends_at is not None and self.clock() >= self.ends_at

    def estimate(self, names: tuple[str, ...]) -> None:
        """Apply a fix to what it may see, and score it by the same rows."""
        case = self.ground.case_for(names)
        started = self.clock()
        repair = applied(names, case)
        seconds = self.clock() - started
        if isinstance(repair, NotApplicable):
            self.declined[titles(names)] = repair.reason
            return
        made = self.ground.made(case, repair)
        self.tables[names] = made
        before = self.ground.copying
        self.found.append(
            Recommended(
                fixes=names,
                title=titles(names),
                needs="; ".join(str(FIXES.get(name).NEEDS) for name in names),
                sentence=repair.sentence,
                n_before=case.n,
                n_after=made.table.n_rows,
                n_changed=repair.n_changed,
                takes_rows=takes_rows(names),
                estimated=self.ground.gain(made, self.ground.seen).value,
                share_copied=(before.share_copied, made.share_copied),
                share_repeated=(before.share_repeated, made.copying.share_repeated),
                share_near=(before.share_near, made.copying.share_near),
                share_alike=(before.share_alike, made.copying.share_alike),
                candidate_name=self.ground.case.candidate.name,
                reference=self.ground.case.reference,
                keys=self.ground.keys,
                plan=self.ground.case.plan,
                seconds=seconds,
            )
        )

    def verify(self, index: int) -> None:
        """Score a fix by rows that it has not seen."""
        one = self.found[index]
        gain = self.ground.gain(self.tables[one.fixes], self.ground.judging)
        self.found[index] = replace(one, gain=gain, standing=standing_of(gain))

    def open_places(self) -> list[int]:
        """Name what is not verified, the most promising first."""
        waiting = [i for i, each in enumerate(self.found) if each.gain is None]
        return sorted(waiting, key=lambda i: (-self.found[i].estimated, self.found[i].fixes))


def recommend(
    case: CollapseCase,
    *,
    only: Iterable[str] = (),
    budget_s: float | None = None,
    clock: Clock,
    keys: tuple[str, ...] = (),
) -> Plan:
    """Try fixes on a candidate.

    Each learns from one half of the reference and is scored by it (an estimate), the most
    promising first by the other half, which it has not seen (its gain).

    Parameters
    ----------
    case
        The check that found the damage.
    only
        Names of fixes; all by default.
    budget_s
        Seconds after which nothing new is begun.
    clock
        Tells seconds.
    keys
        Columns that name the candidate's rows.

    Raises
    ------
    CallError
        There is no fix of that name.
    DataError
        The reference cannot be halved.

    """
    wanted = _wanted(only)
    started = clock()
    with one_thread():
        ground = Ground.of(case, keys=keys, most=TRIED_ROWS)
        trials = _Trials(ground, clock, None if budget_s is None else started + budget_s)
        is_interrupted = False
        try:
            _run(trials, wanted, case)
        except KeyboardInterrupt:
            is_interrupted = True
        return _plan(trials, is_interrupted=is_interrupted)


def _wanted(only: Iterable[str]) -> tuple[str, ...]:
    known = FIXES.names()
    wanted = tuple(dict.fromkeys(only)) or known
    for name in wanted:
        if name not in known:
            raise CallError(f"No fix named {name[:60]!r}{nearest(name, known)}")
    return wanted


def _run(trials: _Trials, wanted: tuple[str, ...], case: CollapseCase) -> None:
    total = 2 * len(wanted) + PAIRED
    done = 0
    for name in wanted:
        if trials.is_late():
            trials.n_left += 1
            continue
        trials.estimate((name,))
        done += 1
        case.progress(done, total, f"{name}: estimated")
    for index in trials.open_places():
        if trials.is_late():
            return
        trials.verify(index)
        done += 1
        case.progress(done, total, f"{'+'.join(trials.found[index].fixes)}: verified")
    _pair(trials)
    case.progress(total, total, "ranked")


def _pair(trials: _Trials) -> None:
    """Apply the next best fixes after the best one, where this leaves something to gain."""
    helping = [each for each in ranked(trials.found) if each.standing == "helps"]
    if not helping or helping[0].gain is None or helping[0].gain.after >= GOOD:
        return
    first = helping[0]
    for second in helping[1 : PAIRED + 1]:
        if trials.is_late() or (first.takes_rows and second.takes_rows):
            continue
        names = _in_turn(first, second)
        trials.estimate(names)
        if trials.found[-1].fixes == names:
            trials.verify(len(trials.found) - 1)


def _in_turn(first: Recommended, second: Recommended) -> tuple[str, ...]:
    """Drop copies as long as they are some, and put real rows in last, so that they stay real."""
    is_second_first = first.takes_rows or see_all(second.fixes)
    held = (second, first) if is_second_first else (first, second)
    return (*held[0].fixes, *held[1].fixes)


def standing_of(gain: Gain) -> str:
    """Say in one word what a fix does.

    Examples
    --------
    >>> standing_of(Gain(10, 90, 80, 60, 85, "collapsed", "fit"))
    'helps'
    >>> standing_of(Gain(97, 99, 2, -3, 5, "fit", "fit"))
    'not proven'

    """
    if gain.value <= -LEAST or (gain.word_before == "fit" and gain.word_after == "collapsed"):
        return "harmful"
    if gain.low > 0 and gain.value >= LEAST:
        return "helps"
    return "not proven" if gain.value >= LEAST else "no effect"


#: In which order fixes are listed.
ORDER = ("helps", "not proven", "not verified", "no effect", "harmful")


def ranked(found: Iterable[Recommended]) -> list[Recommended]:
    """Put what helps first, by its gain; where two gain as much, what changes fewer rows.

    A second fix on top of a first one has to bring five points more.
    """

    def rank(each: Recommended) -> tuple[int, float, int, tuple[str, ...]]:
        gain = each.estimated if each.gain is None else each.gain.value
        gain -= MORE * (len(each.fixes) - 1)
        return ORDER.index(each.standing), -round(gain, 1), each.n_changed, each.fixes

    return sorted(found, key=rank)


def _plan(trials: _Trials, *, is_interrupted: bool) -> Plan:
    ground = trials.ground
    before = ground.now() if any(each.gain for each in trials.found) else None
    entries = tuple(replace(each, place=place) for place, each in enumerate(ranked(trials.found)))
    return Plan(
        candidate_name=ground.case.candidate.name,
        reference_name=ground.case.reference.name,
        n_tried=ground.candidate.n_rows,
        n_seen=ground.seen.n_rows,
        n_judging=ground.judging.n_rows,
        entries=entries,
        declined=trials.declined,
        score=before.before if before else None,
        word=before.word_before if before else "",
        n_left=trials.n_left + sum(each.gain is None for each in entries),
        is_interrupted=is_interrupted,
    )
