"""Exports written anew without rows that are forgotten."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qforge_jupyter.errors import FormatError, QForgeError
from qforge_jupyter.formats import croissant, manifest
from qforge_jupyter.formats._exporting import Exported, export
from qforge_jupyter.frames import Table
from qforge_jupyter.results.dataset_card import CardFacts, write_card
from qforge_jupyter.results.progress import Progress
from qforge_jupyter.results.run import LineageStep
from qforge_jupyter.verbs._card_facts import part_facts
from qforge_jupyter.versions.mentions import Mentions

_COLUMNS = re.compile(r"^## Parts and columns\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
#: What a description says of a dataset beside its files.
_ABOUT = ("description", "license", "citeAs", "keywords", "creator")
GONE = "The rest of this card showed rows that were forgotten and is gone with them."


@dataclass(frozen=True)
class Rewriting:
    """What became of exports.

    Parameters
    ----------
    steps
        One for each that was written anew.
    left
        Why each of the others stays as it is, and which it is.

    """

    steps: tuple[LineageStep, ...] = ()
    left: tuple[tuple[str, str], ...] = ()


def rewrite(
    folders: Collection[str], written: Collection[str], mentions: Mentions, progress: Progress
) -> Rewriting:
    """Write each export without the rows, whole or not at all.

    Parameters
    ----------
    folders
        Into which the rows were exported.
    written
        Starts of the hashes of all manifests that exports are known to have written.
    mentions
        What shows the rows.
    progress
        Told the rows that are written.

    """
    steps, left = [], []
    for folder in dict.fromkeys(folders):
        try:
            step = _without(Path(folder), written, mentions, progress)
        except (QForgeError, OSError) as problem:
            left.append((f"export: {_why(problem)}", folder))
        else:
            steps += [step] if step else []
    return Rewriting(tuple(steps), tuple(left))


def _why(problem: Exception) -> str:
    return "its files cannot be read" if isinstance(problem, OSError) else str(problem)


def _without(
    folder: Path, written: Collection[str], mentions: Mentions, progress: Progress
) -> LineageStep | None:
    said = _intact(folder, written)
    tables = {}
    n_gone = 0
    for part in (str(each["name"]) for each in said["parts"]):
        frame = manifest.read(folder / "manifest.json", part=part).lazy.collect()
        mask = mentions.rows_in(frame)
        n_gone += int(mask.sum())
        tables[part] = Table.of_frame(part, frame.filter(~mask))
    if not n_gone:
        return None
    formats = tuple(dict.fromkeys(f["format"] for f in said["files"] if f["part"] is not None))
    beside = {
        file["path"]: (folder / file["path"]).read_text(encoding="utf-8")
        for file in said["files"]
        if file["part"] is None and file["path"].endswith((".md", "croissant.json"))
    }
    done = export(
        tables,
        folder,
        name=said["name"],
        formats=formats,
        beside=lambda made: _beside(said["name"], tables, made, beside, mentions),
        overwrite=True,
        progress=progress,
    )
    parameters = {"folder": str(folder), "formats": list(formats), "n_forgotten": n_gone}
    return LineageStep(
        f"export of {said['name']}", done.manifest[:32], said["name"], "export", parameters
    )


def _intact(folder: Path, written: Collection[str]) -> dict[str, Any]:
    """Read the manifest of an export whose files are as they were written."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise FormatError("no longer there, or without its manifest")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest()[:32] not in written:
        raise FormatError("written anew since by something else")
    said: dict[str, Any] = json.loads(data)
    for file in said["files"]:
        found = folder / str(file["path"])
        if not found.is_file():
            raise FormatError("a file of it is missing")
        with found.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != file["sha256"]:
                raise FormatError("a file of it was changed since")
    return said


def _beside(
    name: str,
    tables: Mapping[str, Table],
    made: Exported,
    before: Mapping[str, str],
    mentions: Mentions,
) -> dict[str, str]:
    """Write cards and descriptions anew: counts, columns and hashes are other ones now."""
    texts = {}
    for path, text in before.items():
        if path.endswith(".md"):
            texts[path] = _card(name, tables, text, mentions)
        else:
            said = json.loads(text)
            about = {key: said[key] for key in _ABOUT if key in said}
            texts[path] = croissant.describe(name, made.schema, made.files, about)
    return texts


def _card(name: str, tables: Mapping[str, Table], text: str, mentions: Mentions) -> str:
    if _COLUMNS.search(text):
        parts = tuple(part_facts(part, table) for part, table in tables.items())
        now = _COLUMNS.search(write_card(CardFacts(name, parts), ()))
        text = _COLUMNS.sub(lambda _: now.group() if now else "", text)
    if mentions.in_bytes(text.encode(), "text/markdown"):
        head, _, _ = text.partition(f"# {name}")
        return f"{head}# {name}\n\n{GONE}\n"
    return text
