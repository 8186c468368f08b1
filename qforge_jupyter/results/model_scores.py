"""What a trained model is worth, and what that says of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PartScores:
    """The scores of a model on one part."""

    part: str
    n_rows: int
    values: dict[str, float]


@dataclass(frozen=True)
class Verdict:
    """Whether a model is approved and whether it is overfitted; None where nobody can say."""

    is_approved: bool | None
    why: str
    is_overfitted: bool | None
    gap: float | None
    score: str
    #: What an approval asks for, in words.
    asked: str = ""
