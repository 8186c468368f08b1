"""Finding one row in a version's files without reading them all.

What is needed for that — the key columns of full files, the row numbers of all
— is kept in memory between questions. Files are named by their content, so
what was read once stays true; a file that changed on disk is hashed again and
refused before anything of it is used.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.columns import column
from qforge_jupyter.store.commits import KeptObject
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.versions.laying import ROW, pick

#: The indexes that are kept in memory weigh so much together at most.
MOST_BYTES = 512 * 2**20
_lock = threading.Lock()
_kept: OrderedDict[tuple[str, tuple[str, ...]], FileIndex] = OrderedDict()


@dataclass(frozen=True)
class FileIndex:
    """What is needed to find rows in a file.

    Parameters
    ----------
    rows
        Numbers of its rows, line by line; None for a base, where they are the lines.
    keys
        Key columns, line by line; None where the file has only some of them.

    """

    rows: NDArray[np.uint32] | None
    keys: pl.DataFrame | None

    @property
    def n_bytes(self) -> int:
        """Memory that it takes."""
        rows = 0 if self.rows is None else self.rows.nbytes
        return rows + (0 if self.keys is None else int(self.keys.estimated_size()))

    def line_of_key(self, key: Mapping[str, Any]) -> int | None:
        """Give the line in which a key stands, if it stands here."""
        if self.keys is None:
            return None
        holds = self.keys.select(
            pl.all_horizontal(*(column(name).eq_missing(one) for name, one in key.items()))
        ).to_series()
        at = holds.arg_true()
        return int(at[-1]) if len(at) else None

    def line_of_row(self, row: int) -> int | None:
        """Give the line in which a row of this number stands, if it stands here."""
        if self.rows is None:
            return row
        at = int(np.searchsorted(self.rows, row))
        return at if at < self.rows.size and self.rows[at] == row else None

    def row_of_line(self, line: int) -> int:
        """Give the number of the row in a line."""
        return line if self.rows is None else int(self.rows[line])


def index_of(objects: Objects, file: KeptObject, keys: tuple[str, ...]) -> FileIndex:
    """Give the index of a file, from memory where it was asked for before.

    Raises
    ------
    StoreError
        The file is missing or damaged.

    """
    lazy = objects.look_into(file.sha256)
    with _lock:
        found = _kept.get((file.sha256, keys))
        if found is not None:
            _kept.move_to_end((file.sha256, keys))
            return found
    names = lazy.collect_schema().names()
    wanted = [name for name in (ROW, *keys) if name in names]
    read = lazy.select(*map(column, wanted)).collect()
    has_keys = all(name in names for name in keys) and file.role != "tombstones"
    made = FileIndex(
        read.get_column(ROW).to_numpy() if ROW in names else None,
        pick(read, keys) if has_keys else None,
    )
    with _lock:
        _kept[file.sha256, keys] = made
        while sum(each.n_bytes for each in _kept.values()) > MOST_BYTES and len(_kept) > 1:
            _kept.popitem(last=False)
    return made


def cells_at(objects: Objects, file: KeptObject, line: int) -> dict[str, Any]:
    """Read one line of a file."""
    cells = objects.look_into(file.sha256).slice(line, 1).collect().row(0, named=True)
    cells.pop(ROW, None)
    return cells
