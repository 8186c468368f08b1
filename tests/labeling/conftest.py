"""A workspace on either database with a dataset to label."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest

import qforge_jupyter as qf

ROWS = pl.DataFrame({
    "id": [f"r{n}" for n in range(12)],
    "title": [f"Title {n}" for n in range(12)],
    "gold": ["A", None, "B", *[None] * 9],
})  # fmt: skip
TIER = {"choose tier": {"a": "A", "b": "B"}}


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Any) -> dict[str, str]:
    """Where the workspace lies, as `qf.open` takes it."""
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    return {"target": target, "folder": str(tmp_path / "files")}


@pytest.fixture
def ws(place: dict[str, str]) -> Iterator[qf.Workspace]:
    """Give a workspace with the dataset `contacts`, on each database."""
    with qf.open(tracker="none", actor="ann", **place) as opened:
        opened.commit(ROWS, to="contacts", by=["id"])
        yield opened


@pytest.fixture
def lab(tmp_path: Any) -> Iterator[qf.Workspace]:
    """Give a workspace with the dataset `contacts` on SQLite."""
    with qf.open(str(tmp_path / "lab"), tracker="none", actor="ann") as opened:
        opened.commit(ROWS, to="contacts", by=["id"])
        yield opened


@pytest.fixture
def sit() -> Callable[..., Any]:
    """Give what sits somebody down to label tiers."""

    def sit_down(ws: qf.Workspace, labeler: str = "alice", **more: Any) -> Any:
        options = {name: more.pop(name) for name in ("where", "top", "scores") if name in more}
        return ws.label("contacts", as_=labeler, **options, **{**TIER, **more})

    return sit_down
