"""Halve the reference: fixes learn from one half, the other judges them."""

from __future__ import annotations

import numpy as np

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.columns import choose
from qforge_jupyter.engine.collapse.keys import contents, row_keys, smallest
from qforge_jupyter.engine.collapse.preparing import LEARNED_ROWS
from qforge_jupyter.engine.collapse.rows import alike
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.cell_hash import mix


def halves(case: CollapseCase) -> tuple[Table, Table]:
    """Divide the rows of the reference by their content, so that their order changes nothing.

    Returns
    -------
    tuple
        The half that fixes may see, and the half that judges them; rows of one group are on
        one side.

    """
    keys = keys_of(case.reference, case)
    dealt = contents(case.reference.frame.select(exact(case.groups))) if case.groups else keys
    is_seen = (mix(dealt, plus=0x5E) % np.uint64(2)).astype(bool)
    frame, name = case.reference.frame, case.reference.name
    return (
        Table.of_frame(f"half of {name}", frame.filter(is_seen)),
        Table.of_frame(f"other half of {name}", frame.filter(~is_seen)),
    )


def bounded(table: Table, case: CollapseCase, most: int) -> Table:
    """Sample a table by the content of its rows, in the order in which they stand."""
    if table.n_rows <= most:
        return table
    at = np.sort(smallest(keys_of(table, case), most))
    return Table.of_frame(table.name, table.frame[at], table.origin)


def keys_of(table: Table, case: CollapseCase) -> np.ndarray:
    """Draw a random number for each row from its content."""
    heads = (each.lazy.head(LEARNED_ROWS).collect() for each in (case.candidate, case.reference))
    ignored = case.not_compared - {case.target}
    choice = choose(*heads, ignore=ignored, keep=(case.target,))
    return row_keys(contents(alike(table.frame, choice)), case.seed)
