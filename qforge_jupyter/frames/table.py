"""A named table: what every verb works on, whatever it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.results.run import Finding
from qforge_jupyter.results.version import Version

#: Rows in one batch: measured best between 65k and 1M (less memory, same speed).
BATCH_ROWS = 250_000


@dataclass(frozen=True)
class Table:
    """A named Polars LazyFrame and where it came from.

    Parameters
    ----------
    name
        What the user calls it.
    lazy
        The rows.
    origin
        One phrase for lineage, as in ``file calcs.parquet``; no secret in it.
    findings
        What the reader noticed on the way in (renamed headers, retyped cells).
    version
        The stored version it was read from, where it was.
    folder
        Where its files lay, in full; pictures that rows name are looked for there.

    """

    name: str
    lazy: pl.LazyFrame
    origin: str = "a variable"
    findings: tuple[Finding, ...] = field(default=())
    version: Version | None = None
    folder: str = ""

    @cached_property
    def schema(self) -> pl.Schema:
        """Names and types of the columns."""
        return self.lazy.collect_schema()

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return self.schema.names()

    @cached_property
    def frame(self) -> pl.DataFrame:
        """Every row in memory; read once."""
        return self.lazy.collect()

    @property
    def is_counted(self) -> bool:
        """Whether the rows are in memory, or were counted already."""
        return not {"frame", "n_rows"}.isdisjoint(self.__dict__)

    @cached_property
    def n_rows(self) -> int:
        """Count of rows."""
        if "frame" in self.__dict__:
            return self.frame.height
        return int(self.lazy.select(pl.len()).collect().item())

    @cached_property
    def fingerprint(self) -> str:
        """Content of the table in one short text: equal rows, equal text."""
        from qforge_jupyter.frames.fingerprint import fingerprint

        return fingerprint(self)

    @cached_property
    def order(self) -> str:
        """The order of the rows in one short text: equal rows in equal order, equal text."""
        from qforge_jupyter.frames.fingerprint import fingerprint

        fingerprint(self)
        return str(self.__dict__["order"])

    def remember_fingerprint(self, known: str) -> None:
        """Take a fingerprint that was computed from these rows elsewhere, so that it is not again.

        Examples
        --------
        >>> table = Table.of_frame("t", pl.DataFrame({"a": [1]}))
        >>> known = table.fingerprint
        >>> again = Table.of_frame("t", pl.DataFrame({"a": [1]}))
        >>> again.remember_fingerprint(known)
        >>> again.fingerprint == known
        True

        """
        self.__dict__["fingerprint"] = known

    def batches(
        self, columns: list[str] | None = None, size: int = BATCH_ROWS
    ) -> Iterator[pl.DataFrame]:
        """Give the rows in order, ``size`` at a time.

        Parameters
        ----------
        columns
            Those wanted; all when None.
        size
            Rows in a batch; the last one may be smaller.

        """
        names = None if columns is None else [exact(name) for name in columns]
        wanted = self.lazy if names is None else self.lazy.select(names)
        if "frame" in self.__dict__:
            frame = self.frame if names is None else self.frame.select(names)
            yield from frame.iter_slices(size)
            return
        rest: list[pl.DataFrame] = []
        n_held = 0
        for piece in wanted.collect_batches(chunk_size=size, maintain_order=True):
            rest.append(piece)
            n_held += piece.height
            while n_held >= size:
                held = pl.concat(rest)
                yield held.head(size)
                rest = [held.slice(size)]
                n_held = rest[0].height
        if n_held:
            yield pl.concat(rest)

    def without_rows(self) -> Table:
        """Give a table of the same columns with nothing in it."""
        return Table.of_frame(self.name, self.schema.to_frame(), self.origin)

    @classmethod
    def of_frame(
        cls, name: str, frame: pl.DataFrame, origin: str = "a variable", folder: str = ""
    ) -> Table:
        """Wrap rows that are in memory already; they are not collected again."""
        table = cls(name, frame.lazy(), origin, folder=folder)
        table.__dict__["frame"] = frame
        return table
