"""What a call changes in the store, beside its run: applied in the run's own transaction.

A verb computes and returns; it writes nothing itself. What has to change
travels with its result as these records, and the store applies them together
with the run, so that either all of a call is kept or nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from qforge_jupyter.results.jobs import FinishJob
from qforge_jupyter.results.kept_predictions import DropPredictions, NewPredictions
from qforge_jupyter.results.label_events import LabelingSession, NewLabel
from qforge_jupyter.results.run import Artifact
from qforge_jupyter.results.signatures import Signature


@dataclass(frozen=True)
class NewDataset:
    """A dataset that did not exist.

    Parameters
    ----------
    id
        Made in Python, so that the changes after this one can name it.
    name
        What people call it; unique among the active ones.
    keys
        Columns whose values name a row; none where rows are known by content.

    """

    id: str
    name: str
    owner: str
    keys: tuple[str, ...] = ()
    description: str = ""
    tags: tuple[str, ...] = ()
    parent_id: str | None = None


@dataclass(frozen=True)
class EditDataset:
    """What is said of a dataset from now on: description, owner, tags, metadata."""

    dataset_id: str
    told: dict[str, Any]


@dataclass(frozen=True)
class NewCommit:
    """A version of a dataset; `id` is the SHA-256 over all of it.

    Parameters
    ----------
    objects
        Role and file, in the order in which they are laid over each other.
    columns
        Names and types of Polars, in order.
    detail
        What else the version has to remember, as JSON.

    """

    id: str
    dataset_id: str
    parents: tuple[str, ...]
    author: str
    message: str
    committed_at: datetime
    n_rows: int
    n_added: int
    n_removed: int
    n_modified: int
    fingerprint: str
    columns: tuple[tuple[str, str], ...]
    objects: tuple[tuple[str, Artifact], ...]
    quality_score: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    #: How often rows of the dataset had been forgotten when this was drafted; None if unknown.
    n_forgettings: int | None = None


@dataclass(frozen=True)
class MoveRef:
    """Point a branch or a tag from one commit to another, if it still points there.

    ``old`` is None for a new name, ``new`` is None to take the name away.
    """

    dataset_id: str
    kind: Literal["branch", "tag"]
    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class NewSplit:
    """A partition; ``assignment`` names the frame of the result that holds it.

    Parameters
    ----------
    follows
        Id of the split that was the last one of this name when this one was made; empty
        where there was none.

    """

    id: str
    name: str
    fingerprint: str
    strategy: str
    seed: int
    fractions: dict[str, float]
    counts: dict[str, Any]
    assignment: str
    follows: str = ""
    commit_id: str | None = None
    stratify_by: str = ""
    group_by: str = ""
    n_folds: int = 0
    quality_threshold: float | None = None
    row_filter: str = ""
    leakage: dict[str, Any] = field(default_factory=dict)
    sealed: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NewFeatureSet:
    """A version of a set of features; ``values`` names the frame that holds them."""

    id: str
    name: str
    version: str
    kind: str
    names: tuple[str, ...]
    correlation: dict[str, Any]
    values: str
    parameters: dict[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    git_commit: str = ""


@dataclass(frozen=True)
class NewModel:
    """A model that was trained; the store gives it the next version of its name.

    Parameters
    ----------
    kind
        What it does: regression or classification.
    properties
        Split, feature set, scores, verdicts and hash of its code.
    entry_point
        Module and class.
    repeats
        Id of the model whose training was repeated; that of the first, where it was one itself.
    weights_sha256
        Of the file with its weights, where the run keeps one.

    """

    id: str
    name: str
    kind: str
    is_approved: bool
    properties: dict[str, Any]
    entry_point: str = ""
    repeats: str = ""
    weights_sha256: str = ""


@dataclass(frozen=True)
class NewSignature:
    """The signature of a check.

    Parameters
    ----------
    id
        Of the run that checked; empty for the run that this belongs to.
    about
        What the check said, and of which tables.

    """

    id: str
    signature: Signature
    about: dict[str, Any]


@dataclass(frozen=True)
class NameSignature:
    """What a check's damage is called from now on; its signature is kept where it is not yet."""

    of: NewSignature
    mode: str
    note: str = ""


@dataclass(frozen=True)
class ErasedVersion:
    """A version whose files no longer hold some rows; its id stays.

    Parameters
    ----------
    objects
        Role and file of all of it, in the order in which they are laid.
    rows
        Numbers of every row that was ever forgotten in it.
    n_living
        How many of these it listed.

    """

    commit_id: str
    objects: tuple[tuple[str, Artifact], ...]
    rows: tuple[int, ...]
    n_living: int


@dataclass(frozen=True)
class RedactedRun:
    """What a run says once values of forgotten rows are cut out.

    Parameters
    ----------
    findings, lineage
        By their place: fields of a finding, parameters of a step.
    artifacts
        Its files, of which some were written anew.

    """

    run_id: str
    report: dict[str, Any] | None
    options: dict[str, Any]
    error_message: str
    findings: dict[int, dict[str, Any]] = field(default_factory=dict)
    lineage: dict[int, dict[str, Any]] = field(default_factory=dict)
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True)
class RedactedJob:
    """What a job says once values of forgotten rows are cut out."""

    job_id: str
    call: dict[str, Any]
    doing: str
    error_message: str


@dataclass(frozen=True)
class ForgetRows:
    """Rows that are taken out of every version and of what was recorded of them.

    Parameters
    ----------
    datasets
        Ids of those that held the rows.
    n_events
        Length of the audit log when this was planned: whatever came since may hold the rows.
    salt
        Of the workspace; the ids of the tombstones were made with it.
    tombstones
        One id a row, from which the row cannot be read.
    files
        SHA-256 of those whose bytes go.
    moved
        By the hash of a table of a run that held the rows, the table without them.

    """

    datasets: tuple[str, ...]
    reason: str
    at: datetime
    n_events: int
    salt: str
    tombstones: tuple[str, ...]
    versions: tuple[ErasedVersion, ...]
    files: tuple[str, ...]
    runs: tuple[RedactedRun, ...] = ()
    moved: dict[str, Artifact] = field(default_factory=dict)
    jobs: tuple[RedactedJob, ...] = ()


@dataclass(frozen=True)
class NewSession:
    """A labeling session that did not exist."""

    session: LabelingSession


@dataclass(frozen=True)
class NewLabels:
    """Labels that a call gives, each a submission of its own: one can be taken back alone.

    Parameters
    ----------
    n_events
        Position of the last label of the workspace when these were worked out; labels of
        the same dataset that came since may have settled something else.

    """

    session_id: str
    submission: str
    labels: tuple[NewLabel, ...]
    n_events: int
    at: datetime
    commit_id: str | None = None


@dataclass(frozen=True)
class ForgetLabels:
    """What was said of forgotten rows, by dataset: key of the row and its tombstone."""

    items: tuple[tuple[str, str, str], ...]


Change = (
    NewDataset
    | EditDataset
    | NewCommit
    | MoveRef
    | NewSplit
    | NewFeatureSet
    | NewModel
    | NewPredictions
    | DropPredictions
    | NewSignature
    | NameSignature
    | ForgetRows
    | NewSession
    | NewLabels
    | ForgetLabels
    | FinishJob
)
