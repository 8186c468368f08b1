"""The columns of a table in the words of Croissant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from qforge_jupyter.formats._flattening import Leaf, leaves
from qforge_jupyter.formats._types import fields, inner
from qforge_jupyter.frames.columns import unique_names

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
    if kind == "csv":
        columns = [(leaf.name, _in_csv(leaf)) for leaf in leaves(schema)]
    else:
        columns = list(schema.items())
    place = _Place(file, is_text=kind in ("csv", "jsonl"))
    ids = ids_of([name for name, _ in columns])
    made = [
        _column(name, dtype, place, f"{record_set}/{own}")
        for own, (name, dtype) in zip(ids, columns, strict=True)
    ]
    untold = [each for _, names in made for each in names]
    return [field for field, _ in made if field is not None], untold


def ids_of(names: Sequence[str]) -> list[str]:
    """Give names the form that ids have, for which white space is not allowed.

    Examples
    --------
    >>> ids_of(["gap", "dipole moment", "dipole_moment"])
    ['gap', 'dipole_moment', 'dipole_moment_2']

    """
    return unique_names([re.sub(r"[^\w.-]", "_", name) or "_" for name in names])[0]


#: A field, and the names of what in it there are no words for.
_Made = tuple[dict[str, Any] | None, list[str]]


@dataclass(frozen=True)
class _Place:
    """Where the cells of a column are found: the file, the column, the path within the cell."""

    file: str
    is_text: bool
    column: str = ""
    path: str = ""

    def source(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "fileObject": {"@id": self.file},
            "extract": {"column": self.column},
        }
        return found | ({"transform": {"jsonPath": f"${self.path}"}} if self.path else {})

    def below(self, name: str) -> _Place | None:
        """Step into a field of a struct; None where no path can name it."""
        if not name or re.search(r"""['"\\*\x00-\x1f]""", name):
            return None
        is_word = re.fullmatch(r"[A-Za-z_]\w*", name)
        return replace(self, path=f"{self.path}.{name if is_word else repr(name)}")


def _in_csv(leaf: Leaf) -> pl.DataType:
    """Give the type of a flat column; one that begins a struct may hold the mark of a null one."""
    return pl.String() if leaf.dtype.is_nested() or leaf.begins else leaf.dtype


def _column(name: str, dtype: pl.DataType, place: _Place, own: str) -> _Made:
    place = replace(place, column=name)
    is_list = isinstance(dtype, pl.List | pl.Array)
    if is_list and isinstance(held := inner(dtype), pl.Struct):  # type: ignore[arg-type]  # a list
        field, untold = _struct(name, held, replace(place, path="[*]"), own, name)
        return (field | {"repeated": True} if field else None), untold
    return _field(name, dtype, place, own, name)


def _field(name: str, dtype: pl.DataType, place: _Place, own: str, whole: str) -> _Made:
    """Describe a column or a field of a struct; ``whole`` is its name with all around it."""
    if isinstance(dtype, pl.Struct):
        return _struct(name, dtype, place, own, whole)
    is_list = isinstance(dtype, pl.List | pl.Array)
    if is_list and place.path.startswith("[*]"):
        return None, [whole]  # a list of lists, one for each item of another
    while isinstance(dtype, pl.List | pl.Array):
        dtype = inner(dtype)
    said = _data_type(dtype, is_text=place.is_text)
    if said is None:
        return None, [whole]
    found = {
        "@type": "cr:Field",
        "@id": own,
        "name": name,
        "dataType": said,
        "source": place.source(),
    }
    if isinstance(dtype, pl.Duration):
        found["description"] = f"A duration, counted in {dtype.time_unit}."
    return found | ({"repeated": True} if is_list else {}), []


def _struct(name: str, dtype: pl.Struct, place: _Place, own: str, whole: str) -> _Made:
    """Describe a struct by those of its fields for which there are words, however deep."""
    found: dict[str, Any] = {"@type": "cr:Field", "@id": own, "name": name}
    parts, untold = [], []
    ids = ids_of([key for key, _ in fields(dtype)])
    for short, (key, kind) in zip(ids, fields(dtype), strict=True):
        inside, said = place.below(key), f"{whole}.{key}"
        made = _field(key, kind, inside, f"{own}/{short}", said) if inside else (None, [said])
        parts += [made[0]] if made[0] is not None else []
        untold += made[1]
    if not parts:
        return None, [whole]
    return found | {"subField": parts}, untold


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
