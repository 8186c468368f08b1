"""The signature of a check, and what it is like."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Signature:
    """512 numbers that a check has in common with checks that failed alike.

    Parameters
    ----------
    layout
        Which numbers mean what; only signatures of one layout can be compared.
    vector
        float32, the lowest byte first.

    """

    layout: int
    vector: bytes = field(repr=False)

    @classmethod
    def of(cls, layout: int, values: NDArray[np.float32]) -> Signature:
        """Hold numbers."""
        return cls(layout, values.astype("<f4").tobytes())

    @property
    def values(self) -> NDArray[np.float32]:
        """The numbers, of length 1 together."""
        import numpy as np

        return np.frombuffer(self.vector, dtype="<f4").astype(np.float32)


@dataclass(frozen=True)
class Likeness:
    """One mode of damage that the nearest known cases show.

    Parameters
    ----------
    mode
        What it is called.
    share
        Its share of their votes, which weigh as much as they are similar.
    n_near, n_voters
        So many of the nearest cases show it.
    similarity
        Of the nearest of them, at most 1.
    is_remembered
        Whether somebody named it here.

    """

    mode: str
    share: float
    n_near: int
    n_voters: int
    similarity: float
    is_remembered: bool = False


@dataclass(frozen=True)
class KnownCase:
    """A case that a check is like.

    Parameters
    ----------
    mode
        What was done to it, or what somebody called it; empty where nobody knows.
    similarity
        At most 1.
    table
        The candidate.
    origin
        ``reference`` for one that ships, ``remembered`` for one that somebody named here,
        ``check`` for any other check of this workspace.
    verdict, score, made_at, run_id, note, helped
        Of a check of this workspace: what it said, when, in which run, what was noted, and which
        fix of the same rows gained most since.

    """

    mode: str
    similarity: float
    table: str
    origin: Literal["reference", "remembered", "check"]
    verdict: str = ""
    score: float | None = None
    made_at: datetime | None = None
    run_id: str = ""
    note: str = ""
    helped: str = ""
