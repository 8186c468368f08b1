"""The dashboard widget: its views ask what changed, as long as somebody sees them."""

from __future__ import annotations

from typing import Any

from qforge_jupyter.results.dashboard import Dashboard
from qforge_jupyter.widgets.answering import AnsweringWidget
from qforge_jupyter.widgets.bundles import bundle


class DashboardWidget(AnsweringWidget):
    """A view of a dashboard that goes on counting.

    Parameters
    ----------
    dashboard
        What `dashboard` gave.

    Raises
    ------
    ResourceError
        The browser code is not built.

    """

    def __init__(self, dashboard: Dashboard) -> None:
        self._dashboard = dashboard
        title = f"Dashboard of {dashboard.dataset}"
        super().__init__(self._look, *bundle("dashboard"), title=title)

    def __repr__(self) -> str:
        """Say what is counted."""
        return f"DashboardWidget: {self.title}"

    def _look(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("kind") != "look":
            return {"error": "A dashboard answers `look` alone: run the cell again"}
        return self._dashboard.look(request)
