"""What a split is asked to be: the keys of `split`'s body."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.errors import CallError, blaming, nearest

_BINS = re.compile(r"(?P<column>.+?)\s+in\s+(?P<n>\d+)\s+(?:quantile\s+)?bins?\s*", re.DOTALL)
_SCAFFOLD = re.compile(r"scaffold\s*\((?P<column>.+)\)\s*", re.DOTALL)
_OR = re.compile(r"\s+or\s+")
_WITHIN = re.compile(r"(?P<columns>.+?)(?:\s+within\s+(?P<limit>\S+))?\s*", re.DOTALL)
Similar = str | list[str] | dict[str, str | float | list[str]]
_NAME = re.compile(r"[^\s/@,:]{1,64}")
MOST_FOLDS, MOST_BINS, MOST_REPEATS = 1_000, 1_000, 100
#: Where the seed of a split may lie: what every store keeps.
MOST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Stratifier:
    """A column whose classes, or quantile bins, every part holds alike."""

    column: str
    n_bins: int | None = None


@dataclass(frozen=True)
class Grouping:
    """A column whose values stay in one part, or the scaffolds of its molecules do."""

    column: str
    is_scaffold: bool = False


@dataclass(frozen=True)
class Likeness:
    """Columns and the distance up to which two rows count as alike."""

    columns: tuple[str, ...]
    within: float | None = None


class SplitPlan(BaseModel):
    """The keys of a split's body.

    Examples
    --------
    >>> plan = SplitPlan(stratify=["gap in 10 bins"], group=["scaffold(smiles)"])
    >>> plan.strategy, plan.stratifiers[0].n_bins
    ('scaffold', 10)

    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    parts: dict[str, float] | None = Field(
        None, description="Parts and their shares, in percent or fractions; they make a whole."
    )
    folds: int | None = Field(
        None, description="Number of folds; beside `parts` they divide the first part."
    )
    repeats: int = Field(1, description="How often to fold, each time otherwise.")
    stratify: list[str] = Field(
        [], description="Columns that all parts hold alike: `label`, or `gap in 10 bins`."
    )
    group: list[str] = Field(
        [],
        description="Columns whose combined value stays in one part; `a or b`, where each value "
        "of both does; or `scaffold(smiles)`.",
    )
    time: str = Field("", description="Column by whose order the parts follow each other.")
    gap: str | float = Field(
        "", description="Time that is left out before each part, as `7 days`, or a number."
    )
    similar: Similar = Field(
        "",
        description="SMILES column, or numbers as `x, y within 0.2`, or as `{columns: [x, y], "
        "within: 0.2}`: alike rows stay together.",
    )
    within: float | None = Field(
        None, description="Distance up to which rows are alike, where `similar` does not say it."
    )
    key: list[str] = Field([], description="Columns that name a row; its whole content otherwise.")
    only: str = Field("", description="Rule for the rows to take; may ask `quality`, `ml_ready`.")
    quality: float | None = Field(None, description="Least `quality` of a row, 0 to 1.")
    seal: list[str] = Field([], description="Parts that are opened only for a reason.")
    leaks: bool = Field(True, description="Whether to look for leaks between the parts.")

    @property
    def stratifiers(self) -> tuple[Stratifier, ...]:
        """The columns to stratify by."""
        with blaming("stratify"):
            return tuple(map(_stratifier, self.stratify))

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        """The columns to group by."""
        if self.linked:
            return tuple(map(Grouping, self.linked))
        return tuple(map(_grouping, self.group))

    @property
    def linked(self) -> tuple[str, ...]:
        """Columns of which rows that share a value of any stay together, directly or by others."""
        with blaming("group"):
            return _linked(self.group)

    @property
    def likeness(self) -> Likeness | None:
        """What makes two rows alike, where that was asked."""
        with blaming("similar"):
            return _likeness(self.similar, self.within) if self.similar else None

    @property
    def strategy(self) -> str:
        """Name of the splitter that does this."""
        self._refuse_contradictions()
        if self.time:
            return "time"
        if self.similar:
            return "similarity"
        if any(each.is_scaffold for each in self.groupings):
            return "scaffold"
        if self.group:
            return "stratified-group" if self.stratify else "group"
        return "stratified" if self.stratify else "random"

    def _refuse_contradictions(self) -> None:
        if self.time and (self.stratify or self.group or self.similar):
            raise CallError(
                "Parts in order of time can be neither stratified, grouped nor kept by similarity: "
                "leave `time` out, or the other"
            )
        if self.similar and self.group:
            raise CallError("`similar` makes groups of its own: leave `group` out, or `similar`")
        if self.within is not None and not self.similar:
            raise CallError("`within` is a distance: name the columns to compare with `similar`")
        if self.gap != "" and not self.time:
            raise CallError("`gap` is a gap in time: name the column with `time`")
        if self.repeats > 1 and (self.time or self.folds is None):
            raise CallError(
                "`repeats` folds again, each time otherwise: it needs `folds` and no `time`"
            )

    def shares(self, usual: dict[str, float]) -> dict[str, float]:
        """Give the parts with their shares of 1, the usual ones where none are asked.

        Raises
        ------
        CallError
            They do not make a whole, or a number is out of range.

        """
        self._check_counts()
        if self.parts is None:
            return {} if self.folds else _shares_of(usual)
        with blaming("parts"):
            return _shares_of(self.parts)

    def _check_counts(self) -> None:
        for key, value, least, most in (
            ("folds", self.folds, 2, MOST_FOLDS),
            ("repeats", self.repeats, 1, MOST_REPEATS),
        ):
            if value is not None and not least <= value <= most:
                with blaming(key):
                    raise CallError(f"{key!r} lies between {least} and {most:,}, and {value} came")
        if self.quality is not None and not 0 <= self.quality <= 1:
            with blaming("quality"):
                raise CallError(f"'quality' lies between 0 and 1, and {self.quality:g} came")

    def described(self) -> dict[str, Any]:
        """Give what decides the assignment, beside the seed and the data, as JSON."""
        return self.model_dump(exclude={"leaks"}, exclude_defaults=True)


