"""The blocks of which every result's page is built.

A result describes itself once, as a `Document` of blocks; `documents.text`,
`documents.html` and `documents.charts` draw it. Every string is data: it is
escaped by whoever draws it, never by whoever writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: How a thing is judged; a drawing gives each tone its colour *and* a word or sign.
Tone = Literal["best", "good", "fair", "caution", "bad", "neutral"]
#: The sign of each tone, so that a judgement never rests on colour alone.
SIGNS: dict[Tone, str] = {
    "best": "★",
    "good": "✓",
    "fair": "~",
    "caution": "!",
    "bad": "✕",
    "neutral": "•",
}

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    tone: Tone = "neutral"


@dataclass(frozen=True)
class Facts:
    """Short pairs of a name and a value, side by side."""

    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class Grid:
    """A table of cells.

    ``n_more`` rows exist beyond those shown; the drawing says so. ``tones``,
    where given, judges each row and is drawn as a sign before it.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    n_more: int = 0
    tones: tuple[Tone, ...] = ()


@dataclass(frozen=True)
class Bar:
    """One labeled bar: a value between 0 and ``whole``, perhaps with an interval.

    ``usual`` are the ends of a band behind it: where it would lie if nothing were the matter.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    tone: Tone = "neutral"
    note: str = ""
    whole: float = 1.0
    usual: tuple[float, float] | None = None

    @property
    def shares(self) -> tuple[float | None, float | None, float | None]:
        """Value, low and high as shares of the whole."""
        value, low, high = (
            None if each is None else each / self.whole
            for each in (self.value, self.low, self.high)
        )
        return value, low, high


@dataclass(frozen=True)
class Bars:
    """Bars under each other on one scale."""

    bars: tuple[Bar, ...]
    caption: str = ""


@dataclass(frozen=True)
class Share:
    """One named piece of a whole, with its count."""

    label: str
    count: int
    tone: Tone = "neutral"
    note: str = ""


@dataclass(frozen=True)
class Shares:
    """Pieces of one whole: a stacked bar with its legend."""

    shares: tuple[Share, ...]
    caption: str = ""


@dataclass(frozen=True)
class Stage:
    """What is left after one step, and why the others are not."""

    label: str
    count: int
    note: str = ""
    tone: Tone = "neutral"


@dataclass(frozen=True)
class Funnel:
    """Steps of which each leaves fewer: bars that narrow from the first count on."""

    stages: tuple[Stage, ...]
    caption: str = ""


@dataclass(frozen=True)
class Histogram:
    """Counts in equal bins between ``low`` and ``high``, with marked values."""

    counts: tuple[int, ...]
    low: float
    high: float
    caption: str = ""
    marks: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Overlay:
    """Shares of two distributions in the same bins: the first as columns, the second as steps."""

    labels: tuple[str, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    first_label: str
    second_label: str
    caption: str = ""


@dataclass(frozen=True)
class Scatter:
    """Points of two measured values; ``is_parity`` adds the diagonal.

    ``marked`` points are drawn over the others, in another colour, and ``marked_label`` says
    what they are; then the axes are a map, and no correlation is told.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    x_label: str
    y_label: str
    caption: str = ""
    is_parity: bool = False
    marked: tuple[tuple[float, float], ...] = ()
    marked_label: str = ""


@dataclass(frozen=True)
class Node:
    """A thing in a graph: its id, what it is called, what is said of it."""

    id: str
    label: str
    note: str = ""
    tone: Tone = "neutral"
    is_focus: bool = False


@dataclass(frozen=True)
class Graph:
    """Things and what leads from one to another, drawn in layers from top to bottom.

    ``edges`` are pairs of ids; ``n_more`` nodes exist beyond those given.
    """

    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]
    caption: str = ""
    n_more: int = 0


@dataclass(frozen=True)
class Heat:
    """Numbers between -1 and 1, each under its column and beside its row.

    A square, unless ``columns`` are named apart from the rows; ``noun`` is what the names
    name, a plural in s. ``shown``, where given, is what stands in each cell in place of its
    number, which colours it.
    """

    names: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    caption: str = ""
    n_more: int = 0
    noun: str = "columns"
    columns: tuple[str, ...] = ()
    shown: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True)
class Line:
    """A number from point to point, perhaps with its interval, on a scale that holds 0 and 1.

    A value of None breaks the line; ``marks`` are named heights.
    """

    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    lows: tuple[float | None, ...] = ()
    highs: tuple[float | None, ...] = ()
    caption: str = ""
    marks: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Curve:
    """One named line of a picture of several, perhaps with its band."""

    label: str
    values: tuple[float | None, ...]
    lows: tuple[float | None, ...] = ()
    highs: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Curves:
    """Up to three lines over the same points, on the scale that they need."""

    labels: tuple[str, ...]
    curves: tuple[Curve, ...]
    caption: str = ""
    marks: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Gallery:
    """Small pictures side by side: what each is called, and its PNG."""

    pictures: tuple[tuple[str, bytes], ...]
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """A heading with blocks under it; closed sections start folded in HTML."""

    title: str
    blocks: tuple[Block, ...]
    is_open: bool = True


Block = (
    Text
    | Facts
    | Grid
    | Bars
    | Shares
    | Funnel
    | Histogram
    | Overlay
    | Scatter
    | Graph
    | Heat
    | Line
    | Curves
    | Gallery
    | Section
)


@dataclass(frozen=True)
class Headline:
    """The one number a page is about, with its name and perhaps its interval."""

    value: Cell
    label: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Document:
    """One page: a title, the verdict in one line, the number it is about, and blocks.

    ``timed`` blocks tell what hangs on the clock: they end the page and are left out of text,
    which the data alone decides.
    """

    title: str
    verdict: str = ""
    tone: Tone = "neutral"
    blocks: tuple[Block, ...] = ()
    headline: Headline | None = None
    timed: tuple[Block, ...] = ()
