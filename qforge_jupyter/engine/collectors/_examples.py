"""Make examples of decisions, and make them fit a dataset."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from qforge_jupyter.columns import column as exact
from qforge_jupyter.engine.collectors._difficulty import (
    EDGE,
    HARD,
    difficulty_of,
    edges_of,
    margins,
    said_of_margins,
)
from qforge_jupyter.engine.collectors._roles import (
    ID,
    LABELS,
    METRICS,
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
from qforge_jupyter.rules.ranges import Range

PENDING = "pending"
_MOMENT = pl.Datetime("us", "UTC")


def labels_of(
    roles: Roles, asked: Mapping[str, tuple[str, Range]], held: Mapping[str, pl.DataType]
) -> dict[str, tuple[pl.Expr, str]]:
    """Give difficulty and edge case: from the source's columns, else from the margins.

    Parameters
    ----------
    roles
        Columns of the source.
    asked
        Column and range of the measures that were asked for.
    held
        Columns of the dataset; one that means something else by such a name keeps it.

    Returns
    -------
    By name, the expression, and in words how it is made; empty where nothing tells it.

    """
    left = margins(asked)
    found: dict[str, tuple[pl.Expr, str]] = {}
    if left:
        hard, edge = said_of_margins(left)
        found = {HARD: (difficulty_of(left), hard), EDGE: (edges_of(left), edge)}
        kinds = {HARD: pl.Float64(), EDGE: pl.Boolean()}
        found = {
            name: made for name, made in found.items() if held.get(name, kinds[name]) == kinds[name]
        }
    for name in LABELS:
        column = roles.by_role.get(name)
        if column is not None:
            found[name] = (exact(column), f"column {column}")
    return {name: found[name] for name in LABELS if name in found}


def examples_of(
    rows: pl.DataFrame,
    roles: Roles,
    source: str,
    kind: str,
    labels: Mapping[str, tuple[pl.Expr, str]],
) -> pl.DataFrame:
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
    taken = roles.carried.keys() | roles.inputs.keys() | roles.outputs.keys()
    made |= {name: made_of for name, (made_of, _) in labels.items() if name not in taken}
    if roles.metrics:
        made[METRICS] = pl.struct(exact(name).cast(pl.Float64) for name in roles.metrics)
    made |= {
        STATUS: pl.lit(PENDING, dtype=pl.String),
        VALIDATED_BY: pl.lit(None, dtype=pl.String),
        VALIDATED_AT: pl.lit(None, dtype=_MOMENT),
    }
    return rows.select(expression.alias(name) for name, expression in made.items())


def said_of(
    roles: Roles, source: str, kind: str, labels: Mapping[str, tuple[pl.Expr, str]]
) -> tuple[tuple[str, str], ...]:
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
    made = {**{name: said for name, (_, said) in labels.items()}, **made}
    if roles.metrics:
        made[METRICS] = f"columns {', '.join(roles.metrics)}"
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
