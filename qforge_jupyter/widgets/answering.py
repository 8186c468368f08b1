"""What every widget is: requests of its views go to a handler, each gets one reply."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from qforge_jupyter.errors import QForgeError
from qforge_jupyter.widgets.packing import packed

Handler = Callable[[dict[str, Any]], Mapping[str, Any]]


class AnsweringWidget(anywidget.AnyWidget):
    """A view that asks its kernel.

    Parameters
    ----------
    handler
        Answers a request: ``{id, kind, …} -> {id, ok: True, …}`` or ``{id, error}``. It is
        called on any thread, mostly on that of a subshell while a cell runs.
    code, style
        Of the browser's side.
    **traits
        What the views know from the start.

    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    #: By which the views of this widget find each other.
    token = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)

    def __init__(self, handler: Handler, code: str, style: str, **traits: Any) -> None:
        self._handler = handler
        super().__init__(_esm=code, _css=style, token=uuid.uuid4().hex, **traits)
        self.on_msg(self._answer)

    def answer(self, request: Any) -> tuple[dict[str, Any], list[bytes]]:
        """Answer one request of a view; whatever goes wrong becomes one sentence.

        Parameters
        ----------
        request
            As it came.

        """
        asked = dict(request) if isinstance(request, Mapping) else {}
        try:
            reply = self._drawn(self._asked(asked))
            message, buffers = packed({**reply, "id": asked.get("id")})
        except Exception as problem:  # noqa: BLE001 — ipywidgets would swallow it
            return {"id": asked.get("id"), "error": sentence_of(problem)}, []
        return message, buffers

    def _answer(self, _widget: Any, content: Any, _buffers: Any) -> None:
        message, buffers = self.answer(content)
        self.send(message, buffers)

    def _asked(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return dict(self._handler(request))
        except Exception as problem:  # noqa: BLE001 — a view must hear of it, whatever it is
            return {"error": sentence_of(problem)}

    def _drawn(self, reply: dict[str, Any]) -> dict[str, Any]:
        """Put into a reply what only this side can read."""
        return reply


def sentence_of(problem: Exception) -> str:
    """Say in one sentence what went wrong, and nothing of what it went wrong with."""
    if isinstance(problem, QForgeError):
        return problem.message
    return (
        f"Q-Forge met a fault of its own ({type(problem).__name__}): try again, "
        "and report it where it stays"
    )
