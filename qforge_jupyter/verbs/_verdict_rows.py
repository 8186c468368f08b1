"""Rows to look at, a page at a time, with the cell that hands them on."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import polars as pl

from qforge_jupyter.columns import column, free_name
from qforge_jupyter.documents.visible import make_visible, show_cell
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.localization import Localization
from qforge_jupyter.rules.expressions import read_filter

ROWS, CELL, NAME, MOST_COLUMNS = 10, 80, 60, 8
_PLAIN = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Page:
    """What a view asks for.

    Parameters
    ----------
    which
        ``suspects``, ``missing``, ``region`` or ``missing region``.
    at
        Which of the regions.
    start
        The first row.

    """

    which: str
    at: int = 0
    start: int = 0

    @classmethod
    def of(cls, request: dict[str, Any]) -> Page:
        """Read a request; what is no number is the first."""
        at, start = (_count(request.get(name)) for name in ("at", "start"))
        return cls(str(request.get("which", "suspects")), at, start)


def _count(value: Any) -> int:
    is_count = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_count and 0 <= value < 2**53 else 0


def page_told(
    found: Localization, name: str, sides: tuple[Table, Table], page: Page
) -> dict[str, Any]:
    """Give the rows of a page: row number, what is told of each, and their cells."""
    if page.which in ("region", "missing region"):
        regions = found.regions if page.which == "region" else found.missing_regions
        if page.at >= len(regions):
            raise CallError("There is no such region: find the rows again")
        side = sides[page.which == "missing region"]
        return _region(found, regions[page.at].rule, side, page)
    if page.which not in ("suspects", "missing"):
        raise CallError("There are no such rows: ask for suspects, missing ones or a region")
    is_missing = page.which == "missing"
    lines = found.missing if is_missing else found.rows
    side = sides[is_missing]
    part = lines.slice(page.start, ROWS)
    names = _worth_showing(found, side, lines)
    told = [
        {"row": each["row"], "score": each["score"], "reason": each["reason"],
         "blamed": _blamed(each["columns"], names)}
        for each in part.iter_rows(named=True)
    ]  # fmt: skip
    cells = _rows_at(side, part.get_column("row").to_list(), names) if told else []
    code = [] if is_missing else _codes(found, name)
    return _told(names, side, told, cells, lines.height, code)


def _region(found: Localization, rule: str, side: Table, page: Page) -> dict[str, Any]:
    schema = side.schema
    names = _worth_showing(found, side, None, first=[n for n in schema.names() if n in rule])
    numbered = free_name("row", schema.names())
    asked = side.lazy.with_row_index(numbered).filter(read_filter(rule, schema))
    total = int(asked.select(pl.len()).collect().item())
    rows = asked.slice(page.start, ROWS).select(column(n) for n in (numbered, *names)).collect()
    told = [{"row": row, "score": None, "reason": "", "blamed": []} for row in rows.to_series(0)]
    cells = [list(line[1:]) for line in rows.iter_rows()]
    return _told(names, side, told, cells, total, _region_codes(found, rule, page))


def _told(
    names: list[str],
    side: Table,
    told: list[dict[str, Any]],
    cells: list[list[Any]],
    total: int,
    code: list[dict[str, str]],
) -> dict[str, Any]:
    for line, values in zip(told, cells, strict=True):
        line["cells"] = [show_cell(each, CELL) for each in values]
    return {
        "head": [make_visible(each, NAME) for each in names],
        "rows": told,
        "total": total,
        "n_hidden": len(side.columns) - len(names),
        "page_rows": ROWS,
        "code": code,
    }


def _worth_showing(
    found: Localization, side: Table, lines: pl.DataFrame | None, first: list[str] | None = None
) -> list[str]:
    """Choose the columns to show: keys, those that are blamed most, the target, the others."""
    counts: Counter[str] = Counter()
    if lines is not None:
        for each in lines.get_column("columns"):
            counts.update(each)
    known = side.columns
    blamed = [name for name, _ in counts.most_common() if name in known]
    wanted = [*found.keys, *(first or []), *blamed, *([found.target] * bool(found.target)), *known]
    return [name for name in dict.fromkeys(wanted) if name in known][:MOST_COLUMNS]


def _blamed(columns: list[str], names: list[str]) -> list[int]:
    return [place for place, name in enumerate(names) if name in columns]


def _rows_at(side: Table, places: list[int], names: list[str]) -> list[list[Any]]:
    numbered = free_name("row", side.columns)
    rows = side.lazy.with_row_index(numbered).filter(column(numbered).is_in(places))
    found = rows.select(column(name) for name in (numbered, *names)).collect()
    held = {line[0]: list(line[1:]) for line in found.iter_rows()}
    return [held[place] for place in places]


def _codes(found: Localization, name: str) -> list[dict[str, str]]:
    """Write the cells that hand the suspect rows on."""
    if not name:
        return []
    codes = [{"said": "go on without these rows", "code": f"cleaned = {name}.kept"}]
    row = free_name("row", found.source.collect_schema().names())
    by = ", ".join(found.keys) if found.keys and all(map(_PLAIN.fullmatch, found.keys)) else row
    label = f"%%qforge label {name} by {by}\nchoose verdict: {{k: keep, d: drop}}"
    return [{"said": "label them", "code": label}, *codes]


def _region_codes(found: Localization, rule: str, page: Page) -> list[dict[str, str]]:
    where = f'where "{rule}"'
    codes = [{"said": "as a filter of any verb that takes rows", "code": where}]
    keys = found.keys
    if page.which == "region" and '"' not in rule and keys and all(map(_PLAIN.fullmatch, keys)):
        head = f"%%qforge label {found.table} by {', '.join(keys)} {where}"
        codes.insert(
            0, {"said": "label them", "code": f"{head}\nchoose verdict: {{k: keep, d: drop}}"}
        )
    return codes if '"' not in rule else [{"said": "the rule", "code": rule}]
