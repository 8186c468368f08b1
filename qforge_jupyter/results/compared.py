"""One property compared: its statistics with their intervals, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Judgement = Literal["within", "beyond", "not enough data to say", "not judged"]
UNSURE: Judgement = "not enough data to say"
#: Statistics that are shares of the reference and have no unit, or are none at all.
WITHOUT_UNIT = ("r2", "pearson_r", "mape", "median_ape", "share_within", "coverage")


@dataclass(frozen=True)
class Estimate:
    """A statistic, with an interval where there is a basis for one, and else the reason."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    note: str = ""


@dataclass(frozen=True)
class Counts:
    """What became of the rows of both sides: each is in one of these counts.

    ``repeated`` have a key that stands more than once on their side,
    ``keyless`` none at all.
    """

    left: int
    right: int
    paired: int
    only_left: int
    only_right: int
    repeated_left: int = 0
    repeated_right: int = 0
    keyless_left: int = 0
    keyless_right: int = 0


@dataclass(frozen=True, eq=False)
class Compared:
    """One property of the subject against one column of the reference.

    Parameters
    ----------
    name, reference
        The columns.
    unit
        Of both.
    n
        Pairs of finite numbers.
    missing
        Pairs of rows in which a number is null, NaN or infinite: in the subject
        only, in the reference only, in both.
    measures
        ``mae``, ``rmse``, ``bias`` (predicted less reference), ``r2``,
        ``pearson_r``, ``mape`` and ``median_ape`` (shares of the reference),
        ``median_ae``, ``max_error``; with a tolerance ``share_within``; with
        intervals of the predictions ``coverage``.
    tolerance, judged_by
        What was allowed, and of which statistic.
    verdict
        Whether the interval of that statistic lies within.
    n_zero
        References of zero, of which no share is taken.
    residuals
        Counts of errors in equal bins, with the two ends.
    by_size
        Between which references, how many pairs, their MAE and their bias.
    points
        What the parity plot shows: references, and what was predicted.

    """

    name: str
    reference: str
    unit: str
    n: int
    missing: tuple[int, int, int]
    measures: Mapping[str, Estimate]
    tolerance: str = ""
    judged_by: str = ""
    verdict: Judgement = "not judged"
    n_zero: int = 0
    note: str = ""
    residuals: tuple[tuple[int, ...], float, float] = ((), 0.0, 0.0)
    by_size: tuple[tuple[str, Estimate, Estimate], ...] = ()
    points: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
    tolerance_value: float | None = None

    def __getattr__(self, name: str) -> Any:
        """Give the value of a statistic, as in ``compared.mae``."""
        measures = self.__dict__.get("measures", {})
        if name not in measures:
            raise AttributeError(name)
        return measures[name].value

    def label(self) -> str:
        """Name the property, with what it was compared with where that is called otherwise."""
        return self.name if self.name == self.reference else f"{self.name} against {self.reference}"


def rounded(found: dict[str, Any]) -> dict[str, Any]:
    """Round numbers to what another machine computes too; `measures` has every digit."""
    return {
        name: float(f"{each:.4g}") if isinstance(each, float) else each
        for name, each in found.items()
    }


def payload_of(each: Compared) -> dict[str, Any]:
    """Give a property as JSON."""
    return {
        "property": each.name,
        "reference": each.reference,
        "unit": each.unit,
        "n": each.n,
        "missing": list(each.missing),
        "n_zero": each.n_zero,
        "tolerance": each.tolerance,
        "judged_by": each.judged_by,
        "verdict": each.verdict,
        "note": each.note,
        "measures": {name: rounded(asdict(found)) for name, found in each.measures.items()},
    }
