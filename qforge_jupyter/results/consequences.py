"""What a change of the data does to what was known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qforge_jupyter.documents.blocks import Block, Grid, Section, Text

N_SHOWN = 12
#: Scores are between 0 and 1 and shown in points of 100, as people speak of them.
POINTS = 100.0


@dataclass(frozen=True)
class Flips:
    """How the cells of a column with few values went from one value to another.

    Parameters
    ----------
    counts
        From, to, how many rows.
    shares
        Value, share before, share after, over all rows of both states.

    """

    column: str
    counts: tuple[tuple[str | None, str | None, int], ...]
    shares: tuple[tuple[str | None, float, float], ...]


@dataclass(frozen=True)
class Consequences:
    """Scores, bands, labels and splits, before and after.

    Parameters
    ----------
    card
        Name of the scorecard by which both were scored; empty where they were not.
    scores
        Dimension, before, after, between 0 and 1.
    bands
        Band, rows before, rows after.
    moves
        From band, to band, the dimension that moved them, how many rows.
    splits
        Split, part, rows of it that were changed, rows that are gone.
    skipped
        What could not be said, and why.

    """

    card: str = ""
    scores: tuple[tuple[str, float | None, float | None], ...] = ()
    bands: tuple[tuple[str, int, int], ...] = ()
    moves: tuple[tuple[str, str, str, int], ...] = ()
    flips: tuple[Flips, ...] = ()
    splits: tuple[tuple[str, str, int, int], ...] = ()
    skipped: tuple[str, ...] = ()

    def drop_of(self, name: str) -> float:
        """Say by how many points of 100 a dimension fell; 0 where it did not."""
        for dimension, before, after in self.scores:
            if dimension == name and before is not None:
                return max(0.0, (before - (after or 0.0)) * POINTS)
        return 0.0

    @property
    def worse(self) -> str:
        """One phrase about the dimension that fell most; empty where none did."""
        falls = [(self.drop_of(name), name) for name, _, _ in self.scores]
        fall, name = max(falls, default=(0.0, ""))
        return f"{name} falls by {fall:.2f} points of 100" if fall > 0.005 else ""

    def blocks(self) -> list[Block]:
        """Draw what follows."""
        found: list[Block] = []
        if self.scores:
            rows = tuple(
                (name, _points(old), _points(new), _signed(old, new))
                for name, old, new in self.scores
            )
            head = ("dimension", "before", "after", "change")
            found.append(Grid(head, rows, f"scores by {self.card}, in points of 100"))
        if any(old != new for _, old, new in self.bands):
            found.append(Grid(("band", "rows before", "rows after"), self.bands))
        if self.moves:
            columns = ("from", "to", "moved by", "rows")
            n_more = max(0, len(self.moves) - N_SHOWN)
            caption = "rows whose band changed, and the dimension that did it"
            found.append(Grid(columns, self.moves[:N_SHOWN], caption, n_more=n_more))
        found += [_flip_section(flip) for flip in self.flips]
        if self.splits:
            found.append(
                Grid(("split", "part", "rows changed", "rows gone"), self.splits, "stored splits")
            )
        found += [Text(each, "neutral") for each in self.skipped]
        return found

    def payload(self) -> dict[str, Any]:
        """Give everything as JSON."""
        return {
            "card": self.card,
            "scores": [list(each) for each in self.scores],
            "bands": [list(each) for each in self.bands],
            "moves": [list(each) for each in self.moves[:200]],
            "flips": [
                {
                    "column": flip.column,
                    "counts": [list(each) for each in flip.counts[:200]],
                    "shares": [list(each) for each in flip.shares[:200]],
                }
                for flip in self.flips
            ],
            "splits": [list(each) for each in self.splits],
            "skipped": list(self.skipped),
        }


def _flip_section(flip: Flips) -> Section:
    counts = tuple((_said(old), _said(new), n) for old, new, n in flip.counts[:N_SHOWN])
    shares = tuple(
        (_said(value), f"{old:.1%}", f"{new:.1%}") for value, old, new in flip.shares[:N_SHOWN]
    )
    return Section(
        f"What became of {flip.column}",
        (
            Grid(("from", "to", "rows"), counts, n_more=max(0, len(flip.counts) - N_SHOWN)),
            Grid(("value", "share before", "share after"), shares),
        ),
    )


def _said(value: str | None) -> str:
    return "(missing)" if value is None else value


def _points(score: float | None) -> str | None:
    return None if score is None else f"{score * POINTS:.2f}"


def _signed(old: float | None, new: float | None) -> str | None:
    return None if old is None or new is None else f"{(new - old) * POINTS:+.2f}"
