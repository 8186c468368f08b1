"""One line that says how far long work is: drawn late, seldom and in place."""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Callable
from typing import Any, Literal, Self

from qforge_jupyter.results.pace import Pace, Stages, say_duration

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
    stages
        Where the parts of the work lie in the whole, so that the bar never runs backwards.
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
    scoring: 250,000 of 1,000,000 rows (25 %), 250,000 rows/s, about 3 s left
    scoring: stopped at 250,000 of 1,000,000 rows

    """

    def __init__(  # noqa: PLR0913 — each is one plain choice
        self,
        label: str,
        unit: str = "rows",
        *,
        stages: Stages | None = None,
        silent: bool = False,
        show: Show | None = None,
        clock: Clock = time.monotonic,
        delay_s: float = 0.7,
        interval_s: float = 0.1,
    ) -> None:
        self._label = label
        self._unit = unit
        self._is_staged = bool(stages)
        self._enabled = not silent
        self._show = show or show_in_notebook()
        self._clock = clock
        self._delay_s = delay_s
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._stages = stages
        self._pace = Pace(stages)
        self._began_s: float | None = None
        self._drawn_s = 0.0
        self._is_shown = False

    def __enter__(self) -> Self:
        if self._enabled:
            self._began_s = self._clock()
            self._pace = Pace(self._stages, began_s=self._began_s)
        return self

    def __exit__(self, kind: object, *_: object) -> Literal[False]:
        with self._lock:
            if self._is_shown:
                self._draw(self._last_text(failed=kind is not None), self._last_share(kind))
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
        self._pace.take(done, total, note, now_s)
        waits = now_s - self._began_s < self._delay_s
        if waits or (self._is_shown and now_s - self._drawn_s < self._interval_s):
            return
        self._is_shown, self._drawn_s = True, now_s
        self._draw(self._text(), self._pace.share)

    def _text(self) -> str:
        pace = self._pace
        pieces = [self._count(pace.total)]
        if self._is_staged and pace.share is not None:
            pieces = [f"{pace.share:.0%}".replace("%", " %"), self._steps(pace.total)]
        rate = pace.rate
        if rate is not None:
            pieces.append(
                f"{rate:,.0f} {self._unit}/s" if rate >= 10 else f"{rate:.2g} {self._unit}/s"
            )
        is_over = pace.total is not None and pace.done >= pace.total and not self._is_staged
        if pace.left_s and not is_over:
            pieces.append(f"about {say_duration(pace.left_s)} left")
        return f"{self._label}{', ' * bool(pace.note)}{pace.note}: {', '.join(pieces)}"

    def _steps(self, total: int | None) -> str:
        done = f"{self._pace.done:,}"
        return f"{done} of {total:,} {self._unit}" if total else f"{done} {self._unit}"

    def _count(self, total: int | None) -> str:
        share = "" if not total else f" ({min(max(self._pace.done, 0) * 100 // total, 100)} %)"
        return f"{self._steps(total)}{share}"

    def _last_text(self, *, failed: bool) -> str:
        done, total = self._pace.done, self._pace.total
        if failed or (total is not None and done < total and not self._is_staged):
            of = "" if total is None else f" of {total:,}"
            return f"{self._label}: stopped at {done:,}{of} {self._unit}"
        return f"{self._label}: done" + ("" if self._is_staged else f", {done:,} {self._unit}")

    def _last_share(self, kind: object) -> float | None:
        return 1.0 if self._is_staged and kind is None else self._pace.share

    def _draw(self, text: str, share: float | None) -> None:
        self._show(text, draw_html(text, share))


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
