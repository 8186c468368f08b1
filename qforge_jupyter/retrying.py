"""Try transient failures again, waiting longer each time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from qforge_jupyter.errors import QForgeError

Answer = TypeVar("Answer")


def retried(
    work: Callable[[], Answer],
    *,
    attempts: int = 3,
    first_wait_s: float = 0.5,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Answer, int]:
    """Do a piece of work; an error that says it is transient is tried again.

    Parameters
    ----------
    work
        What to do; it must leave nothing behind when it fails.
    attempts
        How often at most.
    first_wait_s
        Pause after the first failure, doubled after each further one.
    sleep
        Waits.

    Returns
    -------
    tuple
        The answer, and how many attempts it took. An error that stays carries
        them as ``attempts``.

    Examples
    --------
    >>> from qforge_jupyter.errors import StoreBusy
    >>> answers = iter([StoreBusy("held"), None])
    >>> def work():
    ...     if problem := next(answers):
    ...         raise problem
    ...     return "done"
    >>> retried(work, sleep=lambda seconds: print(f"waits {seconds} s"))
    waits 0.5 s
    ('done', 2)

    """
    for attempt in range(1, attempts + 1):
        try:
            return work(), attempt
        except QForgeError as problem:
            problem.attempts = attempt
            if not problem.is_transient or attempt == attempts:
                raise
            sleep(first_wait_s * 2 ** (attempt - 1))
    raise ValueError(f"attempts is {attempts} and must be at least 1")
