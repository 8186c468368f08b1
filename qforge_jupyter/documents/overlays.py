"""Draw how two sides share themselves out: one as a ground, the other as a line over it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from qforge_jupyter.documents.aligning import align
from qforge_jupyter.documents.blocks import Grid, Overlay
from qforge_jupyter.documents.markup import LABEL, Limits, draw_paragraph_caption, draw_text
from qforge_jupyter.documents.numbers import show_percent
from qforge_jupyter.documents.sparks import SPARK_WIDTH, spark
from qforge_jupyter.documents.tables import draw_grid
from qforge_jupyter.documents.visible import make_visible


def shares_of(overlay: Overlay) -> Grid:
    """Give the shares as a table, in per cent.

    Examples
    --------
    >>> shares_of(Overlay(("A",), (1.0,), (0.5,), ("real", "synth"))).rows
    (('A', '100 %', '50.0 %'),)

    """
    rows = tuple(
        (label, show_percent(first, 1.0), show_percent(second, 1.0))
        for label, first, second in zip(overlay.labels, overlay.first, overlay.second, strict=True)
    )
    return Grid(("value", *overlay.names), rows, overlay.caption)


def draw_overlay(overlay: Overlay, limits: Limits) -> str:
    """Draw both sides over the same bins, and fold the shares under them.

    Examples
    --------
    >>> drawn = draw_overlay(Overlay(("A",), (1.0,), (0.5,), ("r", "s")), Limits(9, 9, 9, 9))
    >>> 'class="qf-band" d="M0 100V0.00H100.00V100Z"' in drawn
    True

    """
    most = max((*overlay.first, *overlay.second), default=0.0) or 1.0
    ground, line = (_steps(side, most) for side in (overlay.first, overlay.second))
    names = [draw_text(name, LABEL) for name in overlay.names]
    told = f"{len(overlay.labels)} values, the highest share {show_percent(most, 1.0)}"
    title = make_visible(overlay.caption, LABEL) or "Two distributions"
    grid = shares_of(overlay)
    ends = [draw_text(label, LABEL) for label in (overlay.labels[:1] + overlay.labels[-1:])]
    return (
        f"{draw_paragraph_caption(overlay.caption)}"
        f'<p class="qf-ends"><span>filled: {names[0]}; line: {names[1]}</span>'
        f"<span>↑ up to {show_percent(most, 1.0)}</span></p>"
        f'<svg class="qf-trend" role="img" viewBox="0 0 100 100" preserveAspectRatio="none"'
        f' width="100%" height="120"><title>{escape(title)}</title>: <desc>{escape(told)}</desc>'
        f'<path class="qf-band" d="M0 100{ground}V100Z"/>'
        f'<path class="qf-run" d="M0 100{line}V100"/></svg>'
        f'<p class="qf-ends">{" ".join(f"<span>{end}</span>" for end in ends)}</p>'
        "<details><summary><small>Shares</small></summary>"
        f"{draw_grid(Grid(grid.columns, grid.rows), limits)}</details>"
    )


def draw_rows(overlay: Overlay) -> str:
    """Draw both sides as lines of text under each other.

    Examples
    --------
    >>> print(draw_rows(Overlay(("A", "B"), (0.5, 0.5), (1.0, 0.0), ("real", "synth"), "plan")))
    plan
    real   |++|
    synth  |@ |
    A to B

    """
    sides = (overlay.first, overlay.second)
    most = max((*overlay.first, *overlay.second), default=0.0)
    sparks = [f"|{spark(side[:SPARK_WIDTH], most)}|" for side in sides]
    names = [make_visible(name, LABEL) for name in overlay.names]
    lines = align(list(zip(names, sparks, strict=True)))
    ends = [make_visible(label, LABEL) for label in overlay.labels[:1] + overlay.labels[-1:]]
    return "\n".join([make_visible(overlay.caption, LABEL), lines, " to ".join(ends)])


def _steps(shares: Sequence[float], most: float) -> str:
    """Give a path of steps from left to right, the highest share at the top."""
    width = 100 / max(1, len(shares))
    return "".join(
        f"V{100 - 100 * share / most:.2f}H{(index + 1) * width:.2f}"
        for index, share in enumerate(shares)
    )
