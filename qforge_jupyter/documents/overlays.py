"""Draw two distributions over each other: one as columns, one as the outline of steps."""

from __future__ import annotations

from html import escape

from qforge_jupyter.documents.aligning import align
from qforge_jupyter.documents.blocks import Grid, Overlay
from qforge_jupyter.documents.charts import FILLS
from qforge_jupyter.documents.markup import LABEL, Limits, draw_paragraph_caption, draw_text
from qforge_jupyter.documents.numbers import show_number
from qforge_jupyter.documents.tables import draw_grid
from qforge_jupyter.documents.visible import make_visible


def draw_overlay(overlay: Overlay, limits: Limits) -> str:
    """Draw both distributions over their ends and the folded shares.

    Examples
    --------
    >>> two = Overlay(("a", "b"), (0.5, 0.5), (1.0, 0.0), "new", "real")
    >>> drawn = draw_overlay(two, Limits(9, 9, 9, 9))
    >>> drawn.count("<rect"), 'd="M0 100V0.00H50.00V100.00H100.00V100"' in drawn
    (2, True)

    """
    most = max((*overlay.first, *overlay.second, 1e-12))
    width = 100 / max(1, len(overlay.labels))
    columns = "".join(
        f'<rect class="qf-fill-caution" x="{index * width:.2f}" y="{100 - 100 * share / most:.2f}"'
        f' width="{width:.2f}" height="{100 * share / most:.2f}" fill="{FILLS["caution"]}"/>'
        for index, share in enumerate(overlay.first)
        if share > 0
    )
    steps = "".join(
        f"V{100 - 100 * share / most:.2f}H{(index + 1) * width:.2f}"
        for index, share in enumerate(overlay.second)
    )
    outline = f'<path class="qf-outline" fill="none" d="M0 100{steps}V100"/>'
    names = make_visible(overlay.first_label, 60), make_visible(overlay.second_label, 60)
    told = f"{names[0]} as columns, {names[1]} as a line, at most {show_number(most)} in a bin"
    ends = (overlay.labels[0], overlay.labels[-1]) if overlay.labels else ("", "")
    key = (
        f'<span style="color:{FILLS["caution"]}">■</span> {draw_text(overlay.first_label, LABEL)} '
        f"<span>▁</span> {draw_text(overlay.second_label, LABEL)}"
    )
    table = draw_grid(Grid(*_grid(overlay)), limits)
    return (
        f"{draw_paragraph_caption(overlay.caption)}"
        f'<p class="qf-ends"><span>{key}</span><span>↑ {show_number(most)}</span></p>'
        f'<svg class="qf-overlay" role="img" aria-label="{escape(told)}" viewBox="0 0 100 100"'
        f' preserveAspectRatio="none" width="100%" height="90">{columns}{outline}</svg>'
        f'<p class="qf-ends"><span>{draw_text(ends[0], LABEL)}</span> '
        f"<span>{draw_text(ends[1], LABEL)}</span></p>"
        f"<details><summary><small>Shares</small></summary>{table}</details>"
    )


def _grid(overlay: Overlay) -> tuple[tuple[str, ...], tuple[tuple[str | float, ...], ...]]:
    names = ("bin", overlay.first_label, overlay.second_label)
    return names, tuple(
        zip(
            overlay.labels, map(_rounded, overlay.first), map(_rounded, overlay.second), strict=True
        )
    )


def _rounded(share: float) -> float:
    return float(f"{share:.3g}")


def draw_overlay_text(overlay: Overlay, n_most: int) -> str:
    """Draw the bins that differ most as lines of text.

    Examples
    --------
    >>> print(draw_overlay_text(Overlay(("a", "b"), (0.5, 0.5), (1.0, 0.0), "new", "real"), 9))
    bin  new  real
    a    0.5     1
    b    0.5     0

    """
    apart = [abs(a - b) for a, b in zip(overlay.first, overlay.second, strict=True)]
    kept = sorted(sorted(range(len(apart)), key=lambda i: -apart[i])[:n_most])
    lines = [("bin", make_visible(overlay.first_label, 24), make_visible(overlay.second_label, 24))]
    lines += [
        (
            make_visible(overlay.labels[i], 32),
            show_number(_rounded(overlay.first[i])),
            show_number(_rounded(overlay.second[i])),
        )
        for i in kept
    ]
    drawn = align(lines, [False, True, True])
    return f"{make_visible(overlay.caption, 92)}\n{drawn}" if overlay.caption else drawn
