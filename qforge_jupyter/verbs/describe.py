"""Show what is known of a stored dataset, and say what it is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.changes import EditDataset
from qforge_jupyter.results.described import Described
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.verbs._split_parts import refuse_part
from qforge_jupyter.versions.references import read_reference, require_dataset, resolve

EXAMPLE = """\
%%qforge describe golden/tiers
description: Companies and the contact tier that people gave them
owner: ann
tags: [golden, sales]
metadata: {source: CRM export of May}
"""


class About(BaseModel):
    """What people say of a dataset; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    description: str | None = Field(None, description="What the rows are.")
    owner: str | None = Field(None, description="Who answers for them.")
    tags: list[str] | None = Field(None, description="Words to find it by.")
    metadata: dict[str, str] | None = Field(None, description="Anything else, by name.")


def run(context: Context, subject: str, *, body: About | None = None) -> Described:
    """Show a dataset; a body changes what is said of it, and the change is in the audit log.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The dataset, or a version of it.
    body
        What is said from now on.

    """
    reference = read_reference(subject)
    if reference is None:
        raise CallError(f"{subject[:60]!r} is no dataset: write its name")
    refuse_part(context, subject, "describe the dataset, or take the part's rows with `unseal`")
    kept = require_dataset(context.store, reference.dataset)
    told = _told(kept, body or About())
    is_changed = body is not None and told != _told(kept, About())
    commit = resolve(context.store, kept, reference.ref, reference.back)
    commits = {each.id: each for each in context.store.commits.of(kept.id)}
    parent = context.store.datasets.get(kept.parent_id) if kept.parent_id else None
    splits = context.store.splits.list()
    return Described(
        kept.name,
        told.description or "",
        told.owner or "",
        tuple(told.tags or ()),
        kept.keys,
        parent.name if parent else "",
        told.metadata or {},
        commit.n_rows - commit.n_forgotten,
        len(commits),
        commit.columns,
        tuple(
            (each.kind, each.name, commits[each.head].n_rows)
            for each in context.store.refs.of(kept.id)
            if each.head in commits
        ),
        tuple(
            (each.name, each.strategy, ", ".join(each.sealed))
            for each in splits
            if each.commit_id in commits
        ),
        len(kept.tombstones),
        (EditDataset(kept.id, told.model_dump()),) if is_changed else (),
    )


def _told(kept: KeptDataset, body: About) -> About:
    """Lay what is said now over what was said before; secrets are cut out."""
    return About(
        description=_or(body.description, kept.description),
        owner=_or(body.owner, kept.owner),
        tags=[redact(tag) for tag in body.tags] if body.tags is not None else list(kept.tags),
        metadata={
            redact(name): redact(value)
            for name, value in (
                body.metadata if body.metadata is not None else kept.metadata
            ).items()
        },
    )


def _or(new: str | None, old: str) -> str:
    return redact(new) if new is not None else old
