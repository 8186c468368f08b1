"""What the arguments of a call give to the lineage of its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from pydantic import BaseModel

from qforge_jupyter.errors import QForgeError
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.convert import is_tabular, to_table
from qforge_jupyter.results.base import Result


def given_by(
    arguments: Sequence[Any], bound: Mapping[str, Any], subject_name: str | None
) -> dict[str, Table | Result]:
    """Collect tables and results from a verb's subject and from its options."""
    given: dict[str, Table | Result] = {}
    for value in arguments:
        given |= _sources_in("subject", value, subject_name)
    for key, value in bound.items():
        given |= _sources_in(key, value, None)
    return given


def _sources_in(role: str, value: Any, name: str | None) -> dict[str, Table | Result]:
    """Find what a value gives to the lineage: results, and tables that a verb reads itself."""
    if isinstance(value, Table | Result):
        return {role: value}
    if isinstance(value, Mapping):
        return {
            f"{role}/{key}": to_table(each, str(key))
            for key, each in value.items()
            if _is_lasting(each) and is_tabular(each)
        }
    if isinstance(value, str | list | tuple | BaseModel) or not _is_lasting(value):
        return {}
    if not is_tabular(value):
        return {}
    try:
        return {role: to_table(value, name)}
    except QForgeError:  # the verb will say what is wrong with it, if anything is
        return {}


def _is_lasting(value: Any) -> bool:
    """Whether rows can be read twice: a stream of batches is spent by the verb alone."""
    return hasattr(value, "__len__") or isinstance(value, pl.LazyFrame)
