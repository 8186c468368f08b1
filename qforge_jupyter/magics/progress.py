"""One line that says how far long work is: drawn late, seldom and in place."""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Callable
from typing import Any, Literal, Self

Show = Callable[[str, str], None]
Clock = Callable[[], float]


class ProgressLine:
    """A progress line in the cell that runs; give it to a verb as ``progress``.

    It shows nothing for work that is over within ``delay_s``, draws at most
    every ``interval_s`` and, when the work ends, says what was done or how
    far it came. It may be called from any thread.

    Parameters
    ----------
    label
        What is done, as in "scoring".
    unit
        What is counted, as in "rows".
    silent
        True draws nothing: ``--quiet``, or the setting ``progress`` is off.
    show
        Draws a text and its HTML, the second time in place of the first.
    clock
        Seconds that never go back.
    delay_s, interval_s
        See above.

    Examples
    --------
    >>> times = iter([0.0, 1.0, 2.0])
    >>> progress = ProgressLine("scoring", show=lambda text, _: print(text),
    ...                         clock=lambda: next(times))
    >>> with progress:
    ...     progress(250_000, 1_000_000)
    scoring: 250,000 of 1,000,000 rows (25 %), 250,000 rows/s, 3 s left
    scoring: stopped at 250,000 of 1,000,000 rows

    """

    def __init__(  # noqa: PLR0913 — each is one plain choice
        self,
        label: str,
        unit: str = "rows",
        *,
        silent: bool = False,
        show: Show | None = None,
        clock: Clock = time.monotonic,
        delay_s: float = 0.7,
        interval_s: float = 0.1,
    ) -> None:
        self._label = label
        self._unit = unit
        self._enabled = not silent
        self._show = show or show_in_notebook()
        self._clock = clock
        self._delay_s = delay_s
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._phase: tuple[int | None, str] | None = None
        self._began_s: float | None = None
        self._phase_began_s = self._drawn_s = 0.0
        self._done = self._phase_done = 0
        self._is_shown = False

    def __enter__(self) -> Self:
        if self._enabled:
            self._began_s = self._clock()
        return self

    def __exit__(self, kind: object, *_: object) -> Literal[False]:
        with self._lock:
            if self._is_shown:
                self._draw(self._last_text(failed=kind is not None))
            self._is_shown = self._enabled = False
        return False

    def __call__(self, done: int, total: int | None, note: str = "") -> None:
        """Report that ``done`` of ``total`` steps are finished."""
        if self._enabled:
            with self._lock:
                self._take(done, total, note)

    def _take(self, done: int, total: int | None, note: str) -> None:
        now_s = self._clock()
        if self._began_s is None:
            self._began_s = now_s
        is_behind = self._phase == (total, note) and done < self._done
        if is_behind and total is not None and self._done < total:
            # Two threads overtook each other: what is known says more.
            done = self._done
        elif self._phase != (total, note) or is_behind:
            # The first phase began with the work, before its first report.
            self._phase_began_s = now_s if self._phase else self._began_s
            self._phase_done = done if self._phase else 0
            self._phase = (total, note)
        self._done = done
        waits = now_s - self._began_s < self._delay_s
        if waits or (self._is_shown and now_s - self._drawn_s < self._interval_s):
            return
        self._is_shown, self._drawn_s = True, now_s
        self._draw(self._text(now_s))

    def _text(self, now_s: float) -> str:
        total, note = self._phase or (None, "")
        pieces = [self._count(total)]
        elapsed_s = now_s - self._phase_began_s
        steps = self._done - self._phase_done
        if elapsed_s > 0 and steps > 0:
            rate = steps / elapsed_s
            pieces.append(
                f"{rate:,.0f} {self._unit}/s" if rate >= 10 else f"{rate:.2g} {self._unit}/s"
            )
            if total is not None and total > self._done:
                pieces.append(f"{say_duration((total - self._done) / rate)} left")
        return f"{self._label}{', ' * bool(note)}{note}: {', '.join(pieces)}"

    def _count(self, total: int | None) -> str:
        if not total:
            return f"{self._done:,} {self._unit}"
        share = min(max(self._done, 0) * 100 // total, 100)
        return f"{self._done:,} of {total:,} {self._unit} ({share} %)"

    def _last_text(self, *, failed: bool) -> str:
        total, _ = self._phase or (None, "")
        if failed or (total is not None and self._done < total):
            of = "" if total is None else f" of {total:,}"
            return f"{self._label}: stopped at {self._done:,}{of} {self._unit}"
        return f"{self._label}: done, {self._done:,} {self._unit}"

    def _draw(self, text: str) -> None:
        total, _ = self._phase or (None, "")
        self._show(text, draw_html(text, self._done / total if total else None))


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


def draw_html(text: str, share: float | None) -> str:
    """Draw the line with a bar for the share that is done.

    Examples
    --------
    >>> draw_html("a < b", None)
    '<div style="font-family:monospace">a &lt; b</div>'

    """
    bar = ""
    if share is not None:
        value = min(max(share, 0.0), 1.0)
        bar = f'<progress max="1" value="{value:.3f}" aria-label="progress"></progress> '
    return f'<div style="font-family:monospace">{bar}{html.escape(text)}</div>'


def show_in_notebook() -> Show:
    """Make a `Show` that keeps to one output of the cell that runs."""
    handle: Any = None

    def show(text: str, page: str) -> None:
        nonlocal handle
        from IPython.display import display

        bundle = {"text/plain": text, "text/html": page}
        if handle is None:
            handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            handle.update(bundle, raw=True)

    return show
