"""Draw a funnel: one bar a step, each as wide as what is left, joined to the one above."""

from __future__ import annotations

from html import escape

from qforge_jupyter.documents.aligning import align
from qforge_jupyter.documents.blocks import SIGNS, Funnel, Stage
from qforge_jupyter.documents.charts import FILLS
from qforge_jupyter.documents.markup import (
    LABEL,
    LEFT,
    Limits,
    draw_caption,
    draw_more,
    draw_sign,
    draw_text,
)
from qforge_jupyter.documents.numbers import show_number, show_percent
from qforge_jupyter.documents.visible import make_visible

_STRETCHED = 'viewBox="0 0 100 9" preserveAspectRatio="none" width="100%"'
#: A bar of a few among millions is still seen.
_THINNEST = 0.6


def draw_funnel(funnel: Funnel, limits: Limits) -> str:
    """Draw the steps as rows of a table: name, bar, count, share of all, what went and why.

    Examples
    --------
    >>> drawn = draw_funnel(Funnel((Stage("all", 4), Stage("won", 1))), Limits(9, 9, 9, 9))
    >>> drawn.count("<rect"), drawn.count("<path"), "25.0 %" in drawn
    (2, 1, True)

    """
    rows = "".join(
        _draw_row(stage, n_before, whole, is_first=place == 0)
        for place, (stage, n_before, whole) in enumerate(_with_before(funnel)[: limits.n_items])
    )
    head = (
        f'<thead><tr><th class="qf-mark-cell"></th><th scope="col"{LEFT}>step</th>'
        '<th></th><th class="qf-num" scope="col" align="right">left</th>'
        '<th class="qf-num" scope="col" align="right">of all</th>'
        '<th class="qf-num" scope="col" align="right">gone</th>'
        f'<th scope="col"{LEFT}>why</th></tr></thead>'
    )
    return (
        f'<table class="qf-funnel">{draw_caption(funnel.caption)}{head}<tbody>{rows}</tbody>'
        "</table>" + draw_more(len(funnel.stages) - limits.n_items, "steps")
    )


def draw_lines(funnel: Funnel, n_most: int) -> str:
    """Draw the first steps as lines of text, what went and why under each.

    Examples
    --------
    >>> print(draw_lines(Funnel((Stage("all", 4), Stage("won", 1, "lost"))), 9))
    •  all  ########################  4   100 %
    •  won           ######           1  25.0 %  -3
            lost

    """
    shown = _with_before(funnel)[:n_most]
    cells = [
        (
            SIGNS[stage.tone],
            make_visible(stage.label, 32),
            _text_bar(stage.count, whole),
            show_number(stage.count),
            show_percent(stage.count, whole),
            f"-{show_number(n_before - stage.count)}" if n_before > stage.count else "",
        )
        for stage, n_before, whole in shown
    ]
    lines = align(cells, [False, False, False, True, True, True]).split("\n")
    for place, (stage, _, _) in reversed(list(enumerate(shown, start=1))):
        if stage.note:
            lines.insert(place, f"{' ' * 8}{make_visible(stage.note, 92)}")
    return "\n".join(lines)


def _with_before(funnel: Funnel) -> list[tuple[Stage, int, int]]:
    """Give each step with the count before it and the count of all."""
    counts = [stage.count for stage in funnel.stages]
    whole = counts[0] if counts else 0
    before = [whole, *counts[:-1]] if counts else []
    return [(stage, n_before, whole) for stage, n_before in zip(funnel.stages, before, strict=True)]


def _text_bar(count: int, whole: int) -> str:
    width = 24
    n_full = round(width * count / whole) if whole else 0
    n_full += n_full % 2
    return ("#" * min(width, max(n_full, 2 * (count > 0)))).center(width)


def _draw_row(stage: Stage, n_before: int, whole: int, *, is_first: bool) -> str:
    n_gone = n_before - stage.count
    gone = f"&minus;{show_number(n_gone)}" if n_gone > 0 else ""
    share = stage.count / whole if whole else 0.0
    picture = _draw_stage(stage, n_before, whole, is_first=is_first)
    meter = f'<meter min="0" max="1" value="{share:.4f}"></meter>'
    return (
        f'<tr><td class="qf-mark-cell qf-{stage.tone}">{draw_sign(stage.tone)}</td>'
        f'<th scope="row"{LEFT}>{draw_text(stage.label, LABEL)}</th>'
        f'<td class="qf-plot">{picture}{meter}</td>'
        f'<td class="qf-num" align="right"><b>{show_number(stage.count)}</b></td>'
        f'<td class="qf-num" align="right">{escape(show_percent(stage.count, whole))}</td>'
        f'<td class="qf-num qf-soft" align="right">{gone}</td>'
        f'<td class="qf-soft qf-text"{LEFT}>{draw_text(stage.note, LABEL)}</td></tr>'
    )


def _draw_stage(stage: Stage, n_before: int, whole: int, *, is_first: bool) -> str:
    """Draw one bar in the middle, and above it the neck from the bar of the step before."""
    width, above = _width(stage.count, whole), _width(n_before, whole)
    left, right = 50 - width / 2, 50 + width / 2
    neck = ""
    if above and not is_first:
        outline = (50 - above / 2, 50 + above / 2, right, left)
        points = "L".join(f"{x:.2f} {y}" for x, y in zip(outline, (0, 0, 9, 9), strict=True))
        neck = f'<path class="qf-neck" d="M{points}Z"/>'
    bar = (
        f'<rect class="qf-fill-{stage.tone}" x="{left:.2f}" y="0" width="{width:.2f}"'
        f' height="9" fill="{FILLS[stage.tone]}"/>'
    )
    told = f"{make_visible(stage.label, 80)}: {show_number(stage.count)} left"
    return (
        f'<div class="qf-stage"><svg role="presentation" {_STRETCHED}>{neck}</svg>'
        f'<svg class="qf-left" role="img" aria-label="{escape(told)}" {_STRETCHED} height="16">'
        f"{bar if width else ''}</svg></div>"
    )


def _width(count: int, whole: int) -> float:
    """Give the width of a bar in per cent; none where nothing is left."""
    if not whole or count <= 0:
        return 0.0
    return max(_THINNEST, 100 * count / whole)
