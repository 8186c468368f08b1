"""Count the lines, fields and NULs of delimited text in one pass over its bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qforge_jupyter.formats._reading import Source

_CHUNK = 4 * 2**20
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Survey:
    """What one pass over delimited text found; lines are records, counted from 0.

    Parameters
    ----------
    n_fields
        Fields of each line; 0 for a blank line.
    n_nul
        NUL bytes.
    has_open_quote
        Whether a quote is never closed.
    has_lone_returns
        Whether lines end in a bare carriage return, as on old Macs.

    """

    n_fields: npt.NDArray[np.int32]
    n_nul: int
    has_open_quote: bool
    has_lone_returns: bool


def survey(source: Source, separator: str, *, is_quoted: bool = True) -> Survey:
    r"""Count fields line by line; quoted line ends and separators do not count.

    Examples
    --------
    >>> text = b'a,b\n"1,5",2\n\n3\n'
    >>> survey(Source("x", None, text), ",").n_fields.tolist()
    [2, 2, 0, 1]

    """
    mark = ord(separator)
    counts: list[npt.NDArray[np.int32]] = []
    parity = n_nul = n_returns = n_newlines = 0
    held_separators = held_bytes = 0
    with source.open() as stream:
        while chunk := stream.read(_CHUNK):
            data = np.frombuffer(chunk, np.uint8)
            n_nul += chunk.count(b"\0")
            n_returns += chunk.count(b"\r")
            n_newlines += chunk.count(b"\n")
            outside = np.ones(len(data), np.bool_)
            if is_quoted and (parity or b'"' in chunk):
                state = np.bitwise_xor.accumulate((data == _QUOTE).astype(np.uint8)) ^ parity
                outside = state == 0
                parity = int(state[-1])
            ends = np.flatnonzero((data == _NEWLINE) & outside)
            separators = np.flatnonzero((data == mark) & outside)
            content = _content(data, ends)
            n_before = np.searchsorted(separators, ends)
            per_line = np.diff(n_before, prepend=0)
            if len(ends):
                per_line[0] += held_separators
                content[0] += held_bytes
                counts.append(np.where(content > 0, per_line + 1, 0).astype(np.int32))
                held_separators = held_bytes = 0
            last = int(ends[-1]) + 1 if len(ends) else 0
            held_separators += len(separators) - (int(n_before[-1]) if len(ends) else 0)
            held_bytes += int(np.count_nonzero(data[last:] != _RETURN))
    if held_bytes:
        counts.append(np.array([held_separators + 1], np.int32))
    n_fields = np.concatenate(counts) if counts else np.zeros(0, np.int32)
    return Survey(n_fields, n_nul, bool(parity), n_returns > 1 and n_newlines == 0)


def _content(data: npt.NDArray[np.uint8], ends: Positions) -> Positions:
    """Bytes of each line that are no line end."""
    lengths = np.diff(ends, prepend=-1) - 1
    before = np.where(ends > 0, data[np.maximum(ends - 1, 0)], 0)
    result: Positions = lengths - ((lengths > 0) & (before == _RETURN))
    return result
