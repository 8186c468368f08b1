"""The view of a result that has one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from qforge_jupyter.errors import CallError
from qforge_jupyter.pictures.reading import Pictures
from qforge_jupyter.results.dashboard import Dashboard
from qforge_jupyter.results.labeling import Labeling
from qforge_jupyter.widgets.answering import AnsweringWidget
from qforge_jupyter.widgets.dashboard import DashboardWidget
from qforge_jupyter.widgets.label import LabelWidget


def has_view(result: Any) -> bool:
    """Say whether a result has a widget."""
    return isinstance(result, Labeling | Dashboard)


def widget(result: Any, *, folders: Iterable[str | os.PathLike[str]] = (".",)) -> AnsweringWidget:
    """Open the view of a result; show it as the last line of a cell.

    Parameters
    ----------
    result
        What `label` or `dashboard` gave.
    folders
        Where pictures that rows name may be read from, beside the folders from which the
        dataset was loaded.

    Raises
    ------
    CallError
        The result has no view.
    ResourceError
        The browser code is not built.

    """
    if not has_view(result):
        raise CallError(
            f"A {type(result).__name__} came, and what `label` and `dashboard` give has a widget"
        )
    if isinstance(result, Dashboard):
        return DashboardWidget(result)
    names = " ".join(f"{name} {kind}" for name, kind, _ in result.questions)
    return LabelWidget(
        result.handle,
        title=f"Label {result.dataset} as {result.labeler}",
        resume=f"{result.dataset} {result.labeler} {result.type} {names}",
        pictures=Pictures([*folders, *result.folders]),
    )
