"""The widget of a result, as the cell that made it shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qforge_jupyter.errors import ResourceError
from qforge_jupyter.results.collapse import Verdict

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from qforge_jupyter.context import Context


def view_of(result: Any, context: Context, shell: InteractiveShell) -> Any:
    """Open the widget of a result; None where a verdict has its page alone.

    The page of a verdict says all of it, so one that has no built widget is still shown.
    """
    from qforge_jupyter.widgets.opening import widget

    root = context.store.objects.folder.local_path("")
    folders: list[Any] = [".", root.parent] if root else ["."]
    if not isinstance(result, Verdict):
        return widget(result, folders=folders)
    from qforge_jupyter.verbs._verdict_desk import VerdictDesk

    desk = VerdictDesk(context, result, lambda name, value: bound(shell, name, value))
    try:
        return widget(result, folders=folders, handler=desk.handle)
    except ResourceError:
        return None


def bound(shell: InteractiveShell, wanted: str, value: Any) -> str:
    """Bind a result to the wanted name, or to the next that no variable has, and give it."""
    name, n = wanted, 1
    while name in shell.user_ns:
        n += 1
        name = f"{wanted}_{n}"
    shell.push({name: value})  # type: ignore[no-untyped-call]
    return name
