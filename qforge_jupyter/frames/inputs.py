"""Tables as the inputs of a run: named, counted, and blamed where they cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.run import DatasetInput


def as_input(role: str, table: Table) -> DatasetInput:
    """Say which data this is, by its content."""
    return DatasetInput(
        name=table.name,
        origin=table.origin,
        fingerprint=table.fingerprint,
        n_rows=table.n_rows,
        schema=tuple((name, str(dtype)) for name, dtype in table.schema.items()),
        role=role,
    )


def known_rows(inputs: Mapping[str, Table], error: BaseException) -> int | None:
    """Count the rows a failed call worked on, unless that is long work after an interrupt."""
    for table in inputs.values():
        if isinstance(error, KeyboardInterrupt) and not table.is_counted:
            continue
        try:
            return table.n_rows
        except (pl.exceptions.PolarsError, OSError):
            continue
    return None


def unreadable_in(problem: BaseException, tables: Iterable[Table]) -> DataError | None:
    """Find the table whose own rows cannot be read, where that is what went wrong."""
    if not isinstance(problem, pl.exceptions.PolarsError | OSError):
        return None
    for table in tables:
        try:
            for _ in table.batches():
                pass
        except (pl.exceptions.PolarsError, OSError) as cause:
            kind = type(cause).__name__
            return DataError(
                f"The rows of {table.name} cannot be read to the end ({kind}): "
                "load them once with `%qforge load`, or collect them, to see why"
            )
    return None
