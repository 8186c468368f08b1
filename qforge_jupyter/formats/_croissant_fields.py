"""The columns of a table in the words of Croissant."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from qforge_jupyter.formats._flattening import leaves
from qforge_jupyter.formats._types import fields, inner

CONTEXT: dict[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs",
    "column": "cr:column", "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract",
    "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
    "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
    "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source",
    "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip


def fields_of(
    schema: pl.Schema, kind: str, file: str, record_set: str
) -> tuple[list[dict[str, Any]], list[str]]:
    """Describe the columns of a file; also name those for which there are no words.

    Parameters
    ----------
    schema
        What was exported.
    kind
        The file's format; CSV has flat columns of text and numbers.
    file
        Id of the file.
    record_set
        Id of what the fields belong to.

    """
    found: dict[str, dict[str, Any] | None]
    if kind == "csv":
        found = {
            leaf.name: _field(leaf.name, _in_csv(leaf.dtype), file, record_set, is_text=True)
            for leaf in leaves(schema)
        }
    else:
        is_text = kind == "jsonl"
        found = {
            name: _field(name, dtype, file, record_set, is_text=is_text)
            for name, dtype in schema.items()
        }
    untold = [name for name, field in found.items() if field is None]
    return [field for field in found.values() if field is not None], untold


def _in_csv(dtype: pl.DataType) -> pl.DataType:
    return pl.String() if dtype.is_nested() else dtype


def _field(
    name: str, dtype: pl.DataType, file: str, parent: str, *, is_text: bool
) -> dict[str, Any] | None:
    place = {"fileObject": {"@id": file}, "extract": {"column": name}}
    found: dict[str, Any] = {"@type": "cr:Field", "@id": f"{parent}/{name}", "name": name}
    if isinstance(dtype, pl.Struct):
        parts = _sub_fields(dtype, place, found["@id"])
        return found | {"subField": parts} if parts else None
    is_list = isinstance(dtype, pl.List | pl.Array)
    while isinstance(dtype, pl.List | pl.Array):
        dtype = inner(dtype)
    said = _data_type(dtype, is_text=is_text)
    if said is None:
        return None
    found |= {"dataType": said, "source": place}
    return found | ({"repeated": True} if is_list else {})


def _sub_fields(dtype: pl.Struct, place: dict[str, Any], parent: str) -> list[dict[str, Any]]:
    """Describe a struct's fields; none where one of them cannot be."""
    found: list[dict[str, Any]] = []
    for name, kind in fields(dtype):
        said = None if kind.is_nested() else _data_type(kind, is_text=True)
        if said is None or not re.fullmatch(r"[A-Za-z_]\w*", name):
            return []
        source = place | {"transform": {"jsonPath": f"$.{name}"}}
        found.append({
            "@type": "cr:Field", "@id": f"{parent}/{name}", "name": name,
            "dataType": said, "source": source,
        })  # fmt: skip
    return found


def _data_type(dtype: pl.DataType, *, is_text: bool) -> str | None:
    """Name a type; in text files what is no number stays what is written there."""
    if isinstance(dtype, pl.Boolean):
        return "sc:Boolean"
    if dtype.is_integer() and not isinstance(dtype, pl.Int128 | pl.UInt128):
        return "sc:Integer"
    if dtype.is_float():
        return "sc:Float"
    if isinstance(dtype, pl.Struct) or (isinstance(dtype, pl.Duration) and not is_text):
        return None
    if is_text:
        return "sc:Integer" if isinstance(dtype, pl.Duration) else "sc:Text"
    typed = ((pl.Date, "sc:Date"), (pl.Datetime, "sc:DateTime"), (pl.Time, "sc:Time"))
    known = next((said for kind, said in typed if isinstance(dtype, kind)), "sc:Text")
    return "sc:Float" if isinstance(dtype, pl.Decimal) else known
