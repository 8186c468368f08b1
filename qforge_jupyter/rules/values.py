"""A number for every row, written in the language of rules: ``lumo - homo``."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from qforge_jupyter.errors import RuleError
from qforge_jupyter.rules.compiler import Compiler, parse
from qforge_jupyter.rules.terms import NUMBERS
from qforge_jupyter.rules.tokens import read_tokens


@dataclass(frozen=True)
class Formula:
    """An expression that gives a number for every row.

    Parameters
    ----------
    text
        As it was written.
    columns
        Those it reads.
    expression
        Gives floats; null where a value it needs is missing.

    """

    text: str
    columns: tuple[str, ...]
    expression: pl.Expr = field(compare=False, repr=False)


def read_formula(text: str, schema: pl.Schema) -> Formula:
    """Read a formula over the columns of a schema; a condition counts as 0 or 1.

    Raises
    ------
    RuleError
        It cannot be understood, gives no number, or reads no column.

    Examples
    --------
    >>> frame = pl.DataFrame({"homo": [-9.0, None], "lumo": [-1.0, 0.5]})
    >>> frame.select(gap=read_formula("lumo - homo", frame.schema).expression)["gap"].to_list()
    [8.0, None]

    """
    if not isinstance(text, str):
        raise RuleError(f"A formula is a text, not {type(text).__name__}: put it in quotes")
    tokens = read_tokens(text, frozenset(schema.names()))
    term = Compiler(tokens, schema, {}).term(parse(tokens))
    shown = text.strip() if len(text.strip()) <= 80 else text.strip()[:79] + "…"
    if term.kind not in (*NUMBERS, "boolean"):
        raise RuleError(f"The formula {shown!r} gives {term.described()}, and a number was wanted")
    if not term.columns:
        raise RuleError(f"The formula {shown!r} reads no column")
    formula = Formula(text.strip(), term.columns, term.expression.cast(pl.Float64))
    used = pl.Schema({name: schema[name] for name in term.columns})
    try:
        used.to_frame().select(value=formula.expression)
    except pl.exceptions.PolarsError:
        types = ", ".join(f"{name!r} ({schema[name]})" for name in term.columns)
        raise RuleError(f"The formula {shown!r} does not fit the types of {types}") from None
    return formula
