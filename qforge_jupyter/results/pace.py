"""How far work is, how fast it goes and how long it will still take."""

from __future__ import annotations

import math
from collections.abc import Mapping

#: Of a stage of work the shares of the whole between which it lies, by how its notes begin.
Stages = Mapping[str, tuple[float, float]]
#: Below this share of the work nothing can be said of its end.
LEAST_SHARE = 0.02
#: Seconds in which what is told follows a new guess by two thirds.
FOLLOWS_S = 3.0


class Pace:
    """What reports of progress say of the whole work.

    Parameters
    ----------
    stages
        Where the parts of the work lie in the whole. Without them each phase, of other steps or
        another note, counts for itself.
    began_s
        When the work began; the first report else.

    Examples
    --------
    >>> pace = Pace({"reading": (0.0, 0.5), "summing": (0.5, 1.0)}, began_s=0.0)
    >>> pace.take(100, 100, "reading", now_s=3.0)
    >>> pace.take(5, 10, "summing", now_s=6.0)
    >>> pace.share, round(pace.left_s)
    (0.75, 1)

    """

    def __init__(self, stages: Stages | None = None, *, began_s: float | None = None) -> None:
        self._stages = dict(stages or {})
        self._began_s = began_s
        self._phase: tuple[int | None, str] | None = None
        self._phase_began_s = 0.0
        self._phase_done = 0
        self._ends_at_s: float | None = None
        self._now_s = self._guessed_s = 0.0
        self.done = 0
        #: Of the whole, where that is known; with stages it never falls.
        self.share: float | None = None

    @property
    def total(self) -> int | None:
        """Steps of the phase."""
        return self._phase[0] if self._phase else None

    @property
    def note(self) -> str:
        """What the phase is called."""
        return self._phase[1] if self._phase else ""

    def take(self, done: int, total: int | None, note: str, now_s: float) -> None:
        """Take a report at a time that never goes back."""
        if self._began_s is None:
            self._began_s = now_s
        is_behind = self._phase == (total, note) and done < self.done
        if is_behind and total is not None and self.done < total:
            # Two threads overtook each other: what is known says more.
            done = self.done
        elif self._phase != (total, note) or is_behind:
            # The first phase began with the work, before its first report.
            self._phase_began_s = now_s if self._phase else self._began_s
            self._phase_done = done if self._phase else 0
            self._phase = (total, note)
            if not self._stages:
                self._ends_at_s = None
        self.done, self._now_s = done, now_s
        self._look_ahead()

    @property
    def rate(self) -> float | None:
        """Steps a second, within the phase."""
        elapsed_s = self._now_s - self._phase_began_s
        steps = self.done - self._phase_done
        return steps / elapsed_s if elapsed_s > 0 and steps > 0 else None

    @property
    def left_s(self) -> float | None:
        """Seconds that the work will still take, as it went so far; None where nobody knows."""
        return None if self._ends_at_s is None else max(0.0, self._ends_at_s - self._now_s)

    def _look_ahead(self) -> None:
        own = min(max(self.done / self.total, 0.0), 1.0) if self.total else None
        stage = self._stage()
        if stage is not None and own is not None:
            start, end = stage
            self.share = max(self.share or 0.0, start + (end - start) * own)
        elif not self._stages:
            self.share = own
        left_s = self._guess()
        if left_s is None:
            return
        ends_at_s = self._now_s + left_s
        known_s = ends_at_s if self._ends_at_s is None else self._ends_at_s
        passed_s = self._now_s - self._guessed_s
        self._ends_at_s = known_s + (1 - math.exp(-passed_s / FOLLOWS_S)) * (ends_at_s - known_s)
        self._guessed_s = self._now_s

    def _stage(self) -> tuple[float, float] | None:
        named = [name for name in self._stages if self.note.startswith(name)]
        return self._stages[max(named, key=len)] if named else None

    def _guess(self) -> float | None:
        if self._stages:
            if self.share is None or self.share < LEAST_SHARE or self._began_s is None:
                return None
            return (self._now_s - self._began_s) * (1 - self.share) / self.share
        if self.rate is None or not self.total:
            return None
        return max(0, self.total - self.done) / self.rate


def say_duration(seconds: float) -> str:
    """Say how long something takes, in one or two units.

    Examples
    --------
    >>> say_duration(0.2), say_duration(75), say_duration(7_300)
    ('1 s', '1 min 15 s', '2 h 1 min')

    """
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest_s = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min" + (f" {rest_s} s" if rest_s else "")
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h" + (f" {minutes} min" if minutes else "")