def _shares_of(parts: dict[str, float]) -> dict[str, float]:
    odd = next((name for name in parts if not _NAME.fullmatch(name)), None)
    if odd is not None or len(parts) < 2:
        raise CallError(
            "A split has at least two parts with names of up to 64 letters, without blanks, "
            "slashes, commas and colons: write  parts: {train: 70, test: 30}"
        )
    values = list(parts.values())
    if not all(math.isfinite(value) and value > 0 for value in values):
        raise CallError("Every part needs a share above 0: leave out the parts you do not want")
    total = math.fsum(values)
    whole = min((1.0, 100.0), key=lambda wanted: abs(total - wanted) / wanted)
    if abs(total - whole) > 1e-6 * whole:
        raise CallError(f"The parts add up to {total:g}: they make 100 (percent) or 1")
    return {name: value / total for name, value in parts.items()}


def _stratifier(text: str) -> Stratifier:
    found = _BINS.fullmatch(text.strip())
    if not found:
        return Stratifier(text.strip())
    n_bins = int(found["n"])
    if not 2 <= n_bins <= MOST_BINS:
        raise CallError(f"A column is cut into 2 to {MOST_BINS:,} bins, and {n_bins} came")
    return Stratifier(found["column"], n_bins)


def _linked(group: list[str]) -> tuple[str, ...]:
    parts = [_OR.split(text.strip()) for text in group]
    if all(len(names) == 1 for names in parts):
        return ()
    names = tuple(name.strip() for name in parts[0])
    if len(parts) > 1 or any(not name or _SCAFFOLD.fullmatch(name) for name in names):
        raise CallError(
            "`or` links rows that share a value of either column, and stands alone: write "
            "group: patient or site"
        )
    return names


def _grouping(text: str) -> Grouping:
    found = _SCAFFOLD.fullmatch(text.strip())
    return Grouping(found["column"].strip(), True) if found else Grouping(text.strip())


def _likeness(asked: Similar, distance: float | None) -> Likeness:
    limit: str | None = None
    if isinstance(asked, dict):
        columns, limit = _of_mapping(asked)
    else:
        text = ", ".join(asked) if isinstance(asked, list) else asked
        found = _WITHIN.fullmatch(text.strip())
        names = found["columns"].strip().removeprefix("[").removesuffix("]") if found else ""
        columns = tuple(name.strip() for name in names.split(",") if name.strip())
        limit = found["limit"] if found else None
    if not columns:
        raise CallError("`similar` names columns, as in  similar: smiles  or  x, y within 0.2")
    if limit is None and distance is None:
        return Likeness(columns)
    if limit is not None and distance is not None:
        raise CallError("The distance stands twice, in `similar` and in `within`: keep one")
    try:
        within = float(limit or "") if distance is None else distance
    except ValueError:
        within = math.nan
    if not (math.isfinite(within) and within >= 0):
        raise CallError("What follows `within` is a distance, a number of at least 0: within 0.2")
    return Likeness(columns, within)


def _of_mapping(
    asked: dict[str, str | float | list[str]],
) -> tuple[tuple[str, ...], str | None]:
    odd = next((key for key in asked if key not in ("columns", "within")), None)
    if odd is not None:
        near = nearest(odd, ("columns", "within"))
        raise CallError(f"No key {odd[:60]!r} in `similar`{near or ': it has columns and within'}")
    columns, within = asked.get("columns", []), asked.get("within")
    names = columns.split(",") if isinstance(columns, str) else columns
    if not isinstance(names, list):
        raise CallError("`columns` of `similar` names columns: {columns: [x, y], within: 0.2}")
    limit = None if within is None else str(within)
    return tuple(name.strip() for name in names if name.strip()), limit
