"""Detections in images of the sky: those that pass become cut-outs to train on (A1)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collectors import CollectCase
from qforge_jupyter.engine.collectors._filters import beyond, judge, range_of
from qforge_jupyter.engine.collectors._sky_images import Samples, read_images, with_objects
from qforge_jupyter.engine.collectors._sky_plan import Plan
from qforge_jupyter.engine.collectors._sky_roles import ID, SkyRoles, sky_roles_of
from qforge_jupyter.engine.sieve import Sieve
from qforge_jupyter.engine.sky_quality import assess
from qforge_jupyter.errors import CallError, DataError, blaming, nearest
from qforge_jupyter.frames.cell_hash import struct_cells
from qforge_jupyter.results.sky_collection import SkyCollection
from qforge_jupyter.rules.expressions import read_rule
from qforge_jupyter.rules.ranges import read_range
from qforge_jupyter.sky.preprocessing import COLUMN, Preprocessing

__all__ = ["KEYS", "OWN_KEYS", "Plan", "collect"]
#: Keys of a body that are about detections.
OWN_KEYS = frozenset(
    {
        "surveys", "dates", "anomaly_types", "quality", "status", "region", "at_most", "cutout",
        "together", "object_radius", "parts", "refuse_if", "folder", "roles",
    }
)  # fmt: skip
KEYS = (ID,)
NONE = "none"


def collect(case: CollectCase) -> SkyCollection:
    """Sieve detections, and read the cut-out of each that is left.

    Raises
    ------
    DataError
        A column is missing, an id repeats, or nothing is left.

    """
    plan: Plan = case.plan
    if case.seeks_near:
        raise CallError("`near` compares the inputs of decisions: leave it out for detections")
    if not case.table.frame.height:
        raise DataError(f"{case.table.name} holds no rows, so there is nothing to collect")
    roles = sky_roles_of(case.table, {str(k): v for k, v in plan.roles.items()}, plan.keep)
    preprocessing = _kept_preprocessing(case, plan)
    sieve = Sieve(case.table.frame.height)
    filters = _Filters(case, plan, roles)
    filters.apply(sieve)
    detections = roles.detections_of(case.table.frame)
    new = _new(case, sieve, detections)
    samples: Samples = ()
    if new.height:
        new = _drawn(case, plan, sieve, new)
        new, samples = read_images(case, plan, preprocessing, sieve, new)
        _check_left(case, sieve)
    new = new.with_columns(pl.lit(preprocessing.record).alias(COLUMN))
    new = with_objects(new, case.held, plan.object_radius_arcsec)
    if case.held is not None:
        new = _fitted(new, case.held, case.dataset)
    every = new if case.held is None else pl.concat([case.held, new], how="diagonal")
    return SkyCollection(
        dataset=case.dataset,
        source=case.source,
        examples=new,
        quality=assess(every, tuple(plan.surveys), name=case.dataset),
        left_out=sieve.fallen(detections[ID]),
        steps=tuple(sieve.steps),
        n_rows=case.table.frame.height,
        n_before=0 if case.held is None else case.held.height,
        made_of=roles.said,
        notes=tuple(filters.notes),
        seed=case.seed,
        preprocessing=preprocessing,
        radius_arcsec=plan.object_radius_arcsec,
        has_masks=plan.has_masks or bool(preprocessing.classes),
        samples=samples,
    )


def _kept_preprocessing(case: CollectCase, plan: Plan) -> Preprocessing:
    """Give the record of the dataset; what is asked has to be the same."""
    asked = plan.preprocessing
    if case.held is None or not case.held.height:
        return asked
    if COLUMN not in case.held.schema:
        raise DataError(f"{case.dataset} holds no cut-outs: collect into another dataset")
    kept = Preprocessing.of(str(case.held[COLUMN][0]))
    if plan.cutout is not None and asked != kept:
        with blaming("cutout"):
            raise CallError(
                f"The cut-outs of {case.dataset} are made otherwise, and all of a dataset are made "
                "alike: leave `cutout` away, or collect into another dataset"
            )
    return kept


class _Filters:
    """What is asked of a detection before its image is looked at."""

    def __init__(self, case: CollectCase, plan: Plan, roles: SkyRoles) -> None:
        self.case, self.plan, self.roles = case, plan, roles
        self.table = case.table
        self.notes: list[str] = []

    def apply(self, sieve: Sieve) -> None:
        """Ask one thing after the other; refuse a source of which nothing is left."""
        steps = list(self._steps())  # read all before the first is asked
        for name, expression, reason in steps:
            fails, unknown = judge(self.table.frame, expression)
            rows = sieve.rows
            sieve.drop(name, {reason: fails[rows], f"no {name}": unknown[rows]})
            _check_left(self.case, sieve)

    def _steps(self) -> Iterator[tuple[str, pl.Expr, str]]:
        if self.case.where:
            with blaming("where"):
                rule = read_rule(self.case.where, self.table.schema)
            yield "condition", rule.expression, "the condition does not hold"
        name = str(self.roles.of("id"))
        yield "id", _is_named(exact(name), self.table.schema[name]), f"no {name[:60]}"
        yield from self._among("survey", self.plan.surveys, "surveys")
        if self.plan.dates:
            yield self._range("time", self.plan.dates, "dates", "time")
        for role in ("confidence", "quality"):
            asked = str(getattr(self.plan, role)).strip()
            is_said = role in self.plan.model_fields_set
            if asked.lower() == NONE:
                continue
            if self.roles.of(role) is None and not is_said:
                self.notes.append(f"{self.table.name} has no column {role!r}: any {role} is taken")
                continue
            yield self._range(role, asked, role, role)
        yield from self._among("anomaly_type", self.plan.anomaly_types, "anomaly_types")
        yield from self._among("status", self.plan.status, "status")
        if self.plan.region is not None:
            yield self._region()

    def _column(self, role: str, key: str) -> str:
        found = self.roles.of(role)
        if found is None:
            with blaming(key):
                raise DataError(
                    f"{self.table.name} has no column {role!r}{nearest(role, self.table.columns)}; "
                    f"name it with  roles: {{{role}: COLUMN}}, or leave `{key}` away"
                )
        return found

    def _among(self, role: str, values: list[str], key: str) -> Iterator[tuple[str, pl.Expr, str]]:
        if values:
            cell = exact(self._column(role, key)).cast(pl.String)
            said = " or ".join(values[:5])
            yield role.replace("_", " "), cell.is_in(values), f"not {said}"

    def _range(self, role: str, asked: str, key: str, step: str) -> tuple[str, pl.Expr, str]:
        column = self._column(role, key)
        if role == "time":
            with blaming(key):
                found = read_range(asked)
                found.check_type(self.table.schema[column], column)
            return step, found.expression(column), f"not in {found.text}"
        column, found = range_of(self.table, role, column, asked)
        return step, found.expression(column), f"{role} {beyond(found)}"

    def _region(self) -> tuple[str, pl.Expr, str]:
        if self.plan.region is None:  # pragma: no cover — asked before
            raise CallError("No region is asked for")
        with blaming("region"):
            region = self.plan.region.region()
            places = [
                self.table.frame[self._column(role, "region")].cast(pl.Float64, strict=False)
                for role in ("ra", "dec")
            ]
            ra, dec = (each.fill_null(float("nan")).to_numpy() for each in places)
            inside = pl.Series(region.holds(ra, dec))
        known = pl.Series(np.isfinite(ra) & np.isfinite(dec))
        answer = pl.select(pl.when(known).then(inside)).to_series()
        return "region", pl.lit(answer), "not in the region"


def _is_named(cell: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Say which rows have an id; null of the others, so that they fall for want of one."""
    if kind.is_float():
        cell = cell.fill_nan(None)
    if kind == pl.String:
        cell = pl.when(cell.str.strip_chars() != "").then(cell)
    return pl.when(cell.is_not_null()).then(pl.lit(value=True))


