"""Make examples of decisions, and make them fit a dataset."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collectors._roles import (
    ID,
    OWN,
    SOURCE,
    STATUS,
    TIME,
    TYPE,
    VALIDATED_AT,
    VALIDATED_BY,
    Roles,
)
from qforge_jupyter.errors import DataError, nearest
from qforge_jupyter.frames.cell_hash import logical_type

PENDING = "pending"
_MOMENT = pl.Datetime("us", "UTC")


def examples_of(rows: pl.DataFrame, roles: Roles, source: str, kind: str) -> pl.DataFrame:
    """Make one example of each decision; nobody has validated it yet."""
    time, type_ = roles.of("time"), roles.of("type")
    made = {
        ID: exact(roles.id),
        SOURCE: pl.lit(source, dtype=pl.String),
        TIME: exact(time) if time else pl.lit(None, dtype=_MOMENT),
        TYPE: exact(type_).cast(pl.String) if type_ else pl.lit(kind, dtype=pl.String),
    }
    for part in (roles.inputs, roles.outputs, roles.carried):
        made |= {name: exact(column) for name, column in part.items()}
    made |= {
        STATUS: pl.lit(PENDING, dtype=pl.String),
        VALIDATED_BY: pl.lit(None, dtype=pl.String),
        VALIDATED_AT: pl.lit(None, dtype=_MOMENT),
    }
    return rows.select(expression.alias(name) for name, expression in made.items())


def said_of(roles: Roles, source: str, kind: str) -> tuple[tuple[str, str], ...]:
    """Say what each column of an example is made of."""
    time, type_ = roles.of("time"), roles.of("type")
    made = {
        ID: f"column {roles.id}",
        SOURCE: f"the word {source}",
        TIME: f"column {time}" if time else "nothing: the source names no time",
        TYPE: f"column {type_}" if type_ else f"the word {kind}",
    }
    for part in (roles.inputs, roles.outputs, roles.carried):
        made |= {name: f"column {column}" for name, column in part.items()}
    return tuple({**made, STATUS: f"the word {PENDING}"}.items())


def fitted(
    examples: pl.DataFrame,
    held: pl.DataFrame,
    roles: Roles,
    dataset: str,
    keys: tuple[str, ...],
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Give examples the types of a dataset; name the columns that it does not have yet.

    Raises
    ------
    DataError
        The dataset has no such column, or one of another kind.

    """
    needed = (ID, *roles.inputs, *roles.outputs)
    for name in needed:
        if name not in held.schema:
            raise DataError(
                f"{dataset} has no column {name[:60]!r}, which every example of this harvest has"
                f"{nearest(name, held.columns)}; collect into another dataset, or say input and "
                "expected output as its first harvest did"
            )
    for key in keys:
        if key not in examples.schema:
            raise DataError(
                f"The rows of {dataset} are known by {key[:60]!r}, which no example of this "
                f"harvest has: carry it along with  keep: [{key[:60]}]"
            )
    shared = [name for name in examples.columns if name in held.schema]
    changed = [_cast(examples[name], held.schema[name], dataset) for name in shared]
    new = tuple(name for name in examples.columns if name not in held.schema)
    return examples.with_columns(changed), tuple(name for name in new if name not in OWN)


def _cast(values: pl.Series, wanted: pl.DataType, dataset: str) -> pl.Series:
    if values.dtype == wanted:
        return values
    kinds = [logical_type(each) for each in (values.dtype, wanted)]
    is_alike = kinds[0] == kinds[1] or values.dtype == pl.Null or kinds == ["int", "float"]
    has_none = values.null_count() == len(values)
    try:
        if is_alike or has_none:
            return values.cast(pl.Null).cast(wanted) if has_none else values.cast(wanted)
    except pl.exceptions.PolarsError:
        pass
    raise DataError(
        f"The column {values.name[:60]!r} of {dataset} holds {wanted} and this harvest brings "
        f"{values.dtype}: cast it in the source, or collect into another dataset"
    )
