"""A scorecard: what a table has to fulfil, and how that is weighed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from qforge_jupyter.engine.leaving_out import NO_RANGE, leave_out, without_ranges
from qforge_jupyter.results.score import UNSCORED

#: The band of what reaches no other band's bound.
EXCLUDE = "exclude"
#: Weights of the scored dimensions; accuracy is reported and has none. Those of weight 0 are
#: of labeled examples and only asked where a card gives them a weight, as `golden` does.
WEIGHTS = {
    "completeness": 0.25,
    "validity": 0.35,
    "consistency": 0.30,
    "uniqueness": 0.10,
    "correctness": 0.0,
    "clarity": 0.0,
    "representativeness": 0.0,
}
#: Dimensions that every card has, in the order people expect.
USUAL = tuple(name for name, weight in WEIGHTS.items() if weight > 0)


def _as_list(value: object) -> object:
    """Let one text stand for the names between its commas."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _as_text(value: object) -> object:
    """Let numbers and truth values stand for their text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _as_texts(value: object) -> object:
    """Let a list hold numbers and truth values."""
    return [_as_text(each) for each in value] if isinstance(value, list | tuple) else value


def _as_range(value: object) -> object:
    """Let a pair of bounds stand for a range, and nothing for none."""
    if value is None:
        return NO_RANGE
    if isinstance(value, list | tuple) and len(value) == 2:
        low, high = ("" if bound is None else _as_text(bound) for bound in value)
        return f"{low} .. {high}".strip()
    return value


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Keep each name's first mention: asking twice is asking once."""
    return tuple(dict.fromkeys(names))


def _as_share(value: object) -> object:
    """Read ``5%`` as .05."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(value.strip()[:-1]) / 100
    return value


Names = Annotated[
    tuple[str, ...], BeforeValidator(_as_texts), BeforeValidator(_as_list), AfterValidator(_once)
]
RangeText = Annotated[str, BeforeValidator(_as_range)]
Share = Annotated[float, BeforeValidator(_as_share), Field(ge=0, allow_inf_nan=False)]


class OutlierRule(BaseModel):
    """Which values count as outliers when a table is scored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["iqr", "z", "mad", "none"] = "iqr"
    columns: Names | None = None
    by: Names = ()
    threshold: float | None = Field(None, gt=0, allow_inf_nan=False)


class Examples(BaseModel):
    """Where a table of labeled examples says what; a column that is not named is not asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: str = ""
    verified: str = ""
    outcome: str = ""
    boundary: str = ""
    edge_case: str = ""
    documentation: str = ""
    labelers: Names = ()
    cover: Names = ()
    features: Names = ()
    neighbors: int = Field(10, ge=2, le=200)
    least: int = Field(5, ge=1)


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
    ranges: dict[str, RangeText] = Field(
        {},
        description="Allowed range of a field, as `0 .. 50 eV`; `none` takes the card's back.",
    )
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
    examples: Examples = Field(
        Examples(),
        description="Of labeled examples, the columns of: target, verified, outcome, boundary, "
        "edge_case, documentation, labelers, cover, features; and neighbors (10), least (5).",
    )
    weights: dict[str, Share] = Field(
        {name: WEIGHTS[name] for name in USUAL},
        description="Weight of each dimension; those not named share what is left of 1.",
    )
    bands: dict[str, Share] = Field(
        {"excellent": 0.95, "good": 0.85, "acceptable": 0.80, "caution": 0.70},
        description="Least overall score of each band; below the last is `lowest`.",
    )
    lowest: str = Field(EXCLUDE, min_length=1, description="Name of the band below all others.")
    without: Names = Field(
        (),
        description="Fields and rules of the named card to leave out; a field takes along "
        "the rules that read it.",
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
        if not sum(self.shares().values()):
            msg = "one weight must be above 0"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _bands_are_ordered(self) -> Scorecard:
        bounds = list(self.bands.values())
        if own := {self.lowest, UNSCORED} & set(self.bands):
            msg = f"{min(own)!r} is a band of its own, below all others: call yours otherwise"
            raise ValueError(msg)
        if any(not 0 < bound <= 1 for bound in bounds):
            msg = "bands begin above 0 and at most at 1, and what is below them all is 'exclude'"
            raise ValueError(msg)
        for above, below in pairwise(self.bands):
            if self.bands[below] >= self.bands[above]:
                msg = (
                    f"bands fall from best to worst, and {below!r} ({self.bands[below]:g}) "
                    f"stands below {above!r} ({self.bands[above]:g})"
                )
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _shares_are_left(self) -> Scorecard:
        # Two weights or more may be meant relative to each other; one alone may not.
        total = sum(self.weights.values())
        if total > 1 and len(self.weights) == 1:
            msg = f"the only weight is {total:g} and would leave nothing for the other dimensions"
            raise ValueError(msg)
        return self

    def written(self) -> dict[str, Any]:
        """Give every key with its value; those of labeled examples only where they are set."""
        special = {"examples": Examples(), "lowest": EXCLUDE}
        usual = {name for name, value in special.items() if getattr(self, name) == value}
        return self.model_dump(exclude=usual)

    def over(self, base: Scorecard) -> Scorecard:
        """Lay what is set here over another card.

        What speaks of single fields is merged field by field; the rest,
        weights and bands among it, is replaced. What ``without`` names is
        taken out of the other card first.

        Raises
        ------
        CallError
            Something is taken back that the other card does not have.

        Examples
        --------
        >>> base = Scorecard(required=["gap", "forces"], ranges={"gap": "0 .. 50"})
        >>> card = Scorecard(without="forces", ranges={"gap": "none"}).over(base)
        >>> card.required, card.ranges
        (('gap',), {})

        """
        base = leave_out(base, self.without)
        changes: dict[str, Any] = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            if isinstance(value, Examples):
                value = base.examples.model_copy(
                    update={each: getattr(value, each) for each in value.model_fields_set}
                )
            if isinstance(value, Mapping) and name not in ("weights", "bands"):
                value = {**getattr(base, name), **value}
            changes[name] = value
        if "ranges" in changes:
            changes["ranges"] = without_ranges(changes["ranges"], base.ranges)
        changes.pop("without", None)
        return base.model_copy(update=changes)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions that are scored: the usual ones, and others to which a weight is given."""
        return (
            *USUAL,
            *(name for name, share in self.shares().items() if share > 0 and name not in USUAL),
        )

    def shares(self) -> dict[str, float]:
        """Weights of all scored dimensions, summing to 1.

        Examples
        --------
        >>> Scorecard(weights={"uniqueness": 0.0, "validity": 0.45}).shares()["consistency"]
        0.3

        """
        others = {name: usual for name, usual in WEIGHTS.items() if name not in self.weights}
        left = max(0.0, 1 - sum(self.weights.values()))
        scale = left / sum(others.values()) if any(others.values()) else 0.0
        given = {**self.weights, **{name: usual * scale for name, usual in others.items()}}
        total = sum(given.values())
        return {
            name: round(given[name] / total, 12) if total else 0.0
            for name in WEIGHTS
            if name in USUAL or given[name] > 0
        }
