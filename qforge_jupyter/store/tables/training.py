"""What training needs of a dataset: splits, features, models, predictions."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from qforge_jupyter.store.tables.foundation import (
    Identified,
    Name,
    Schema,
    at_least_zero,
    belongs,
    index,
    index_of_any_length,
    one_of,
    share,
    table,
)


class SplitRow(Identified, Schema):
    """A partition of a version; the assignments of rows lie in an object."""

    __tablename__ = "split"
    __table_args__ = table(
        at_least_zero("n_folds"),
        share("quality_threshold"),
        belongs("run_id", "run"),
        belongs("commit_id", "commit"),
        belongs("assignments", "object", key="sha256"),
        index("run_id"),
        index("commit_id"),
        index("assignments"),
        index("name", "created_at"),
        index_of_any_length("fingerprint"),
    )

    name: Mapped[Name]
    run_id: Mapped[str | None]
    commit_id: Mapped[str | None]
    fingerprint: Mapped[str]
    strategy: Mapped[str]
    seed: Mapped[int]
    fractions: Mapped[dict[str, Any]]
    stratify_by: Mapped[str] = mapped_column(default="")
    group_by: Mapped[str] = mapped_column(default="")
    n_folds: Mapped[int] = mapped_column(default=0)
    quality_threshold: Mapped[float | None]
    row_filter: Mapped[str] = mapped_column(default="")
    counts: Mapped[dict[str, Any]]
    leakage: Mapped[dict[str, Any]] = mapped_column(default=dict)
    assignments: Mapped[str | None]


class FeatureSetRow(Identified, Schema):
    """A versioned set of features; their values lie in an object."""

    __tablename__ = "feature_set"
    __table_args__ = table(
        at_least_zero("n_features"),
        belongs("run_id", "run"),
        belongs("feature_values", "object", key="sha256"),
        index("run_id"),
        index("feature_values"),
        index("name", "version", unique=True),
    )

    name: Mapped[Name]
    version: Mapped[Name]
    kind: Mapped[str]
    run_id: Mapped[str | None]
    n_features: Mapped[int]
    names: Mapped[list[Any]]
    correlation: Mapped[dict[str, Any]] = mapped_column(default=dict)
    parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    depends_on: Mapped[list[Any]] = mapped_column(default=list)
    git_commit: Mapped[str] = mapped_column(default="")
    feature_values: Mapped[str | None]


class ModelRow(Identified, Schema):
    """A model that predicts: what it gives and which weights it has."""

    __tablename__ = "model"
    __table_args__ = table(
        one_of("status", "registered", "approved", "retired"),
        belongs("run_id", "run"),
        index("run_id"),
        index("name", "version", unique=True),
    )

    name: Mapped[Name]
    version: Mapped[Name]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="registered")
    run_id: Mapped[str | None]
    properties: Mapped[dict[str, Any]]
    entry_point: Mapped[str] = mapped_column(default="")
    weights_sha256: Mapped[str] = mapped_column(default="")


class PredictionRow(Identified, Schema):
    """One cached prediction; ``input_hash`` covers structure and parameters."""

    __tablename__ = "prediction"
    __table_args__ = table(
        share("confidence"),
        belongs("model_id", "model", dies_with=True),
        belongs("run_id", "run"),
        belongs("bulk", "object", key="sha256"),
        index("model_id", "input_hash", unique=True),
        index("run_id"),
        index("bulk"),
        index_of_any_length("subject_id"),
    )

    model_id: Mapped[str]
    run_id: Mapped[str | None]
    subject_id: Mapped[str]
    input_hash: Mapped[Name]
    properties: Mapped[dict[str, Any]]
    confidence: Mapped[float | None]
    reference: Mapped[dict[str, Any]] = mapped_column(default=dict)
    comparison: Mapped[dict[str, Any]] = mapped_column(default=dict)
    bulk: Mapped[str | None]
