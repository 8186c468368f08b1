"""From a draft to a commit: an id that is the SHA-256 over everything it says."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from qforge_jupyter.errors import CallError
from qforge_jupyter.results.changes import NewCommit
from qforge_jupyter.store.commits import KeptCommit
from qforge_jupyter.versions.drafting import Draft, write_state

LONGEST_MESSAGE = 10_000


def seal(  # noqa: PLR0913 — what a commit says of itself
    draft: Draft,
    *,
    dataset_id: str,
    keys: tuple[str, ...],
    parents: tuple[str, ...],
    author: str,
    message: str,
    at: datetime,
    n_forgettings: int | None = None,
) -> NewCommit:
    """Make a commit of a draft.

    Parameters
    ----------
    draft
        What the version consists of.
    parents
        Ids of the versions before: none, one, or two for a merge.
    at
        When, in UTC.
    n_forgettings
        How often rows of the dataset had been forgotten before it was read.

    Raises
    ------
    CallError
        The message is longer than a message can be.

    """
    if len(message) > LONGEST_MESSAGE:
        raise CallError(f"A message has {LONGEST_MESSAGE:,} characters at most: shorten it")
    counts = (draft.state.n_rows, draft.n_added, draft.n_removed, draft.n_modified)
    content = _content(
        [(role, file.sha256) for role, file in draft.files],
        parents=parents,
        author=author,
        message=message,
        at=at,
        counts=counts,
        fingerprint=draft.fingerprint,
        columns=draft.columns,
        keys=keys,
    )
    return NewCommit(
        id=_digest(content),
        dataset_id=dataset_id,
        parents=parents,
        author=author,
        message=message,
        committed_at=at,
        n_rows=counts[0],
        n_added=counts[1],
        n_removed=counts[2],
        n_modified=counts[3],
        fingerprint=draft.fingerprint,
        columns=draft.columns,
        objects=draft.files,
        detail={
            "keys": list(keys),
            "next_row": draft.next_row,
            "state": write_state(draft.state),
            **_forgotten(draft),
        },
        n_forgettings=n_forgettings,
    )


def _forgotten(draft: Draft) -> dict[str, Any]:
    """Carry on which rows of the version before were forgotten; none of them is counted here."""
    return {"forgotten": {"rows": list(draft.forgotten), "n_living": 0}} if draft.forgotten else {}


def id_of(commit: KeptCommit) -> str:
    """Hash a kept commit again: the same as its id if nothing of it was changed."""
    files = commit.detail.get("sealed_objects") or [
        (file.role, file.sha256) for file in commit.objects
    ]
    return _digest(
        _content(
            [(role, sha256) for role, sha256 in files],
            parents=commit.parents,
            author=commit.author,
            message=commit.message,
            at=commit.committed_at,
            counts=(commit.n_rows, commit.n_added, commit.n_removed, commit.n_modified),
            fingerprint=commit.fingerprint,
            columns=commit.columns,
            keys=tuple(commit.detail.get("keys", ())),
        )
    )


def _content(  # noqa: PLR0913 — what the id covers
    files: list[tuple[str, str]],
    *,
    parents: tuple[str, ...],
    author: str,
    message: str,
    at: datetime,
    counts: tuple[int, int, int, int],
    fingerprint: str,
    columns: tuple[tuple[str, str], ...],
    keys: tuple[str, ...],
) -> dict[str, Any]:
    names = ("n_rows", "n_added", "n_removed", "n_modified")
    return {
        "version": "qforge commit 1",
        "parents": list(parents),
        "author": author,
        "message": message,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        **dict(zip(names, counts, strict=True)),
        "fingerprint": fingerprint,
        "columns": [list(column) for column in columns],
        "keys": list(keys),
        "objects": [list(file) for file in files],
    }


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
