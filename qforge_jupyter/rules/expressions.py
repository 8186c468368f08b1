"""Rules: sentences over columns that are true, false or cannot be judged.

The syntax is Python's, read against an allow-list and never evaluated:
comparisons, also chained ones (``-50 < homo < 0``), ``+ - * / // % **``,
``and or not``, ``in ['a', 'b']``, ``is null``, ``x if c else y``, the
functions of `functions.FUNCTIONS`; besides Python, ``a == b within 0.01 eV``
(or ``within 5%`` of the right side), ``a implies b``, ```a column``` in
backticks, bare ISO dates, ``5%``, numbers with a unit (``50 eV``, ``3 days``),
and a single ``=`` for ``==``.

What a rule gives for a row: null where a null decides (as in SQL, so
``null and false`` is false), false where NaN is compared. A moment is
compared with a day by its day, in UTC. A unit is converted where the unit of
the other side is known; else the number is in the column's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.errors import RuleError
from qforge_jupyter.rules.compiler import Compiler, parse
from qforge_jupyter.rules.terms import Term
from qforge_jupyter.rules.tokens import read_tokens


@dataclass(frozen=True)
class Rule:
    """A sentence about one row.

    Parameters
    ----------
    name
        What the user calls it; its text when it has no other.
    text
        As it was written.
    columns
        Those it reads, in the order of the text.
    expression
        Boolean: true (passed), false (failed) or null (not evaluable).

    """

    name: str
    text: str
    columns: tuple[str, ...]
    expression: pl.Expr = field(compare=False, repr=False)


def read_rule(
    text: str, schema: pl.Schema, *, name: str = "", units: Mapping[str, str] | None = None
) -> Rule:
    """Read a rule over the columns of a schema.

    Parameters
    ----------
    text
        The rule, at most 2,000 characters and 300 parts.
    schema
        Names and types of the columns it may read.
    name
        What to call it.
    units
        Of the columns, where they are known.

    Raises
    ------
    RuleError
        It cannot be understood, or its types or units do not fit; ``column``
        says where.

    Examples
    --------
    >>> frame = pl.DataFrame({"homo": [-9.0, 1.0, None], "lumo": [-1.0, 0.5, 0.5]})
    >>> rule = read_rule("homo < lumo", frame.schema)
    >>> frame.select(passed=rule.expression)["passed"].to_list()
    [True, False, None]
    >>> rule.columns
    ('homo', 'lumo')

    """
    if not isinstance(text, str):
        raise RuleError(f"A rule is a text, not {type(text).__name__}: put it in quotes")
    tokens = read_tokens(text, frozenset(schema.names()))
    compiler = Compiler(tokens, schema, dict(units or {}))
    term = compiler.term(parse(tokens))
    shown = text.strip()
    if term.kind != "boolean":
        raise RuleError(
            f"The rule {_short(shown)!r} gives {term.described()}: compare it with something"
        )
    if not term.columns:
        raise RuleError(f"The rule {_short(shown)!r} reads no column")
    _try(term, schema, shown)
    return Rule(name or shown, text, term.columns, _in_full(term.expression, term.columns[0]))


def read_filter(text: str, schema: pl.Schema, *, units: Mapping[str, str] | None = None) -> pl.Expr:
    """Read a condition that picks rows; what cannot be judged is not picked.

    Examples
    --------
    >>> frame = pl.DataFrame({"status": ["pending", "done", None]})
    >>> frame.filter(read_filter("status = 'pending'", frame.schema)).height
    1

    """
    return read_rule(text, schema, units=units).expression.fill_null(value=False)


def _in_full(expression: pl.Expr, name: str) -> pl.Expr:
    """Hold a condition to one answer a row.

    Polars 2.1 answers ``0 < coalesce(x, 1)`` once for a column without any value.
    """
    return expression & (column(name).is_null() >= pl.lit(value=False))


def _try(term: Term, schema: pl.Schema, text: str) -> None:
    """Run on no rows, so that what Polars refuses is refused now."""
    try:
        used = pl.Schema({name: schema[name] for name in term.columns})
        passed = used.to_frame().select(passed=term.expression)["passed"]
    except pl.exceptions.PolarsError:
        types = ", ".join(f"{name!r} ({schema[name]})" for name in term.columns)
        raise RuleError(f"The rule {_short(text)!r} does not fit the types of {types}") from None
    if passed.dtype != pl.Boolean:
        raise RuleError(f"The rule {_short(text)!r} gives {passed.dtype}, not true or false")
    if passed.len():  # Polars saw that no column matters and would give one row.
        raise RuleError(f"The rule {_short(text)!r} is the same for every row")


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
