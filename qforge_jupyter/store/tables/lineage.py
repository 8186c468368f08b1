"""How a dataset came about, and who approved of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped

from qforge_jupyter.store.tables.foundation import (
    Identified,
    Schema,
    at_least_zero,
    belongs,
    index,
    index_of_any_length,
    table,
)


class LineageRow(Identified, Schema):
    """One step from source to dataset."""

    __tablename__ = "lineage"
    __table_args__ = table(
        at_least_zero("position"),
        at_least_zero("seconds"),
        belongs("run_id", "run"),
        index("run_id", "position"),
        index_of_any_length("fingerprint"),
        index_of_any_length("dataset"),
    )

    run_id: Mapped[str | None]
    position: Mapped[int]
    dataset: Mapped[str]
    fingerprint: Mapped[str]
    source: Mapped[str]
    method: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    software: Mapped[dict[str, Any]]
    seconds: Mapped[float | None]
    resource: Mapped[str]
    inputs: Mapped[list[Any]]
    notebook: Mapped[str]
    cell: Mapped[str]
    git_commit: Mapped[str]
    approved_by: Mapped[str]
    approved_at: Mapped[datetime | None]
    reason: Mapped[str]
