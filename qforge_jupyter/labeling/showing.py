"""What is shown of an item: the cells that a view needs, as JSON or bytes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from qforge_jupyter.errors import CallError, blaming, nearest
from qforge_jupyter.labeling.plan import LabelPlan
from qforge_jupyter.labeling.priority import check_priority

RENDERERS = ("text", "record", "image", "fits", "molecule", "map")
#: Renderers whose cells are bytes, or name a file that holds them.
_FILES = ("image", "fits")
MOST_COLUMNS = 50
_FIELD = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Showing:
    """How a row is shown.

    Parameters
    ----------
    renderer
        ``template`` or one of the renderers.
    template
        The text with ``{columns}``, where that is how.
    columns
        Those whose cells are needed, in order.
    files
        Those whose cells are pictures.
    hue
        The one by which the points of a map are coloured, if any.

    """

    renderer: str
    template: str
    columns: tuple[str, ...]
    files: tuple[str, ...] = ()
    hue: str = ""

    def payload(self) -> dict[str, Any]:
        """Give what a view has to know."""
        return {
            "renderer": self.renderer,
            "template": self.template,
            "columns": list(self.columns),
            "files": list(self.files),
        }

    def fields(self, cells: dict[str, Any]) -> dict[str, Any]:
        """Bring the cells of one row to JSON; bytes stay bytes, files are read by the view."""
        return {name: plain(value) for name, value in cells.items()}


def read_showing(plan: LabelPlan, schema: pl.Schema) -> Showing:
    """Read ``show``, and look whether all columns that the body names are there.

    Raises
    ------
    CallError
        A column is missing, or would tell what labelers shall not know.

    """
    hidden = {plan.known.column} if plan.known else set()
    with blaming("show"):
        renderer, template, columns = _read(plan.show, schema, hidden)
        _check(columns, schema, hidden, "show")
        if renderer == "map":
            _check_plane(columns[:2], schema)
    with blaming("priority"):
        check_priority(plan.ranked, schema, tuple(hidden))
    marked = [one.column for one in plan.questions if one.column]
    for one in plan.questions:
        if one.column:
            _check((one.column,), schema, hidden, f"the question {one.name!r}")
    drawn = [one.column for one in plan.questions if one.column and one.kind != "spans"]
    files = [*(columns if renderer in _FILES else ()), *drawn]
    return Showing(
        renderer,
        template,
        tuple(dict.fromkeys((*columns, *marked))),
        tuple(dict.fromkeys(files)),
        columns[2] if renderer == "map" and len(columns) > 2 else "",
    )


def _read(show: Any, schema: pl.Schema, hidden: set[str]) -> tuple[str, str, tuple[str, ...]]:
    if not show:
        free = [name for name in schema.names() if name not in hidden]
        return "record", "", tuple(free[:MOST_COLUMNS])
    if isinstance(show, str):
        columns = tuple(dict.fromkeys(name.strip() for name in _FIELD.findall(show)))
        if not columns:
            raise CallError("'show' names no column: write them in braces, as in {title}")
        return "template", show, columns
    (renderer, named), *more = show.items()
    if more or renderer not in RENDERERS:
        raise CallError(
            f"'show' wants one way to show, and {str(renderer)[:40]!r} is none"
            f"{nearest(str(renderer), RENDERERS)}"
            if not more
            else "'show' wants one way to show and several came: keep one"
        )
    columns = tuple(named) if isinstance(named, list) else tuple(re.split(r"\s*,\s*", named))
    if renderer == "map" and len(columns) not in (2, 3):
        raise CallError(
            "A map wants two columns of numbers, and a third to colour by if you like, as in  "
            "{map: [x, y, tier]}"
        )
    if renderer == "map" and columns[0] == columns[1]:
        raise CallError(
            f"A map wants two different columns, and {columns[0][:60]!r} came twice: give another"
        )
    return renderer, "", columns


def _check(columns: Sequence[str], schema: pl.Schema, hidden: set[str], where: str) -> None:
    for name in columns:
        if name not in schema:
            raise CallError(
                f"There is no column {name[:60]!r} for {where}{nearest(name, schema.names())}"
            )
        if name in hidden:
            raise CallError(
                f"The column {name!r} holds the known answers and would tell them: "
                f"leave it out of {where}"
            )


def _check_plane(columns: Sequence[str], schema: pl.Schema) -> None:
    for name in columns:
        if not schema[name].is_numeric():
            raise CallError(
                f"A map wants numbers, and the column {name[:60]!r} holds {schema[name]}: "
                "give two columns of an embedding"
            )


def plain(value: Any) -> Any:  # noqa: PLR0911 — one kind of value a return
    """Bring a cell to what JSON holds.

    Examples
    --------
    >>> plain(float("nan")), plain([1, None]), plain(date(2026, 11, 21))
    (None, [1, None], '2026-11-21')

    """
    if value is None or isinstance(value, str | bool | bytes):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta | Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | pl.Series):
        return [plain(each) for each in value]
    return str(value)
