"""Hugging Face: a folder that both ``load_from_disk`` and ``load_dataset`` take."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from qforge_jupyter.errors import CallError, FormatError
from qforge_jupyter.formats import arrow, parquet
from qforge_jupyter.formats._arrow_form import arrow_schema, arrow_table
from qforge_jupyter.formats._description import chosen, described, inside
from qforge_jupyter.formats._reading import Reading, Source

TITLE = "Hugging Face"
SUFFIXES = ()
IS_LAZY = False
IS_DESCRIPTION = True
#: What `datasets` lets a split be called.
_SPLIT = re.compile(r"\w+(\.\w+)*")
_DATA = "data-00000-of-00001.arrow"
Batches = Callable[[], Iterable[pl.DataFrame]]


def recognises(head: bytes) -> bool:
    r"""Say whether the bytes are a description of `datasets`.

    Examples
    --------
    >>> recognises(b'{"splits": ["train"]}'), recognises(b'{"splits": 1, "a": 2}')
    (True, False)

    """
    start = head.lstrip()
    if not start.startswith(b"{"):
        return False
    if b'"_data_files"' in head or (b'"builder_name"' in head and b'"features"' in head):
        return True
    return re.fullmatch(rb'\{\s*"splits"\s*:\s*\[[^\]]*\]\s*\}\s*', head) is not None


def read(path: Path | Source, *, part: str | None = None) -> Reading:
    """Read what ``save_to_disk`` wrote.

    Parameters
    ----------
    path
        ``dataset_dict.json``, ``state.json`` or ``dataset_info.json`` of the folder.
    part
        The split that is wanted; all under each other when None.

    Raises
    ------
    FormatError
        A file is missing or damaged, or there is no such part.

    """
    source = Source.of(path)
    folder, said = described(source, "a Hugging Face dataset")
    if "splits" in said and "_data_files" not in said and isinstance(said["splits"], list):
        splits = chosen([str(name) for name in said["splits"]], part, source.label)
        states = [inside(folder, f"{name}/state.json", source.label) for name in splits]
    else:
        states = [inside(folder, "state.json", source.label)]
    lazies = [lazy for state in states for lazy in _shards(state)]
    if not lazies:
        raise FormatError(f"{source.label} names no files of rows: save the dataset again")
    return Reading(pl.concat(lazies, how="vertical") if len(lazies) > 1 else lazies[0])


def _shards(state: Path) -> list[pl.LazyFrame]:
    source = Source.of(state)
    folder, said = described(source, "a Hugging Face dataset")
    shards = said.get("_data_files")
    if not isinstance(shards, list) or not all(isinstance(shard, dict) for shard in shards):
        raise FormatError(f"{source.label} is damaged: it does not say where the rows are")
    return [arrow.read(inside(folder, one.get("filename"), source.label)).lazy for one in shards]


def split_names(parts: Iterable[str]) -> dict[str, str]:
    """Give each part the name of a split; a table that is not divided is ``train``.

    Raises
    ------
    CallError
        A part has a name that no split may have.

    Examples
    --------
    >>> split_names(["train", "test"]), split_names(["data"])
    ({'train': 'train', 'test': 'test'}, {'data': 'train'})

    """
    names = list(parts)
    if len(names) == 1:
        return {names[0]: "train" if names[0] == "data" else names[0]}
    for name in names:
        if not _SPLIT.fullmatch(name) or name == "all":
            raise CallError(
                f"Hugging Face has no split named {name!r}: name the part with letters, digits "
                "and _, and not 'all'"
            )
    return {name: name for name in names}


def write_folder(
    parts: Mapping[str, Batches], schema: pl.Schema, folder: Path, fingerprints: Mapping[str, str]
) -> list[tuple[str, Path]]:
    """Write both layouts into one folder; give each part's files.

    Parameters
    ----------
    parts
        What gives each split's batches, as often as it is called.
    schema
        Columns of every part.
    folder
        Where; it exists.
    fingerprints
        What tells each split's content.

    """
    written: list[tuple[str, Path]] = []
    (folder / "data").mkdir()
    for name, batches in parts.items():
        here = folder / name
        here.mkdir(exist_ok=True)
        rows = here / _DATA
        _write_stream(batches(), schema, rows)
        _write_json(here / "state.json", _state(name, fingerprints[name]))
        _write_json(
            here / "dataset_info.json", {"citation": "", "description": "", "features": None}
        )
        table = folder / "data" / f"{name}-00000-of-00001.parquet"
        parquet.write_batches(batches(), schema, table)
        written += [(name, rows), (name, table)]
    _write_json(folder / "dataset_dict.json", {"splits": list(parts)})
    return written


def _state(split: str, fingerprint: str) -> dict[str, Any]:
    return {
        "_data_files": [{"filename": _DATA}],
        "_fingerprint": fingerprint[:16],
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": split,
    }


def _write_stream(batches: Iterable[pl.DataFrame], schema: pl.Schema, path: Path) -> None:
    from pyarrow import ipc

    with path.open("wb") as file:
        shape = arrow_schema(schema)
        with ipc.new_stream(file, shape) as writer:
            for batch in batches:
                writer.write_table(arrow_table(batch).cast(shape))


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, sort_keys=True, indent=1) + "\n", encoding="utf-8")


def restore(path: Path, schema: pl.Schema) -> pl.LazyFrame:
    """Read a part's Parquet file, with the types that the columns had."""
    return parquet.restore(path, schema)
