"""The labeling widget: requests of its views go to a handler, each gets one reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import traitlets

from qforge_jupyter.pictures.reading import Pictures
from qforge_jupyter.widgets.answering import AnsweringWidget, Handler, sentence_of
from qforge_jupyter.widgets.bundles import bundle

_PICTURES = ("image", "fits")


class LabelWidget(AnsweringWidget):
    """A view in which somebody labels.

    Parameters
    ----------
    handler
        Answers a request: ``{id, kind, …} -> {id, ok: True, …}`` or ``{id, error}``. It is
        called on any thread, mostly on that of a subshell while a cell runs.
    title
        What is labeled, and by whom.
    resume
        The same whenever the same cell runs again: what the page could not deliver to
        a kernel that died is sent to the widget of the same name.
    pictures
        Reads the pictures of rows.

    Raises
    ------
    ResourceError
        The browser code is not built.

    """

    resume = traitlets.Unicode().tag(sync=True)
    #: What was given and reached no kernel.
    unsaved: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(
        self,
        handler: Handler,
        *,
        title: str = "Labeling",
        resume: str = "",
        pictures: Pictures | None = None,
    ) -> None:
        self._pictures = pictures or Pictures()
        self._show: Mapping[str, Any] = {}
        super().__init__(handler, *bundle("label"), title=title, resume=resume)

    def __repr__(self) -> str:
        """Say what is labeled and how far it is."""
        done = ""
        progress = self._asked({"kind": "progress"}).get("progress")
        if isinstance(progress, Mapping):
            done = f", {progress.get('n_done', 0)} of {progress.get('n_items', 0)} items labeled"
        return f"LabelWidget: {self.title}{done}"

    def _drawn(self, reply: dict[str, Any]) -> dict[str, Any]:
        """Read the pictures of the items in a reply."""
        self._show = reply.get("show") or self._show
        if "items" in reply:
            reply["items"] = [self._item(each) for each in reply["items"]]
        if isinstance(reply.get("item"), Mapping):
            reply["item"] = self._item(reply["item"])
        return reply

    def _item(self, item: Mapping[str, Any]) -> dict[str, Any]:
        fields = dict(item.get("fields") or {})
        renderer, columns = self._show.get("renderer"), self._show.get("columns", ())
        files = set(self._show.get("files", ())) | set(columns if renderer in _PICTURES else ())
        for name in files & fields.keys():
            fields[name] = self._read(self._pictures.read, fields[name])
        for name in columns if renderer == "molecule" else ():
            fields[name] = self._read(self._pictures.draw, fields.get(name))
        return {**item, "fields": fields}

    def _read(self, read: Callable[[Any], Any], value: Any) -> Any:
        """Say what cannot be read in its place, so that labeling goes on."""
        if isinstance(value, Mapping):
            return value
        try:
            return read(value)
        except Exception as problem:  # noqa: BLE001 — one picture must not stop the others
            return {"error": sentence_of(problem)}
