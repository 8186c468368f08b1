"""A predictor's settings, made of what was given and checked against their ranges."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import polars as pl

from qforge_jupyter.errors import CallError, blaming, nearest
from qforge_jupyter.rules.ranges import read_range


def settings_of(module: ModuleType, given: dict[str, Any]) -> Any:
    """Make a predictor's ``Settings``.

    Raises
    ------
    CallError
        No such setting, or one out of its range.

    """
    known = module.Settings.__dataclass_fields__
    for name, value in given.items():
        if name not in known:
            raise CallError(f"No setting named {name!r} in {module.METHOD}{nearest(name, known)}")
        _check_setting(name, value, known[name].metadata.get("range", ""))
    return module.Settings(**given)


def _check_setting(name: str, value: Any, allowed: str) -> None:
    is_inside = not allowed or bool(
        pl.select(pl.lit(float(value)).alias("value"))
        .select(read_range(allowed).expression("value"))
        .item()
    )
    if not is_inside:
        with blaming(name):
            written = name.replace("_", " ")
            raise CallError(f"`{written}` is {value:g}, wanted a number within {allowed}")
