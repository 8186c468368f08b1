"""What can be wrong with one cut-out: a kind and a sentence; the others go on."""

from __future__ import annotations

from typing import Literal

from qforge_jupyter.errors import FormatError

TroubleKind = Literal[
    "missing file",
    "outside of the folders",
    "not FITS",
    "truncated",
    "damaged",
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
