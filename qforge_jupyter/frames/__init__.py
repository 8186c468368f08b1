"""The one door for tabular data: anything becomes a `Table` of Polars rows."""

from qforge_jupyter.frames.fingerprint import fingerprint
from qforge_jupyter.frames.table import Table

__all__ = ["Table", "fingerprint"]
