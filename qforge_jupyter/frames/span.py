"""Two states of one table: what `diff` and its kin work on."""

from __future__ import annotations

from dataclasses import dataclass

from qforge_jupyter.frames.table import Table


@dataclass(frozen=True)
class Span:
    """A state before and a state after.

    Parameters
    ----------
    name
        Of the dataset, or of the table.
    keys
        Columns by which its rows are known, where that is known.

    """

    name: str
    before: Table
    after: Table
    keys: tuple[str, ...] = ()
