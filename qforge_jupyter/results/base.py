"""What every result is: a record that draws itself and knows what to keep."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from qforge_jupyter.results.bounded import bounded
from qforge_jupyter.results.changes import Change
from qforge_jupyter.results.run import Event, Finding, LineageStep, Metric

if TYPE_CHECKING:
    import polars as pl

    from qforge_jupyter.documents.blocks import Document

MIME_TYPE = "application/vnd.qforge.result+json"


class Result(ABC):
    """A frozen record that a verb returns.

    A subclass is a frozen dataclass; it says its ``kind`` and writes
    `document` and `payload`. What it has to keep is in `metrics`,
    `findings` and `frames`. Its text is decided by the data alone: no ids,
    times or paths.
    """

    kind: ClassVar[str]

    @abstractmethod
    def document(self) -> Document:
        """Describe this result as a page of blocks."""

    @abstractmethod
    def payload(self) -> dict[str, Any]:
        """Give the typed JSON content, the same for the same data."""

    def metrics(self) -> tuple[Metric, ...]:
        """Name the numbers worth keeping and comparing."""
        return ()

    def findings(self) -> tuple[Finding, ...]:
        """Name the single things wrong, with their rows."""
        return ()

    def frames(self) -> dict[str, pl.DataFrame]:
        """Name the row-level tables to keep as content-addressed Parquet."""
        return {}

    def image_files(self) -> dict[str, bytes]:
        """Name the pictures to keep as files beside the page: PNG and SVG by their names."""
        return {}

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say how the data that this result holds came about."""
        return ()

    def events(self, actor: str) -> tuple[Event, ...]:  # noqa: ARG002 - for those who need it
        """Name what the audit log has to remember of this."""
        return ()

    def changes(self) -> tuple[Change, ...]:
        """Name what the store has to change beside keeping the run."""
        return ()

    def changes_if_refused(self) -> tuple[Change, ...]:
        """Name what the store has to change all the same where a gate refused the result."""
        return ()

    def changes_if_stopped(self) -> tuple[Change, ...]:
        """Name what the store has to change all the same where the user stopped the call."""
        return ()

    def parameters(self) -> dict[str, Any]:
        """Name what a tracker lists beside the options of the call."""
        return {}

    def stands_on(self) -> tuple[tuple[str, str, str], ...]:
        """Name dataset, branch and version on which this process works once this is kept."""
        return ()

    def stands_apart(self) -> pl.DataFrame | None:
        """Give the rows that this process works on, where they are not those of the version."""
        return None

    def has_seen(self) -> str:
        """Name the version that this process made, where it works on another one."""
        return ""

    def __repr__(self) -> str:
        from qforge_jupyter.documents.text import draw_text

        return draw_text(self.document())

    def identity(self) -> dict[str, Any]:
        """Name what differs from run to run or from machine to machine.

        It travels as the output's metadata, so that a notebook's outputs stay
        comparable.
        """
        return {}

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        from qforge_jupyter.documents.html import draw_html
        from qforge_jupyter.documents.text import draw_text

        page = self.document()
        shown, left_out = bounded(self.payload())
        content = {"kind": self.kind, "version": 1, "content": shown}
        if left_out:
            content["left_out"] = left_out
        data = {"text/plain": draw_text(page), "text/html": draw_html(page), MIME_TYPE: content}
        return data, {MIME_TYPE: self.identity()}
