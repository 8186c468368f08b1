"""Columns of plain text."""

from __future__ import annotations

from collections.abc import Iterable


def align(rows: Iterable[Iterable[str]], is_right: list[bool] | None = None) -> str:
    """Write rows of words so that each column has one width.

    Parameters
    ----------
    rows
        The words of each row.
    is_right
        Which columns stand on the right, as numbers do.

    Examples
    --------
    >>> print(align([["a", "1"], ["bcd", "10"]], [False, True]))
    a     1
    bcd  10

    """
    cells = [list(row) for row in rows]
    if not cells:
        return ""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    sides = is_right or [False] * len(widths)
    lines = (
        "  ".join(
            cell.rjust(width) if side else cell.ljust(width)
            for cell, width, side in zip(row, widths, sides, strict=True)
        )
        for row in cells
    )
    return "\n".join(line.rstrip() for line in lines)
