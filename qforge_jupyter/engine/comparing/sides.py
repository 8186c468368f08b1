"""One of two result sets: its rows, and what is known of their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from qforge_jupyter.frames import Table, to_table
from qforge_jupyter.results.calculation import CalculationReport
from qforge_jupyter.results.prediction import PredictionReport

#: Columns that name a structure or a molecule, the most telling first; `predict` and `calculate`
#: write what they find there under the last one.
NAMING = ("structure_id", "material_id", "id", "ID", "name")


@dataclass(frozen=True)
class Side:
    """A result set as it is compared.

    Parameters
    ----------
    name
        What the user calls it.
    frame
        Its rows.
    units
        Of columns, where they are known.
    properties
        The columns that are results; None where any column of numbers may be one.
    notice
        What every output of its model says.
    level
        Share of structures that its intervals are to hold; None where nobody says.
    note
        What has to be known of it.

    """

    name: str
    frame: pl.DataFrame
    units: Mapping[str, str] = field(default_factory=dict)
    properties: tuple[str, ...] | None = None
    notice: str = ""
    level: float | None = None
    note: str = ""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.frame.columns

    def named(self, key: str) -> str | None:
        """Find the column that a key means here.

        A run of predictions or calculations calls ``name`` what the table
        that it was given called ``structure_id`` or ``id``.
        """
        if key in self.columns:
            return key
        return "name" if self.properties is not None and key in NAMING else None

    def numbers(self) -> list[str]:
        """Name the columns that can be compared."""
        wanted = self.columns if self.properties is None else self.properties
        return [name for name in wanted if self.frame.schema[name].is_numeric()]


def side_of(value: object, name: str | None = None) -> Side:
    """Make a side of a table, or of what `predict` and `calculate` give.

    Examples
    --------
    >>> side_of({"id": ["a"], "gap": [1.0]}, "dft").numbers()
    ['gap']

    """
    if isinstance(value, PredictionReport):
        level = value.calibration.level if value.calibration else None
        return Side(
            name or f"predictions of {value.model}",
            value.frame,
            {each: unit for each, unit, _ in value.properties},
            tuple(each for each, _, _ in value.properties),
            value.notice,
            level,
            _shared(value),
        )
    if isinstance(value, CalculationReport):
        known = {each: unit for each, unit, _ in value.properties}
        names = tuple(each for each in known if each in value.frame.columns)
        return Side(name or value.method, value.frame, known, names)
    table = value if isinstance(value, Table) else to_table(value, name)
    return Side(table.name, table.frame, notice=_notice(table.frame))


def _shared(report: PredictionReport) -> str:
    """Say that intervals were calibrated on the same structures, where they were."""
    n_shared = report.calibration.n_shared if report.calibration else 0
    if not n_shared:
        return ""
    return f"{n_shared} structures calibrated the intervals themselves, which hold them by design"


def _notice(frame: pl.DataFrame) -> str:
    """Find what a stored table of predictions says of its model."""
    if frame.schema.get("notice") != pl.String:
        return ""
    said = frame.get_column("notice").drop_nulls().unique().sort()
    return str(said[0])[:300] if len(said) else ""
