"""Look for leaks between the parts of a data set and certify what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.columns import column as exact
from qforge_jupyter.context import Context
from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.leak_checking import check_leaks
from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.errors import CallError, QualityError, nearest
from qforge_jupyter.frames import Table, to_table
from qforge_jupyter.results.leaks import LeakReport
from qforge_jupyter.results.parted import Parted
from qforge_jupyter.results.split import Split
from qforge_jupyter.verbs._leak_roles import roles_of

#: It may take so long that it can run as a job.
IS_LONG = True
EXAMPLE = """\
%qforge leaks train against test --target gap --group scaffold into certificate
"""


class LeakRoles(BaseModel):
    """What is known of the columns."""

    model_config = ConfigDict(extra="forbid")

    target: str | None = Field(None, description="The column that is to be predicted.")
    group: list[str] = Field([], description="Columns whose values must stay in one part.")
    time: str | None = Field(None, description="The column by which parts follow each other.")
    columns: list[str] | None = Field(None, description="The features; all but ids by default.")
    embedding: str | None = Field(None, description="A column of vectors that says what is near.")
    near: float | None = Field(None, description="Distance up to which rows nearly repeat.")


def run(
    context: Context,
    subject: Table | Parted,
    *,
    against: Table | None = None,
    validation: Table | None = None,
    parts: str | None = None,
    target: str | None = None,
    group: list[str] | None = None,
    time: str | None = None,
    columns: list[str] | None = None,
    embedding: str | None = None,
    near: float | None = None,
    strict: bool = False,
    body: LeakRoles | None = None,
) -> LeakReport:
    """Compare the parts with each other.

    Parameters
    ----------
    context
        The open workspace.
    subject
        A split, the table that is trained on, or one table with a column of parts.
    against
        The table that is judged on.
    validation
        A third table, between the two.
    parts
        The column of the table that names each row's part.
    target
        The column that is to be predicted; of a split, by default its first stratified one.
    group
        Columns whose values must stay in one part; of a split, by default its groups.
    time
        The column by which the parts follow each other; of a split, by default its own.
    columns
        The features; all columns without another role but ids by default.
    embedding
        A column of vectors that says what is near.
    near
        Distance up to which two rows nearly repeat each other; calibrated so
        that at most one i.i.d. data set in twenty raises an alarm by default.
    strict
        Fail where a leak of severity high is found.
    body
        The same roles as keys.

    Raises
    ------
    QualityError
        With ``strict``, a leak of severity high was found; the report is in the error.

    """
    given = body or LeakRoles()
    roles: dict[str, Any] = {
        "target": target or given.target,
        "groups": tuple(group or given.group),
        "time": time or given.time,
        "columns": _tuple(columns if columns is not None else given.columns),
        "embedding": embedding or given.embedding,
        "near": near if near is not None else given.near,
        "seed": context.seed,
        "progress": context.progress,
    }
    case, name = _case(subject, against, validation, parts, roles)
    report = check_leaks(case, name=name).hiding(getattr(subject, "sealed", ()))
    if strict and report.is_grave:
        raise QualityError(
            f"{name} leaks: {report.verdict}, first {report.leaks[0].said}: "
            "leave --strict away to see the whole certificate",
            result=report,
        )
    return report


def _case(
    subject: Table | Parted,
    against: Table | None,
    validation: Table | None,
    parts: str | None,
    roles: Mapping[str, Any],
) -> tuple[LeakCase, str]:
    if isinstance(subject, Parted) and not isinstance(subject, Table):
        if against is not None or validation is not None or parts is not None:
            raise CallError("A split has its own parts: leave against, validation and parts away")
        source = to_table(subject.source)
        name = str(getattr(subject, "name", "") or source.name)
        return LeakCase.of_rows(source.frame, subject.part_of, **_filled(subject, roles)), name
    if parts is not None:
        if against is not None or validation is not None:
            raise CallError("Both a column of parts and another table came: keep one of them")
        return _of_column(subject, parts, roles)
    if against is None:
        raise CallError(f"{subject.name} alone has no parts: add  against TABLE  or --parts COLUMN")
    tables = [subject, *([validation] if validation is not None else []), against]
    names = [table.name for table in tables]
    if len(set(names)) < len(names):
        names = ["train", *(["validation"] if validation is not None else []), "test"]
    frames = {name: table.frame for name, table in zip(names, tables, strict=True)}
    return LeakCase.of_parts(frames, **roles), ", ".join(names)


def _filled(subject: Parted, roles: Mapping[str, Any]) -> dict[str, Any]:
    """Take the roles that were not given from what the split was asked to be."""
    if not isinstance(subject, Split):
        return dict(roles)
    known = roles_of(SplitPlan.model_validate(subject.plan))
    if roles["groups"]:
        known |= {"groups": (), "joint": ()}
    taken = {roles["target"], roles["time"], roles["embedding"], *roles["groups"]} - {None}
    if known["target"] in taken or known["target"] in (roles["columns"] or ()):
        known["target"] = None
    return {**roles, **{name: roles.get(name) or value for name, value in known.items()}}


def _of_column(table: Table, parts: str, roles: Mapping[str, Any]) -> tuple[LeakCase, str]:
    if parts not in table.schema:
        raise CallError(f"No column named {parts!r}{nearest(parts, table.columns)}")
    part_of = table.frame.select(exact(parts).alias("part"))["part"]
    if part_of.dtype not in (pl.String, pl.Categorical, pl.Enum) and part_of.n_unique() > 100:
        raise CallError(
            f"The column {parts!r} has {part_of.n_unique():,} values, wanted the name of a part"
        )
    rest = table.frame.select(exact(name) for name in table.columns if name != parts)
    return LeakCase.of_rows(rest, part_of, **roles), table.name


def _tuple(columns: list[str] | None) -> tuple[str, ...] | None:
    return None if columns is None else tuple(columns)
