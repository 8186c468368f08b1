"""Which column of a table of detections says what, and what it is called in a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.errors import CallError, DataError, blaming, nearest
from qforge_jupyter.frames.table import Table

SkyRole = Literal[
    "id", "image", "hdu", "x", "y", "ra", "dec", "field", "object", "survey", "time",
    "anomaly_type", "confidence", "quality", "status", "labels",
]  # fmt: skip
#: What a column of the source is called where nothing else is said; the first that is there.
USUAL: dict[str, tuple[str, ...]] = {
    "id": ("detection_id", "id"),
    "image": ("image", "path", "file", "filename", "fits"),
    "hdu": ("hdu", "extension"),
    "x": ("x", "x_pixel", "xcentroid"),
    "y": ("y", "y_pixel", "ycentroid"),
    "ra": ("ra", "ra_deg"),
    "dec": ("dec", "dec_deg"),
    "field": ("field", "field_id"),
    "object": ("object", "object_id"),
    "survey": ("survey", "survey_id"),
    "time": ("observed_at", "date_obs", "mjd", "time"),
    "anomaly_type": ("anomaly_type", "type"),
    "confidence": ("confidence",),
    "quality": ("quality", "quality_score"),
    "status": ("validation_status", "status"),
    "labels": ("labels", "marks"),
}
#: What the column of each role is called in a dataset, where that is not the role's name.
NAMES = {"id": "detection_id", "time": "observed_at", "status": "validation_status"}
ID, IMAGE, FIELD, OBJECT = "detection_id", "image", "field", "object"
#: Roles whose columns are numbers.
_NUMBERS = ("x", "y", "ra", "dec")


@dataclass(frozen=True)
class SkyRoles:
    """Columns of the source by what they say; None for what it does not say."""

    by_role: Mapping[str, str | None]
    kept: tuple[str, ...] = ()

    def of(self, role: str) -> str | None:
        """Give the column that plays a role, if one does."""
        return self.by_role[role]

    def detections_of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Give the rows under the names that a dataset has for them."""
        made = {NAMES.get(role, role): name for role, name in self.by_role.items() if name}
        chosen = [exact(name).alias(role) for role, name in made.items()]
        numbers = [pl.col(each).cast(pl.Float64, strict=False) for each in _NUMBERS if each in made]
        kept = [exact(name) for name in self.kept if name not in made]
        return frame.select(*chosen, *kept).with_columns(numbers)

    @property
    def said(self) -> tuple[tuple[str, str], ...]:
        """Say what each column of a dataset is made of."""
        made = [
            (NAMES.get(role, role), f"column {name}") for role, name in self.by_role.items() if name
        ]
        return (*made, *((name, f"column {name}") for name in self.kept))


def sky_roles_of(table: Table, named: Mapping[str, str], kept: Sequence[str]) -> SkyRoles:
    """Find the columns of a table of detections.

    Raises
    ------
    DataError
        A column that was named is not there, or none names a detection or its image.
    CallError
        Two columns of a dataset would have one name.

    """
    by_role = {role: _column(table, role, named) for role in get_args(SkyRole)}
    for role in ("id", "image"):
        if by_role[role] is None:
            looked = " or ".join(map(repr, USUAL[role]))
            raise DataError(
                f"No column of {table.name} is the {role} of a detection: {looked} was looked for"
                f"{nearest(role, table.columns)}; name it with  roles: {{{role}: COLUMN}}"
            )
    if (by_role["x"] is None) != (by_role["y"] is None) or (by_role["ra"] is None) != (
        by_role["dec"] is None
    ):
        raise DataError(
            f"{table.name} has one coordinate of a position and not the other: name both, as in  "
            "roles: {ra: COLUMN, dec: COLUMN}"
        )
    for name in kept:
        if name not in table.schema:
            with blaming("keep"):
                raise DataError(
                    f"{table.name} has no column {name[:60]!r}{nearest(name, table.columns)}"
                )
    taken = {NAMES.get(role, role): name for role, name in by_role.items() if name}
    both = next((name for name in kept if name in taken and taken[name] != name), None)
    if both is not None:
        raise CallError(f"The column {both[:60]!r} is kept, and another one becomes it: rename it")
    return SkyRoles(by_role, tuple(dict.fromkeys(name for name in kept if name not in taken)))


def _column(table: Table, role: str, named: Mapping[str, str]) -> str | None:
    if role not in named:
        return next((each for each in USUAL[role] if each in table.schema), None)
    if named[role] not in table.schema:
        with blaming("roles", role):
            raise DataError(
                f"{table.name} has no column {named[role][:60]!r} for `{role}`"
                f"{nearest(named[role], table.columns)}"
            )
    return named[role]
