"""Dimensions of the quality of a sky dataset, one file each.

A member gives ``WEIGHT``, how much it counts, and ``measure(case)``: a `Scored`, or a
`NotApplicable` with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from qforge_jupyter.registry import Family
from qforge_jupyter.results.sky_quality import Scored
from qforge_jupyter.results.uncertainty import NotApplicable

SKY_DIMENSIONS = Family("dimension of sky data", "qforge_jupyter.engine.sky_dimensions")
__all__ = ["NORMAL", "SKY_DIMENSIONS", "NotApplicable", "Scored", "SkyCase", "is_anomaly"]
#: Anomaly types, in lower case, that mean there is none.
NORMAL = ("", "none", "normal", "no anomaly", "0", "false")


@dataclass(frozen=True)
class SkyCase:
    """Detections whose cut-outs were measured, and the surveys that were asked for."""

    frame: pl.DataFrame = field(repr=False)
    surveys: tuple[str, ...] = ()

    def column(self, name: str) -> pl.Series | None:
        """Give a column that holds a value at all."""
        if name not in self.frame.columns:
            return None
        found = self.frame[name]
        return None if found.null_count() == len(found) else found


def is_anomaly(types: pl.Series) -> pl.Series:
    """Say which types are anomalies; a detection without a type is none.

    Examples
    --------
    >>> is_anomaly(pl.Series(["transient", "None", None])).to_list()
    [True, False, False]

    """
    said = types.cast(pl.String).str.strip_chars().str.to_lowercase().fill_null("")
    return ~said.is_in(NORMAL)
