"""From Python's syntax tree to a term: an allow-list, nothing is evaluated."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import Any, NoReturn

import polars as pl

from qforge_jupyter.errors import RuleError, nearest
from qforge_jupyter.rules.arithmetic import alike, calculate, chosen, negative
from qforge_jupyter.rules.comparisons import compare, is_among, is_outside
from qforge_jupyter.rules.functions import FUNCTIONS, is_close
from qforge_jupyter.rules.terms import Term, computed, need, of_column, of_value
from qforge_jupyter.rules.tokens import Tokens

MOST_NODES = 300
DEEPEST_TREE = 100

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**",
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def parse(tokens: Tokens) -> ast.expr:
    """Parse a source of placeholders; bounded in nodes and depth.

    Raises
    ------
    RuleError
        It is no expression, or too large.

    """
    try:
        tree = ast.parse(tokens.source.strip(), mode="eval").body
    except SyntaxError as error:
        place = tokens.place(error.offset - 1 if error.offset else len(tokens.source))
        raise RuleError(
            "The rule cannot be read there: an operator, a bracket or a value is missing",
            column=place,
        ) from None
    except (RecursionError, MemoryError, ValueError):
        raise RuleError("The rule nests too deeply: split it") from None
    n_nodes, level, depth = 0, [tree], 0
    while level:
        n_nodes, depth = n_nodes + len(level), depth + 1
        if n_nodes > MOST_NODES or depth > DEEPEST_TREE:
            raise RuleError(
                f"The rule is too large: at most {MOST_NODES} parts, {DEEPEST_TREE} deep; split it"
            )
        level = [
            child
            for node in level
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.expr)
        ]
    return tree


@dataclass(frozen=True)
class Compiler:
    """Turns a tree of placeholders into a term over the columns of a schema."""

    tokens: Tokens
    schema: pl.Schema
    units: dict[str, str]

    def term(self, node: ast.expr) -> Term:
        """Compile one node."""
        builders: dict[type[ast.expr], Callable[[Any], Term]] = {
            ast.Name: self._operand,
            ast.Compare: self._comparison,
            ast.BoolOp: self._junction,
            ast.BinOp: self._calculation,
            ast.UnaryOp: self._unary,
            ast.IfExp: self._choice,
            ast.Call: self._call,
        }
        build = builders.get(type(node))
        if build is None:
            self._fail(node, "A list stands only after 'in' or 'not in'")
        return build(node)

    def _junction(self, node: ast.BoolOp) -> Term:
        parts = [self._claim(value) for value in node.values]
        operation = and_ if isinstance(node.op, ast.And) else or_
        return computed(reduce(operation, (part.expression for part in parts)), "boolean", *parts)

    def _calculation(self, node: ast.BinOp) -> Term:
        operator = _ARITHMETIC.get(type(node.op))
        if operator is None:
            self._fail(node.right, "'within' follows '==' and a value, as in 'a == b within 0.01'")
        return calculate(self.term(node.left), operator, self.term(node.right))

    def _unary(self, node: ast.UnaryOp) -> Term:
        if isinstance(node.op, ast.Not):
            part = self._claim(node.operand)
            return computed(~part.expression, "boolean", part)
        opposite = negative(self.term(node.operand))
        return opposite if isinstance(node.op, ast.USub) else negative(opposite)

    def _claim(self, node: ast.expr) -> Term:
        """Compile a node that has to be true or false."""
        term = self.term(node)
        need(term, ("boolean",), "something true or false", "'and', 'or', 'not' or 'if'")
        if not term.columns:  # Polars would fold it, and with it the rows.
            self._fail(node, "That condition reads no column: it is the same for every row")
        return replace(term, expression=term.expression.cast(pl.Boolean), kind="boolean")

    def _operand(self, node: ast.Name) -> Term:
        operand = self.tokens.operands[node.id]
        if operand.kind in ("within", "implies"):
            raise RuleError(
                "'within' follows '==' and a value, as in 'a == b within 0.01'"
                if operand.kind == "within"
                else "'implies' stands between two conditions, as in 'a > 0 implies b > 0'",
                column=operand.place,
            )
        if operand.kind != "name":
            return of_value(operand.value, operand.place, operand.unit)
        name = str(operand.value)
        if name in self.schema:
            return of_column(name, self.schema[name], operand.place, self.units.get(name, ""))
        if name in FUNCTIONS and not operand.is_quoted:
            usage = FUNCTIONS[name].usage
            raise RuleError(f"{name!r} is a function: write {usage}", column=operand.place)
        raise RuleError(
            f"No column named {name!r}{nearest(name, self.schema.names())}", column=operand.place
        )

    def _comparison(self, node: ast.Compare) -> Term:
        links, sides = list(node.ops), [node.left, *node.comparators]
        tolerance = self._tolerance(sides[-1])
        if tolerance is not None and isinstance(links[-1], ast.In):
            return self._within(links[:-1], sides[:-1], tolerance)
        parts = []
        left = sides[0]
        for link, right in zip(links, sides[1:], strict=True):
            parts.append(self._link(left, link, right))
            left = right
        return computed(reduce(and_, (part.expression for part in parts)), "boolean", *parts)

    def _link(self, left: ast.expr, link: ast.cmpop, right: ast.expr) -> Term:
        if isinstance(link, ast.In | ast.NotIn):
            values = self._values(right)
            term = self.term(left)
            return is_among(term, values) if isinstance(link, ast.In) else is_outside(term, values)
        if isinstance(link, ast.Is | ast.IsNot):
            asked = self.term(right)
            if asked.kind != "null" or not asked.is_literal:
                self._fail(right, "'is' asks only for null: write 'is null', or '==' for a value")
            term = self.term(left)
            is_null = isinstance(link, ast.Is)
            found = term.expression.is_null() if is_null else term.expression.is_not_null()
            return computed(found, "boolean", term)
        return compare(self.term(left), _COMPARISONS[type(link)], self.term(right))

    def _within(
        self, links: list[ast.cmpop], sides: list[ast.expr], allowed: tuple[Term, bool]
    ) -> Term:
        tolerance, is_relative = allowed
        if not links or not all(isinstance(link, ast.Eq | ast.NotEq) for link in links):
            raise RuleError(
                "'within' follows '==' and a value, as in 'a == b within 0.01'",
                column=tolerance.place,
            )
        terms = [self.term(side) for side in sides]
        parts = []
        for link, left, right in zip(links, terms, terms[1:], strict=False):
            near = is_close(left, right, tolerance, is_relative=is_relative)
            is_far = isinstance(link, ast.NotEq)
            parts.append(replace(near, expression=~near.expression) if is_far else near)
        return computed(reduce(and_, (part.expression for part in parts)), "boolean", *parts)

    def _tolerance(self, node: ast.expr) -> tuple[Term, bool] | None:
        """Give the tolerance after ``within`` and whether it is relative."""
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.BitOr):
            return None
        mark = self._mark(node.left)
        if mark != "within":
            return None
        operand = self.tokens.operands.get(getattr(node.right, "id", ""))
        return self.term(node.right), bool(operand and operand.is_percent)

    def _mark(self, node: ast.expr) -> str:
        operand = self.tokens.operands.get(getattr(node, "id", ""))
        return operand.kind if operand else ""

    def _values(self, node: ast.expr) -> list[Term]:
        if not isinstance(node, ast.List | ast.Tuple | ast.Set):
            self._fail(node, "'in' needs a list as in ['a', 'b']; for a part of a text: contains()")
        values = [self.term(element) for element in node.elts]
        for value in values:
            if not value.is_literal:
                raise RuleError("A list after 'in' holds plain values only", column=value.place)
        return values

    def _choice(self, node: ast.IfExp) -> Term:
        if self._mark(node.test) == "implies":
            cause, effect = self._claim(node.body), self._claim(node.orelse)
            return computed(~cause.expression | effect.expression, "boolean", cause, effect)
        asked = self._claim(node.test)
        left, right = alike([self.term(node.body), self.term(node.orelse)], "'if ... else'")
        picked = (
            pl.when(asked.expression)
            .then(left.expression)
            .when(~asked.expression)
            .then(right.expression)
        )
        result = chosen([left, right], picked)
        return replace(result, columns=tuple(dict.fromkeys((*asked.columns, *result.columns))))

    def _call(self, node: ast.Call) -> Term:
        operand = self.tokens.operands.get(getattr(node.func, "id", ""))
        if operand is None or operand.kind != "name" or operand.is_quoted or node.keywords:
            self._fail(node, "That is no call: write a function's name and its values, as abs(x)")
        name = str(operand.value)
        function = FUNCTIONS.get(name)
        if function is None:
            raise RuleError(
                f"No function named {name!r}{nearest(name, FUNCTIONS)}", column=operand.place
            )
        if not function.fewest <= len(node.args) <= function.most:
            raise RuleError(
                f"{name}() got {len(node.args)} values: write {function.usage}",
                column=operand.place,
            )
        return function.build([self.term(argument) for argument in node.args])

    def _fail(self, node: ast.expr, sentence: str) -> NoReturn:
        raise RuleError(sentence, column=self.tokens.place(node.col_offset))