def _new(case: CollectCase, sieve: Sieve, detections: pl.DataFrame) -> pl.DataFrame:
    """Leave out what the dataset holds already, or has forgotten; refuse an id that repeats."""
    left = detections[sieve.rows]
    if n := left.height - left[ID].n_unique():
        raise DataError(
            f"The id of {case.table.name} repeats in {n:,} row{'s' * (n != 1)}, and it has to name "
            "one detection: pick one row of each with `where`, or `%qforge deduplicate` the source"
        )
    if case.held is None:
        return left
    missing = next((key for key in case.keys if key not in left.schema), None)
    if missing is not None or ID not in case.held.schema:
        raise DataError(f"{case.dataset} is no dataset of detections: collect into another one")
    known = left[ID].is_in(case.held[ID].cast(left.schema[ID], strict=False).implode())
    forgotten = case.is_forgotten(left).to_numpy()
    reasons = {f"in {case.dataset} already": known.to_numpy(), "forgotten on request": forgotten}
    stays = sieve.drop(f"not in {case.dataset}", reasons)
    return left.filter(pl.Series(stays))


def _drawn(case: CollectCase, plan: Plan, sieve: Sieve, rows: pl.DataFrame) -> pl.DataFrame:
    """Draw at most so many detections, whatever their order: those of the least hash."""
    if plan.at_most is None:
        return rows
    if plan.at_most < 1:
        with blaming("at_most"):
            raise CallError(f"At most so many detections is 1 or more, and {plan.at_most} came")
    hashes = struct_cells(rows.select(pl.lit(case.seed).alias("seed"), pl.col(ID).cast(pl.String)))
    order = np.argsort(hashes[0], kind="stable")
    falls = np.ones(rows.height, dtype=np.bool_)
    falls[order[: plan.at_most]] = False
    stays = sieve.drop("at most", {f"{plan.at_most:,} were drawn": falls})
    return rows.filter(pl.Series(stays))


def _check_left(case: CollectCase, sieve: Sieve) -> None:
    if sieve.n_left or not sieve.steps:
        return
    last = next(step for step in sieve.steps if not step.n_left)
    raise DataError(
        f"None of the {sieve.n_rows:,} rows of {case.table.name} is left: the last "
        f"{last.n_before:,} fell at `{last.name}` ({last.why}); ask for less there"
    )


def _fitted(new: pl.DataFrame, held: pl.DataFrame, dataset: str) -> pl.DataFrame:
    """Give detections the types that the dataset has."""
    shared = [name for name in new.columns if name in held.schema]
    try:
        return new.with_columns(new[name].cast(held.schema[name]) for name in shared)
    except pl.exceptions.PolarsError:
        odd = next(name for name in shared if new.schema[name] != held.schema[name])
        raise DataError(
            f"The column {odd[:60]!r} of {dataset} holds {held.schema[odd]} and this source brings "
            f"{new.schema[odd]}: cast it in the source, or collect into another dataset"
        ) from None
