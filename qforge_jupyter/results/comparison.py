"""How far calculated values lie from reference values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Scatter, Section, Text
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Metric

N_WORST = 10
N_POINTS = 1000


@dataclass(frozen=True, eq=False)
class Pair:
    """One calculated column against one reference column.

    Parameters
    ----------
    calculated, reference
        Names of the columns.
    unit
        Of both.
    n, n_without_partner
        Rows that were compared, and rows of the longer table that were not.
    mae, rmse, bias
        Mean absolute, root mean square and mean error, calculated less reference.
    r2
        Coefficient of determination of the line y = x; below 0 when the
        reference's mean would do better.
    pearson_r
        Linear correlation.
    rows
        Columns key, calculated, reference, error.

    """

    calculated: str
    reference: str
    unit: str
    n: int
    n_without_partner: int
    rows: pl.DataFrame
    mae: float | None
    rmse: float | None
    bias: float | None
    r2: float | None
    pearson_r: float | None

    @property
    def worst(self) -> pl.DataFrame:
        """The rows with the largest errors, largest first."""
        return self.rows.sort(pl.col("error").abs(), "key", descending=[True, False]).head(N_WORST)

    def measures(self) -> dict[str, float | None]:
        """Give the five measures by name."""
        names = ("mae", "rmse", "bias", "r2", "pearson_r")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, repr=False, eq=False)
class ComparisonReport(Result):
    """A `Pair` for each pair of columns that was asked for."""

    kind: ClassVar[str] = "comparison"

    pairs: tuple[Pair, ...]
    on: str
    note: str = ""

    def document(self) -> Document:
        """Describe each pair: measures, parity picture, worst rows."""
        blocks: list[Block] = [Text(self.note)] if self.note else []
        blocks += [_section(pair) for pair in self.pairs]
        n = sum(pair.n for pair in self.pairs)
        return Document("Comparison with reference", f"{n} values compared", blocks=tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give the measures of each pair."""
        return {
            "on": self.on,
            "note": self.note,
            "pairs": [
                {
                    "calculated": pair.calculated,
                    "reference": pair.reference,
                    "unit": pair.unit,
                    "n": pair.n,
                    **pair.measures(),
                }
                for pair in self.pairs
            ],
        }

    def metrics(self) -> tuple[Metric, ...]:
        """Name each measure with its pair as the subject."""
        return tuple(
            Metric(name, value, subject=pair.calculated, method=f"against {pair.reference}")
            for pair in self.pairs
            for name, value in pair.measures().items()
            if value is not None
        )

    def frames(self) -> dict[str, pl.DataFrame]:
        """Keep the compared rows of each pair."""
        return {f"{pair.calculated}-{pair.reference}": pair.rows for pair in self.pairs}


def _section(pair: Pair) -> Section:
    unit = f" / {pair.unit}" if pair.unit else ""
    facts = [("n", pair.n), ("without a partner", pair.n_without_partner)]
    measures = [(name, _rounded(value)) for name, value in pair.measures().items()]
    blocks: list[Block] = [Facts((*facts, *measures))]
    if pair.n:
        shown = pair.rows.gather_every(-(-pair.n // N_POINTS))
        blocks.append(
            Scatter(
                tuple(shown["reference"].to_list()),
                tuple(shown["calculated"].to_list()),
                f"{pair.reference}{unit}",
                f"{pair.calculated}{unit}",
                is_parity=True,
            )
        )
        rows = pair.worst.select("key", "reference", "calculated", "error").iter_rows()
        cells = tuple((key, *map(_rounded, values)) for key, *values in rows)
        columns = ("row", f"reference{unit}", f"calculated{unit}", f"error{unit}")
        blocks.append(Grid(columns, cells, caption="Largest errors"))
    return Section(f"{pair.calculated} against {pair.reference}", tuple(blocks))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4) + 0.0
