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


def fields_of(schema: pl.Schema, kind: str, file: str, record_set: str) -> list[dict[str, Any]]:
    """Describe every column of a file.

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
    if kind == "csv":
        flat = [(leaf.name, leaf.dtype) for leaf in leaves(schema)]
        return [_field(name, dtype, file, record_set, is_text=True) for name, dtype in flat]
    is_text = kind == "jsonl"
    return [_field(name, dtype, file, record_set, is_text=is_text) for name, dtype in schema.items()]


def _field(
    name: str, dtype: pl.DataType, file: str, parent: str, *, is_text: bool
) -> dict[str, Any]:
    place = {"fileObject": {"@id": file}, "extract": {"column": name}}
    found: dict[str, Any] = {"@type": "cr:Field", "@id": f"{parent}/{name}", "name": name}
    if isinstance(dtype, pl.Struct) and not (is_text and file.endswith(".csv")):
        parts = _sub_fields(dtype, place, found["@id"], "$")
        if parts:
            return found | {"subField": parts}
    is_list = isinstance(dtype, pl.List | pl.Array)
    item = inner(dtype) if isinstance(dtype, pl.List | pl.Array) else dtype
    found |= {"dataType": _data_type(item, is_text=is_text), "source": place}
    return found | ({"repeated": True} if is_list and not file.endswith(".csv") else {})


def _sub_fields(
    dtype: pl.Struct, place: dict[str, Any], parent: str, path: str
) -> list[dict[str, Any]]:
    """Describe a struct's fields; nothing where a name is none that a JSON path can say."""
    found: list[dict[str, Any]] = []
    for name, kind in fields(dtype):
        if not re.fullmatch(r"[A-Za-z_]\w*", name) or kind.is_nested():
            return []
        source = place | {"transform": {"jsonPath": f"{path}.{name}"}}
        found.append({
            "@type": "cr:Field", "@id": f"{parent}/{name}", "name": name,
            "dataType": _data_type(kind, is_text=True), "source": source,
        })  # fmt: skip
    return found


def _data_type(dtype: pl.DataType, *, is_text: bool) -> str:
    """Name a type; in text files what is no number stays what is written there."""
    if isinstance(dtype, pl.Boolean):
        return "sc:Boolean"
    if dtype.is_integer() and not isinstance(dtype, pl.Int128 | pl.UInt128):
        return "sc:Integer"
    if dtype.is_float():
        return "sc:Float"
    if isinstance(dtype, pl.Date) and not is_text:
        return "sc:Date"
    return "sc:DateTime" if isinstance(dtype, pl.Datetime) and not is_text else "sc:Text"
