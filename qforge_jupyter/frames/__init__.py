"""The one door for tabular data: anything becomes a `Table` of Polars rows."""

from qforge_jupyter.frames.convert import is_tabular, to_table
from qforge_jupyter.frames.table import Table

__all__ = ["Table", "is_tabular", "to_table"]
