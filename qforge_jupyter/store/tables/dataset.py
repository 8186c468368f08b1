"""Datasets and their versions: commits, branches, tags and the files they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from qforge_jupyter.store.tables.foundation import (
    Identified,
    Kept,
    Name,
    Schema,
    at_least_zero,
    belongs,
    digest,
    index,
    index_of_any_length,
    one_of,
    share,
    table,
)


class DatasetRow(Identified, Schema):
    """A named, versioned set of rows."""

    __tablename__ = "dataset"
    __table_args__ = table(
        one_of("status", "active", "archived", "deleted"),
        belongs("parent_id", "dataset"),
        index("parent_id"),
        index("name", unique=True, where="status = 'active'"),
    )

    name: Mapped[Name]
    description: Mapped[str] = mapped_column(default="")
    owner: Mapped[str]
    status: Mapped[str] = mapped_column(default="active")
    tags: Mapped[list[Any]] = mapped_column(default=list)
    collection: Mapped[dict[str, Any]] = mapped_column(default=dict)
    parent_id: Mapped[str | None]


class CommitRow(Identified, Schema):
    """One version; its id is the SHA-256 over what it holds."""

    __tablename__ = "commit"
    __table_args__ = table(
        digest("id"),
        share("quality_score"),
        *(at_least_zero(f"n_{what}") for what in ("rows", "added", "removed", "modified")),
        belongs("dataset_id", "dataset", dies_with=True),
        index("dataset_id", "committed_at"),
        index_of_any_length("fingerprint"),
    )

    dataset_id: Mapped[str]
    parents: Mapped[list[Any]]
    author: Mapped[str]
    message: Mapped[str]
    committed_at: Mapped[datetime]
    n_rows: Mapped[int]
    n_added: Mapped[int]
    n_removed: Mapped[int]
    n_modified: Mapped[int]
    fingerprint: Mapped[str]
    columns: Mapped[list[Any]]
    quality_score: Mapped[float | None]


class RefRow(Identified, Schema):
    """A branch or a tag: a name for a commit."""

    __tablename__ = "ref"
    __table_args__ = table(
        one_of("kind", "branch", "tag"),
        belongs("dataset_id", "dataset", dies_with=True),
        belongs("head", "commit"),
        index("dataset_id", "name", unique=True),
        index("head"),
    )

    dataset_id: Mapped[str]
    kind: Mapped[str]
    name: Mapped[Name]
    head: Mapped[str | None]


class ObjectRow(Kept, Schema):
    """A file in the object store that something refers to."""

    __tablename__ = "object"
    __table_args__ = table(digest("sha256"), at_least_zero("n_bytes"))

    sha256: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    n_bytes: Mapped[int]


class CommitObjectRow(Kept, Schema):
    """Which files make up a version, in which order."""

    __tablename__ = "commit_object"
    __table_args__ = table(
        one_of("role", "base", "delta", "tombstones", "row_hashes"),
        at_least_zero("position"),
        belongs("commit_id", "commit", dies_with=True),
        belongs("sha256", "object", key="sha256"),
        index("sha256"),
    )

    commit_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str]
    sha256: Mapped[str]
