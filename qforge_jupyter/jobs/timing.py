"""When a job is due, when what it made is stale, and how long to wait after a failure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from qforge_jupyter.errors import CallError
from qforge_jupyter.results.jobs import Job, JobPlan

_UNITS = {"s": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600,
          "d": 86_400, "day": 86_400, "week": 604_800}  # fmt: skip
_LENGTH = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?|)\s*([a-z]{1,8})\s*")
#: After the first failure; doubled after each further one.
FIRST_WAIT_S = 60.0
LONGEST_WAIT_S = 3_600.0


def read_length(text: str, option: str) -> float | None:
    """Read a length of time in seconds; None where the text is empty.

    Raises
    ------
    CallError
        It is none, or shorter than a second.

    Examples
    --------
    >>> read_length("6 hours", "every"), read_length("1.5 days", "every"), read_length("", "every")
    (21600.0, 129600.0, None)
    >>> read_length("hour", "every")
    3600.0

    """
    if not text.strip():
        return None
    found = _LENGTH.fullmatch(text.lower())
    unit = (_UNITS.get(found[2]) or _UNITS.get(found[2].removesuffix("s"), 0)) if found else 0
    seconds = float(found[1] or 1) * unit if found else 0.0
    if seconds < 1:
        raise CallError(
            f"`{option}` is a length of time, as in  6 hours  or  1.5 days, and {text[:60]!r} came"
        )
    return seconds


def say_length(seconds: float) -> str:
    """Say a length of time in the largest unit that fits.

    Examples
    --------
    >>> say_length(21600), say_length(90), say_length(86400)
    ('6 hours', '90 seconds', '1 day')

    """
    for unit, length in (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length and seconds % length == 0:
            n = int(seconds // length)
            return f"{n} {unit}{'s' * (n != 1)}"
    return f"{seconds:g} second{'s' * (seconds != 1)}"


def next_time(plan: JobPlan, began: datetime, at: datetime) -> datetime | None:
    """Say when a job is due after a run: at the next beat of its schedule that is to come.

    Beats that were missed are not made up for.

    Examples
    --------
    >>> noon = datetime(2026, 1, 1, 12)
    >>> print(next_time(JobPlan(every_s=3600.0), noon, datetime(2026, 1, 1, 15, 30)))
    2026-01-01 16:00:00

    """
    if plan.every_s is None:
        return None
    missed = max(0, (at - began) // timedelta(seconds=plan.every_s))
    return began + (missed + 1) * timedelta(seconds=plan.every_s)


def wait_s(attempt: int) -> float:
    """Say how long to wait after so many failures.

    Examples
    --------
    >>> [wait_s(attempt) for attempt in (1, 2, 3, 20)]
    [60.0, 120.0, 240.0, 3600.0]

    """
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempt - 1, 20))


def is_stale(job: Job, at: datetime) -> bool:
    """Say whether the last success lies further back than it may.

    Examples
    --------
    >>> made = Job("1", "n", "collect", {}, "ann", "done", JobPlan(fresh_within_s=3600.0),
    ...            succeeded_at=datetime(2026, 1, 1, 12))
    >>> is_stale(made, datetime(2026, 1, 1, 13)), is_stale(made, datetime(2026, 1, 1, 13, 1))
    (False, True)

    """
    since = job.succeeded_at or job.queued_at
    if job.plan.fresh_within_s is None or since is None:
        return False
    return at - since > timedelta(seconds=job.plan.fresh_within_s)
