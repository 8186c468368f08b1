"""A drawing as a file of its own: what a tracker shows without the page around it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from qforge_jupyter.documents.blocks import Histogram, Overlay
from qforge_jupyter.documents.charts import draw_histogram
from qforge_jupyter.documents.markup import Limits
from qforge_jupyter.documents.numbers import show_number
from qforge_jupyter.documents.overlays import draw_overlay
from qforge_jupyter.documents.visible import make_visible

_SVG = 'xmlns="http://www.w3.org/2000/svg"'
_STYLE = ".qf-outline{stroke:#1f2933;stroke-width:2;vector-effect:non-scaling-stroke}"
_LABEL = 80


def svg_of(block: Histogram | Overlay) -> bytes:
    """Draw a distribution as an SVG file, with its name and its ends.

    Examples
    --------
    >>> drawn = svg_of(Histogram((1, 2), 0.0, 1.0, "a < b")).decode()
    >>> drawn.startswith("<svg xmlns"), "a &lt; b" in drawn, drawn.count("<rect")
    (True, True, 3)

    """
    if isinstance(block, Histogram):
        drawn, name = draw_histogram(block), block.caption
        ends = (show_number(block.low), show_number(block.high))
    else:
        page = draw_overlay(block, Limits(9, 9, 9, 9))
        drawn = page[page.index("<svg") : page.index("</svg>") + len("</svg>")]
        ends = (block.labels[0], block.labels[-1]) if block.labels else ("", "")
        name = f"{block.caption}: {block.first_label} as columns, {block.second_label} as a line"
    said = (make_visible(each, _LABEL) for each in (name, *ends))
    caption, low, high = (escape(each) for each in said)
    text = 'font-family="sans-serif" font-size="13" fill="#1f2933"'
    return (
        f'<svg {_SVG} viewBox="0 0 480 160" width="480" height="160"><style>{_STYLE}</style>'
        '<rect width="480" height="160" fill="#ffffff"/>'
        f'<text x="10" y="20" {text}>{caption}</text>'
        f'<svg x="10" y="32" width="460" height="100">{drawn}</svg>'
        f'<text x="10" y="150" {text}>{low}</text>'
        f'<text x="470" y="150" text-anchor="end" {text}>{high}</text></svg>'
    ).encode()


def pictures_of(
    distributions: Iterable[Histogram | Overlay], samples: Iterable[tuple[str, bytes]]
) -> dict[str, tuple[bytes, str]]:
    """Name distributions and small pictures as files; what a picture shows is in no name.

    Examples
    --------
    >>> found = pictures_of([Histogram((1,), 0.0, 1.0, "noise")], [("a", b"")])
    >>> {name: kind for name, (_, kind) in found.items()}
    {'distributions/noise.svg': 'image/svg+xml', 'samples/1.png': 'image/png'}

    """
    drawn = {
        f"distributions/{each.caption}.svg": (svg_of(each), "image/svg+xml")
        for each in distributions
    }
    numbered = enumerate(samples, start=1)
    return drawn | {f"samples/{n}.png": (data, "image/png") for n, (_, data) in numbered}
