"""Export a table or its parts to files, with their hashes and a dataset card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError, Stopped
from qforge_jupyter.formats import croissant
from qforge_jupyter.formats._exporting import Exported, export, export_formats
from qforge_jupyter.formats.huggingface import split_names
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.convert import to_table
from qforge_jupyter.results.dataset_card import CardFacts, header, write_card
from qforge_jupyter.results.export import Export, snippets
from qforge_jupyter.results.split import Split
from qforge_jupyter.results.version import Version
from qforge_jupyter.verbs._card_facts import card_facts

#: It may take so long that it can run as a job.
IS_LONG = True
EXAMPLE = """\
%%qforge export calcs to exports/ --format jsonl,parquet,hf --card
description: GFN2-xTB properties of the molecules of set G2
licence: CC-BY-4.0
known limits: neutral molecules in the gas phase only
"""


class CardBody(BaseModel):
    """What people say of a dataset."""

    model_config = ConfigDict(extra="forbid")

    description: str = Field("", description="What the rows are.")
    owner: str = Field("", description="Who answers for them.")
    tags: list[str] = Field([], description="Words to find them by.")
    licence: str = Field("", description="Terms of use, as `CC-BY-4.0`.")
    known_limits: str = Field("", description="What they are not fit for.")
    citation: str = Field("", description="How to cite them.")


def run(
    context: Context,
    subject: Table | Split,
    *,
    to: str,
    format_: list[str] | None = None,
    card: bool = False,
    split: object | None = None,
    overwrite: bool = False,
    body: CardBody | None = None,
) -> Export:
    """Write a table to files; a folder is written whole or not at all.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table; or a split, each part of which is written by itself.
    to
        The folder, which is made.
    format_
        One or more of ``arrow``, ``csv``, ``hf``, ``jsonl``, ``parquet`` and
        ``tfrecord``, and ``croissant`` for a description beside them; Parquet
        when nothing is said.
    card
        Write a dataset card and Croissant beside the files; a body asks for
        them too.
    split
        A split of the table: each of its parts is written by itself.
    overwrite
        Replace an earlier export.
    body
        What the card says beside what is known.

    Raises
    ------
    CallError
        A format is none, or something stands in the folder already.
    ResourceError
        The disk is full or may not be written to.
    Stopped
        It was interrupted; what stood in the folder stands.

    """
    if isinstance(subject, Split):
        subject, split = _table_of(context, subject), subject
    asked = [name.lower() for name in format_ or ["parquet"]]
    is_described = card or body is not None or "croissant" in asked
    formats = export_formats([name for name in asked if name != "croissant"] or ["parquet"])
    if "croissant" in asked and not set(formats) & set(croissant.RECORDS_FROM):
        raise CallError("Croissant describes Parquet, CSV, JSONL or hf: add one to --format")
    parts = parts_of(subject, split)
    has_card = card or body is not None
    told = body.model_dump() if body else {}
    told["known limits"] = told.pop("known_limits", "")
    facts = (
        card_facts(context, subject, parts, split, told) if has_card else CardFacts(subject.name)
    )
    try:
        done = export(
            parts,
            Path(to),
            name=subject.name,
            formats=formats,
            beside=lambda made: _beside(made, facts, has_card=has_card, is_described=is_described),
            overwrite=overwrite,
            progress=context.progress,
        )
    except KeyboardInterrupt:
        raise Stopped("stopped; the folder is as it was") from None
    return Export(
        subject.name,
        subject.fingerprint,
        to,
        done.parts,
        tuple((name, str(dtype)) for name, dtype in done.schema.items()),
        formats,
        done.files,
        done.manifest,
        {name: version(name) for name in ("polars", "pyarrow", "numpy")},
        tuple(getattr(split, "sealed", ())),
        croissant.left_out(done.schema, done.files) if is_described else (),
    )


def _table_of(context: Context, split: Split) -> Table:
    """Give the table that was split, as the version that it was where it was one."""
    commit = context.store.commits.get(split.commit_id) if split.commit_id else None
    names = {each.id: each.name for each in context.store.datasets.list()} if commit else {}
    version = Version(names[commit.dataset_id], commit.id) if commit else None
    return Table(split.table, split.source, version=version)


def parts_of(subject: Table, split: Any) -> dict[str, Table]:
    """Give the parts that are written: those of a split that are not sealed, or the table.

    Raises
    ------
    CallError
        What was given is no split.

    """
    if split is None:
        return {"data": subject}
    if isinstance(split, Mapping):
        given: Any = split
    else:
        given = getattr(split, "part_names", None) or getattr(split, "parts", ())
    names = tuple(name for name in given if isinstance(name, str))
    if not names:
        raise CallError(
            f"`split` wants a split, or a dict of tables, and {type(split).__name__} came"
        )
    sealed = getattr(split, "sealed", ())
    return {name: to_table(split[name], name) for name in names if name not in sealed}


def _beside(
    made: Exported, facts: CardFacts, *, has_card: bool, is_described: bool
) -> dict[str, str]:
    """Write what stands beside the rows: cards, and what Hugging Face and Croissant read."""
    texts: dict[str, str] = {}
    splits = split_names([part for part, _, _ in made.parts]) if _has(made, "huggingface") else {}
    in_hf = [
        (splits[str(file.part)], file.path)
        for file in made.files
        if file.format == "huggingface" and file.path.endswith(".parquet")
    ]
    plain = [(str(f.part), f.path) for f in made.files if f.format == "parquet"]
    plain = [("train" if name == "data" and len(plain) == 1 else name, p) for name, p in plain]
    facts = replace(facts, snippets=snippets(made.files, has_croissant=is_described))
    if has_card:
        texts["README.md"] = write_card(facts, plain or in_hf)
    if in_hf:
        near = [(name, path.removeprefix("hf/")) for name, path in in_hf]
        texts["hf/README.md"] = (
            write_card(facts, near)
            if has_card
            else "\n".join([*header(facts, near), f"# {facts.name}", ""])
        )
    if is_described and any(_has(made, kind) for kind in croissant.RECORDS_FROM):
        texts["croissant.json"] = croissant.describe(
            facts.name, made.schema, made.files, _about(facts)
        )
    return texts


def _has(made: Exported, kind: str) -> bool:
    return any(file.format == kind for file in made.files)


def _about(facts: CardFacts) -> dict[str, Any]:
    """Give what is known of a dataset in the words of Croissant."""
    told = facts.told
    said = {
        "description": told.get("description") or f"{facts.name}, exported from Q-Forge.",
        "license": told.get("licence"),
        "citeAs": told.get("citation"),
        "keywords": list(told.get("tags") or ()),
    }
    creator = {"@type": "sc:Person", "name": told["owner"]} if told.get("owner") else None
    return {key: value for key, value in {**said, "creator": creator}.items() if value}
