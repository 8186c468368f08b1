"""The view of a result that has one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from qforge_jupyter.errors import CallError
from qforge_jupyter.pictures.reading import Pictures
from qforge_jupyter.results.collapse import Verdict
from qforge_jupyter.results.dashboard import Dashboard
from qforge_jupyter.results.labeling import Labeling
from qforge_jupyter.widgets.answering import AnsweringWidget, Handler
from qforge_jupyter.widgets.dashboard import DashboardWidget
from qforge_jupyter.widgets.label import LabelWidget
from qforge_jupyter.widgets.verdict import VerdictWidget


def has_view(result: Any) -> bool:
    """Say whether a result has a widget."""
    return isinstance(result, Labeling | Dashboard | Verdict)


def widget(
    result: Any,
    *,
    folders: Iterable[str | os.PathLike[str]] = (".",),
    handler: Handler | None = None,
) -> AnsweringWidget:
    """Open the view of a result; show it as the last line of a cell.

    Parameters
    ----------
    result
        What `label`, `dashboard` or `check` gave.
    folders
        Where pictures that rows name may be read from, beside the folders from which the
        dataset was loaded.
    handler
        Answers what the view of a verdict asks; `%qforge check` has one.

    Raises
    ------
    CallError
        The result has no view.
    ResourceError
        The browser code is not built.

    """
    if not has_view(result):
        raise CallError(
            f"A {type(result).__name__} came, and what `label`, `dashboard` and `check` give has "
            "a widget"
        )
    if isinstance(result, Verdict):
        if handler is None:
            raise CallError(
                "A verdict's widget works in its workspace: show it with  %qforge check"
            )
        return VerdictWidget(result, handler)
    if isinstance(result, Dashboard):
        return DashboardWidget(result)
    names = " ".join(f"{name} {kind}" for name, kind, _ in result.questions)
    return LabelWidget(
        result.handle,
        title=f"Label {result.dataset} as {result.labeler}",
        resume=f"{result.dataset} {result.labeler} {result.type} {names}",
        pictures=Pictures([*folders, *result.folders]),
    )
