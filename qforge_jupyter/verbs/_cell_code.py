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
from collections.abc import Callable, Collection, Mapping
from typing import Any, Self

from qforge_jupyter.errors import CallError
from qforge_jupyter.verbs._outside_names import outside_names


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
            Whatever the code raises; ``of_users_code`` is its traceback from the code on.

        """
        before = {name: self.namespace[name] for name in given if name in self.namespace}
        self.namespace.update(given)
        try:
            return self._run()
        except Exception as problem:
            _mark(problem, self.file_name)
            raise
        finally:
            for name in given:
                self.namespace.pop(name, None)
            self.namespace.update(before)

    @property
    def file_name(self) -> str:
        """What tracebacks call the code."""
        return f"<train {hashlib.sha256(self.encode()).hexdigest()[:12]}>"

    def _run(self) -> Any:
        name = self.file_name
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


def read_code(text: str) -> None:
    """Refuse code that is no Python, with its line, before anything is done.

    Raises
    ------
    CallError
        Python cannot read it.

    """
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as problem:
        said = getattr(problem, "msg", "") or "it holds what no code may"
        line, column = getattr(problem, "lineno", None), getattr(problem, "offset", None)
        where = f" in its line {line}" if line else ""
        raise CallError(
            f"The code is no Python{where} ({said}): correct it",
            line=line + 1 if line else None,  # the header is the first
            column=max(0, column - 1) if column else None,
        ) from None


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
        _mark(problem, getattr(getattr(work, "__code__", None), "co_filename", ""))
        raise


def _mark(problem: Exception, file_name: str) -> None:
    """Say that the user's code raised it, and where its own lines begin."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != file_name:
        trace = trace.tb_next
    problem.of_users_code = (trace,)  # type: ignore[attr-defined]


def code_of(work: Callable[..., Any], given: Collection[str]) -> tuple[str, str]:
    """Give the code that does the same work again, and why there is none where there is none."""
    from qforge_jupyter.verbs._function_code import Unwritable, cell_of

    if isinstance(work, CellCode):
        return str(work), ""
    try:
        return cell_of(work, given), ""
    except Unwritable as problem:
        return "", str(problem)


def restored(code: str, namespace: dict[str, Any], given: Collection[str]) -> CellCode:
    """Make recorded code callable again, in a copy of the kernel's names.

    Raises
    ------
    CallError
        It uses what neither the record nor the kernel holds.

    """
    lacks = [name for name in outside_names(code, given) if name not in namespace]
    if lacks:
        raise CallError(
            f"The recorded code uses {lacks[0]!r}, which another cell defined and which is not "
            "defined here: run that cell first, or train again with all of it in one cell"
        )
    return CellCode(code, dict(namespace))
