"""The Python of a cell, run as the cell itself would run it.

This is the one place where what a user wrote is compiled and executed. It is
the user's own code, in the user's own kernel and namespace, and would run just
so without the first line of the cell; nothing that came from data, from a file
or from somebody else gets here. A training that is repeated runs the code that
this workspace recorded, which its hash proves.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
from collections.abc import Callable, Mapping
from typing import Any, Self

from qforge_jupyter.errors import CallError


class CellCode(str):
    """Python text with the namespace in which it runs; it is called with further names."""

    __slots__ = ("namespace",)
    namespace: dict[str, Any]

    def __new__(cls, text: str, namespace: dict[str, Any] | None = None) -> Self:
        """Keep the text; without a namespace it runs in one of its own."""
        made = super().__new__(cls, text)
        made.namespace = {} if namespace is None else namespace
        return made

    def __call__(self, **given: Any) -> Any:
        """Run the code; the last expression's value, else the variable ``model``.

        Names that are given are put back to what they were; what the code
        defines stays, as after any cell.

        Raises
        ------
        Exception
            Whatever the code raises, marked as ``is_of_users_code``.

        """
        before = {name: self.namespace[name] for name in given if name in self.namespace}
        self.namespace.update(given)
        try:
            return self._run()
        except Exception as problem:
            problem.is_of_users_code = True  # type: ignore[attr-defined]
            raise
        finally:
            for name in given:
                self.namespace.pop(name, None)
            self.namespace.update(before)

    def _run(self) -> Any:
        name = f"<train {hashlib.sha256(self.encode()).hexdigest()[:12]}>"
        linecache.cache[name] = (len(self), None, self.splitlines(keepends=True), name)
        tree = ast.parse(self, name)
        last = tree.body[-1] if tree.body else None
        if isinstance(last, ast.Expr):
            tree.body.pop()
        exec(compile(tree, name, "exec"), self.namespace)  # noqa: S102 — the user's own cell
        value = None
        if isinstance(last, ast.Expr):
            value = eval(  # noqa: S307 — the same cell's last line
                compile(ast.Expression(last.value), name, "eval"), self.namespace
            )
        if hasattr(value, "predict"):
            return value
        # A model that another cell left behind was not made by this code.
        names = (node.id for node in ast.walk(ast.parse(self)) if isinstance(node, ast.Name))
        return self.namespace.get("model") if "model" in names else None


def call_with(work: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    """Call the user's function with those of the names that it takes.

    Raises
    ------
    CallError
        It asks for something that is not given.

    """
    import inspect

    if isinstance(work, CellCode):
        return work(**given)
    wanted = inspect.signature(work).parameters
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in wanted.values()):
        return _marked(work, dict(given))
    odd = [
        name
        for name, each in wanted.items()
        if name not in given and each.default is inspect.Parameter.empty
    ]
    if odd:
        raise CallError(
            f"The function asks for {odd[0]!r}, and a training gives {', '.join(sorted(given))}"
        )
    return _marked(work, {name: given[name] for name in wanted if name in given})


def _marked(work: Callable[..., Any], given: dict[str, Any]) -> Any:
    try:
        return work(**given)
    except Exception as problem:
        problem.is_of_users_code = True  # type: ignore[attr-defined]
        raise


def source_of(work: Callable[..., Any]) -> str:
    """Give the code that runs; empty where Python does not know it."""
    import inspect
    import textwrap

    if isinstance(work, CellCode):
        return str(work)
    try:
        text = textwrap.dedent(inspect.getsource(work))
    except (OSError, TypeError):
        return ""
    return text if text.startswith(("def ", "@")) else ""


def restored(code: str, namespace: dict[str, Any]) -> Callable[..., Any]:
    """Make recorded code callable again: a cell's as it is, a function's by its definition."""
    body = ast.parse(code).body
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        return CellCode(code, namespace)
    name = body[0].name
    CellCode(code, namespace)()
    work: Callable[..., Any] = namespace[name]
    return work
