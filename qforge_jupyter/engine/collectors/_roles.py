"""Which column of a log says what of a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from qforge_jupyter.errors import CallError, DataError, blaming, nearest
from qforge_jupyter.frames.table import Table

Role = Literal["id", "time", "outcome", "confidence", "score", "type", "difficulty", "edge_case"]
#: What a column is called where nothing else is said; the first that is there counts.
USUAL: dict[str, tuple[str, ...]] = {
    "id": ("decision_id", "id"),
    "time": ("decided_at", "created_at", "timestamp", "time"),
    "outcome": ("outcome",),
    "confidence": ("confidence",),
    "score": ("score",),
    "type": (),
    "difficulty": ("difficulty",),
    "edge_case": ("edge_case", "is_edge_case"),
}
#: Columns that every example has beside its input and its expected output.
ID, SOURCE, TIME, TYPE = "source_decision_id", "source_table", "source_time", "example_type"
STATUS, VALIDATED_BY, VALIDATED_AT = "validation_status", "validated_by", "validated_at"
METRICS = "metrics"
LABELS = ("difficulty", "edge_case")
OWN = (ID, SOURCE, TIME, TYPE, STATUS, VALIDATED_BY, VALIDATED_AT)
MEASURED = ("outcome", "confidence", "score")


@dataclass(frozen=True)
class Roles:
    """Columns of the source by what they say; None for what it does not say.

    Parameters
    ----------
    inputs, outputs
        By the column of an example, the column of the source.
    kept
        Columns that are carried along as they are.
    metrics
        Columns of numbers that measure each example; they become ``metrics``.

    """

    by_role: Mapping[str, str | None]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    kept: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The column that names a decision."""
        return str(self.by_role["id"])

    def of(self, role: str) -> str | None:
        """Give the column that plays a role, if one does."""
        return self.by_role[role]

    @property
    def carried(self) -> dict[str, str]:
        """By the column of an example, the column of the source, of all that is carried along."""
        measured = {role: self.by_role[role] for role in MEASURED}
        known = {name: column for name, column in measured.items() if column is not None}
        return known | {name: name for name in self.kept if name not in known}


def roles_of(  # noqa: PLR0913 — each names columns for one purpose
    table: Table,
    named: Mapping[str, str],
    inputs: Sequence[str],
    outputs: Sequence[str],
    kept: Sequence[str] = (),
    metrics: Sequence[str] = (),
) -> Roles:
    """Find the columns of a log.

    One input becomes the column ``input``, one expected output ``expected_output``;
    several keep their names.

    Raises
    ------
    DataError
        A column that was named is not there, or no column names a decision.
    CallError
        Two columns of an example would have one name.

    """
    by_role = {role: _column(table, role, named) for role in get_args(Role)}
    if by_role["id"] is None:
        shown = " or ".join(repr(each) for each in USUAL["id"])
        raise DataError(
            f"No column of {table.name} names a decision: {shown} was looked for"
            f"{nearest('decision_id', table.columns)}; name it with  columns: {{id: COLUMN}}"
        )
    roles = Roles(
        by_role,
        _named(table, "input", inputs, "input"),
        _named(table, "expected output", outputs, "expected_output"),
        tuple(_there(table, name, "keep") for name in dict.fromkeys(kept)),
        tuple(_measured(table, name) for name in dict.fromkeys(metrics)),
    )
    _check_names(roles)
    return roles


def _column(table: Table, role: str, named: Mapping[str, str]) -> str | None:
    if role in named:
        with blaming("columns", role):
            return _there(table, named[role], role)
    return next((each for each in USUAL[role] if each in table.schema), None)


def _there(table: Table, name: str, what: str) -> str:
    if name in table.schema:
        return name
    raise DataError(
        f"{table.name} has no column {name[:60]!r} for `{what}`{nearest(name, table.columns)}"
    )


def _measured(table: Table, name: str) -> str:
    if not table.schema[_there(table, name, "metrics")].is_numeric():
        raise DataError(
            f"The metric {name[:60]!r} is {table.schema[name]} and numbers are wanted: carry it "
            f"along with  keep: [{name[:60]}]"
        )
    return name


def _named(table: Table, key: str, columns: Sequence[str], lone: str) -> dict[str, str]:
    if not columns:
        with blaming(key):
            raise CallError(f"An example needs an {key}: write  {key}: COLUMN")
    found = [_there(table, name, key) for name in dict.fromkeys(columns)]
    return {lone: found[0]} if len(found) == 1 else {name: name for name in found}


def _check_names(roles: Roles) -> None:
    """Refuse an example of which two columns would have one name."""
    taken = dict.fromkeys((*OWN, METRICS) if roles.metrics else OWN, "")
    for part in (roles.inputs, roles.outputs, roles.carried):
        for name, column in part.items():
            if name in taken and taken[name] != column:
                raise CallError(
                    f"The column {column[:60]!r} cannot become {name[:60]!r} of an example, "
                    "which another column is: rename it in the source"
                )
            taken[name] = column
    if both := [name for name in roles.inputs.values() if name in roles.outputs.values()]:
        raise CallError(
            f"The column {both[0][:60]!r} is an input and an expected output: it can be one of them"
        )
