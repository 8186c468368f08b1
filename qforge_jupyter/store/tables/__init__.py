"""The tables, one file per kind of row."""

from qforge_jupyter.store.tables.dataset import (
    CommitObjectRow,
    CommitRow,
    DatasetRow,
    ObjectRow,
    RefRow,
)
from qforge_jupyter.store.tables.event import EventRow
from qforge_jupyter.store.tables.foundation import Kept, Schema
from qforge_jupyter.store.tables.job import CheckpointRow, JobRow
from qforge_jupyter.store.tables.labeling import LabelEventRow, LabelingSessionRow
from qforge_jupyter.store.tables.lineage import LineageRow
from qforge_jupyter.store.tables.run import FindingRow, MetricRow, RunRow, SignatureRow
from qforge_jupyter.store.tables.training import (
    FeatureSetRow,
    ModelRow,
    PredictionRow,
    SplitRow,
)
from qforge_jupyter.store.tables.workspace import StateRow, WorkspaceRow

#: Tables to which rows are added and in which none is changed or deleted.
APPEND_ONLY = ("event", "label_event")

__all__ = [
    "APPEND_ONLY",
    "CheckpointRow",
    "CommitObjectRow",
    "CommitRow",
    "DatasetRow",
    "EventRow",
    "FeatureSetRow",
    "FindingRow",
    "JobRow",
    "Kept",
    "LabelEventRow",
    "LabelingSessionRow",
    "LineageRow",
    "MetricRow",
    "ModelRow",
    "ObjectRow",
    "PredictionRow",
    "RefRow",
    "RunRow",
    "Schema",
    "SignatureRow",
    "SplitRow",
    "StateRow",
    "WorkspaceRow",
]
