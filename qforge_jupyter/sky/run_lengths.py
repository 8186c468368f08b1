"""Masks as runs of pixels: those that the labeling widget paints, and segments as COCO has them.

Painted masks are runs (start, length, …) row by row from the uppermost; one mask is a label's.
COCO counts pixels out of the segment and in it by turns, column by column, as a list or in its
own text (https://cocodataset.org/#format-data; maskApi.c, ``rleFrString``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: A mark that has one of these keys is made of runs.
RUNS = frozenset({"runs", "segmentation", "counts"})


@dataclass(frozen=True)
class Runs:
    """Runs of pixels over an image.

    Parameters
    ----------
    height, width
        Of the image.
    starts, ends
        Places of the pixels, counted along lines; the end is the first behind a run.
    is_down
        Whether a line is a column.

    """

    height: int
    width: int
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    is_down: bool = False

    @property
    def is_inside(self) -> bool:
        """Whether all runs lie on the image."""
        if not self.starts.size:
            return True
        lowest, n_pixels = int(self.starts.min()), self.height * self.width
        # A run whose end is too large for 64 bits wraps around to before its start.
        is_forward = bool((self.ends >= self.starts).all())
        return is_forward and lowest >= 0 and int(self.ends.max()) <= n_pixels

    def unrolled(self, top: int, bottom: int, left: int, right: int) -> NDArray[np.bool_]:
        """Say which pixels are in a run, of some rows and columns, the uppermost row first.

        Examples
        --------
        >>> runs = Runs(2, 3, np.array([1]), np.array([5]))
        >>> runs.unrolled(0, 2, 0, 3).astype(int).tolist()
        [[0, 1, 1], [1, 1, 0]]

        """
        if self.is_down:
            return self._lines(left, right, self.height)[:, top:bottom].T
        return self._lines(top, bottom, self.width)[:, left:right]

    def _lines(self, first: int, last: int, length: int) -> NDArray[np.bool_]:
        """Unroll some lines only: an image may be large and a cut-out is small."""
        low, high = first * length, last * length
        starts, ends = np.clip(self.starts, low, high) - low, np.clip(self.ends, low, high) - low
        turned = np.zeros(high - low + 1, dtype=np.int32)
        np.add.at(turned, starts, 1)
        np.add.at(turned, ends, -1)
        found: NDArray[np.bool_] = (np.cumsum(turned[:-1]) > 0).reshape(last - first, length)
        return found


def runs_of(mark: Mapping[str, Any]) -> Runs:
    """Read a mark that is made of runs.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is none.

    Examples
    --------
    >>> runs_of({"segmentation": {"size": [2, 3], "counts": [1, 2, 3]}}).starts.tolist()
    [1]

    """
    held = mark.get("segmentation", mark)
    if "runs" in held:
        pairs = np.array(held["runs"], dtype=np.int64).reshape(-1, 2)
        if pairs.size and pairs.min() < 0:
            raise ValueError
        return Runs(int(held["height"]), int(held["width"]), pairs[:, 0], pairs.sum(axis=1))
    height, width = held["size"]
    counts = held["counts"]
    ends = np.cumsum(np.array(_read(counts) if isinstance(counts, str) else counts, np.int64))
    if ends.size and (np.diff(ends) < 0).any():
        raise ValueError
    return Runs(int(height), int(width), ends[:-1:2], ends[1::2], is_down=True)


def _read(text: str) -> Sequence[int]:
    """Read COCO's text: five bits a character, and from the third on the change to two before."""
    counts: list[int] = []
    at = 0
    while at < len(text):
        value = shift = 0
        more = True
        while more:
            bits = ord(text[at]) - 48
            if not 0 <= bits < 64 or shift > 60:
                raise ValueError
            value |= (bits & 31) << shift
            more, shift, at = bool(bits & 32), shift + 5, at + 1
        if bits & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
    return counts
