"""What can be wrong with one cut-out: a kind and a sentence; the others go on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from qforge_jupyter.errors import FormatError, MissingPackage

#: What the system says of a file for good; whatever else it says may be over in a moment.
_MISSING = frozenset({
    errno.ENOENT, errno.EACCES, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG,
})  # fmt: skip
#: What the system says when itself, and no file, is at fault.
_MOMENTARY = frozenset({
    errno.EIO, errno.EMFILE, errno.ENFILE, errno.ESTALE, errno.ETIMEDOUT, errno.ENOMEM,
})  # fmt: skip
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

    Want of memory and a disk that fails for a moment say nothing of a file and go through: the
    work stops, and no row is lost for good.

    Examples
    --------
    >>> with telling_damage():
    ...     int("no number")
    Traceback (most recent call last):
    qforge_jupyter.sky.troubles.Trouble: damaged: the file is damaged, or cut off

    """
    try:
        yield
    except (Trouble, MissingPackage, MemoryError):
        raise
    except Exception as problem:  # readers have errors of their own, without a common one
        if isinstance(problem, OSError) and problem.errno in _MOMENTARY:
            raise
        raise Trouble("damaged", "the file is damaged, or cut off") from None


@contextmanager
def telling_missing() -> Iterator[None]:
    """Turn what the system says of a file that is not there into a trouble, and nothing else.

    Examples
    --------
    >>> with telling_missing():
    ...     open("a folder that is not there/a.fits")
    Traceback (most recent call last):
    qforge_jupyter.sky.troubles.Trouble: missing file: there is no such file, or it may not be read

    """
    try:
        yield
    except OSError as problem:
        if problem.errno not in _MISSING:
            raise
        sentence = "there is no such file, or it may not be read"
        raise Trouble("missing file", sentence) from None
