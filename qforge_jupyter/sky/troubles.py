"""What can be wrong with one cut-out: a kind and a sentence; the others go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from qforge_jupyter.errors import FormatError, MissingPackage

TroubleKind = Literal[
    "missing file",
    "outside of the folders",
    "unknown format",
    "truncated",
    "damaged",
    "too large",
    "no image",
    "no position",
    "no WCS",
    "outside of the image",
    "blank",
    "no mask",
    "mask outside of the image",
]


class Trouble(FormatError):
    """Why one row has no cut-out.

    Parameters
    ----------
    kind
        What is wrong.
    message
        A sentence, without the values of the row.

    Examples
    --------
    >>> str(Trouble("no WCS", "the image says nothing of the sky"))
    'no WCS: the image says nothing of the sky'

    """

    def __init__(self, kind: TroubleKind, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind: TroubleKind = kind


@contextmanager
def telling_damage() -> Iterator[None]:
    """Turn whatever a damaged file makes a reader raise into a trouble.

    Examples
    --------
    >>> with telling_damage():
    ...     int("no number")
    Traceback (most recent call last):
    qforge_jupyter.sky.troubles.Trouble: damaged: the file is damaged, or cut off

    """
    try:
        yield
    except (Trouble, MissingPackage):
        raise
    except Exception:  # noqa: BLE001 — readers have errors of their own, without a common one
        raise Trouble("damaged", "the file is damaged, or cut off") from None
