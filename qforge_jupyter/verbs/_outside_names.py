"""Which names a piece of Python takes from elsewhere."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Collection, Iterator


def outside_names(code: str, given: Collection[str] = ()) -> tuple[str, ...]:
    r"""Name what the code uses and neither defines nor is given; annotations do not count.

    Nothing can be said of code that imports with a star, so nothing is.

    Examples
    --------
    >>> outside_names("model = Ridge(alpha).fit(X_train, max(y_train))", ["X_train", "y_train"])
    ('Ridge', 'alpha')
    >>> outside_names("def f(x: Array):\n    return [scale * y for y in x]\nf(rows)")
    ('rows', 'scale')
    >>> outside_names("n: Final = 3")
    ()

    """
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(each.name == "*" for each in node.names):
            return ()
    bare = ast.unparse(ast.fix_missing_locations(_Bare().visit(tree)))
    bound, used = set(dir(builtins)) | set(given), set()
    for table in _tables(symtable.symtable(bare, "<code>", "exec")):
        is_top = table.get_type() == "module"
        for symbol in table.get_symbols():
            is_outer = is_top or symbol.is_global()
            if is_outer and (symbol.is_assigned() or symbol.is_imported()):
                bound.add(symbol.get_name())
            if is_outer and symbol.is_referenced():
                used.add(symbol.get_name())
    return tuple(sorted(used - bound))


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


class _Bare(ast.NodeTransformer):
    """Takes annotations out: they are not needed to run the code."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Leave a parameter its name."""
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Leave out what a function says that it returns."""
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Do so for a coroutine, too."""
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Leave an assignment where there is one."""
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        made = ast.Assign([node.target], self.visit(node.value))
        return ast.copy_location(made, node)
