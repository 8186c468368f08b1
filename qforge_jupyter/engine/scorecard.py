"""A scorecard: what a table has to fulfil, and how that is weighed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

#: Weights of the scored dimensions; accuracy is reported and has none.
WEIGHTS = {"completeness": 0.25, "validity": 0.35, "consistency": 0.30, "uniqueness": 0.10}


def _as_list(value: object) -> object:
    """Let one name stand for a list of one."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _as_share(value: object) -> object:
    """Read ``5%`` as .05."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(value.strip()[:-1]) / 100
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Share = Annotated[float, BeforeValidator(_as_share)]


class OutlierRule(BaseModel):
    """Which values count as outliers when a table is scored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["iqr", "z", "mad", "none"] = "iqr"
    columns: Names | None = None
    by: Names = ()
    threshold: float | None = Field(None, gt=0)


def _as_outlier_rule(value: object) -> object:
    """Let a method's name stand for the rule with its defaults."""
    return {"method": value} if isinstance(value, str) else value


class Scorecard(BaseModel):
    """What is required, allowed and consistent, and how much each counts.

    Every key can be given in the body of ``%%qforge score``; what is not given
    there comes from the card named after ``by``.

    Examples
    --------
    >>> card = Scorecard(required="energy, gap", ranges={"gap": "0 .. 50 eV"})
    >>> card.required
    ('energy', 'gap')

    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    required: Names = Field((), description="Fields every row must have; `gap when has_lumo`.")
    optional: Names = Field((), description="Fields a row may lack.")
    units: dict[str, str] = Field({}, description="Unit of a column's numbers.")
    ranges: dict[str, str] = Field({}, description="Allowed range of a field, as `0 .. 50 eV`.")
    values: dict[str, Names] = Field({}, description="Allowed values of a field.")
    patterns: dict[str, str] = Field({}, description="Regular expression a field must match.")
    rules: dict[str, str] = Field({}, description="Named rules across fields.")
    unique_by: Names = Field((), description="Fields that name a record; `*` is the whole row.")
    accuracy: dict[str, str] = Field(
        {}, description="How a field's error is known: `± sigma_column` or a reference column."
    )
    outliers: Annotated[OutlierRule, BeforeValidator(_as_outlier_rule)] = Field(
        OutlierRule(), description="Which values are outliers: iqr, z, mad or none."
    )
    weights: dict[str, Share] = Field(WEIGHTS, description="Weight of each dimension.")
    bands: dict[str, Share] = Field(
        {"excellent": 0.95, "good": 0.85, "acceptable": 0.80, "caution": 0.70},
        description="Least overall score of each band; below the last is `exclude`.",
    )
    ml_ready: str = Field("", description="What a row must fulfil to be trained on.")
    refuse_if: str = Field("", description="Stop with an error when the table is like this.")

    @model_validator(mode="after")
    def _weights_are_known(self) -> Scorecard:
        unknown = set(self.weights) - set(WEIGHTS)
        if unknown:
            known = ", ".join(WEIGHTS)
            msg = f"no weighted dimension is named {min(unknown)!r}: there are {known}"
            raise ValueError(msg)
        if min(self.weights.values(), default=0) < 0 or sum(self.weights.values()) <= 0:
            msg = "weights must not be negative and one must be above 0"
            raise ValueError(msg)
        return self

    def over(self, base: Scorecard) -> Scorecard:
        """Lay what is set here over another card.

        Mappings are merged key by key; everything else is replaced.
        """
        changes: dict[str, Any] = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            if isinstance(value, Mapping):
                value = {**getattr(base, name), **value}
            changes[name] = value
        return base.model_copy(update=changes)

    def shares(self) -> dict[str, float]:
        """Weights of all scored dimensions, summing to 1."""
        total = sum(self.weights.values())
        return {name: self.weights.get(name, 0.0) / total for name in WEIGHTS}
