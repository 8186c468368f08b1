"""An item as a view gets it: what is shown, and what was said of it."""

from __future__ import annotations

from typing import Any

from qforge_jupyter.labeling.queue import Queue
from qforge_jupyter.labeling.showing import Showing, plain


def laid_out(queue: Queue, showing: Showing, place: int, position: int) -> dict[str, Any]:
    """Lay an item out for the labeler of a queue.

    Parameters
    ----------
    queue, showing
        What is labeled, and how it is shown.
    place
        Of the row.
    position
        How many items the session was given before it.

    """
    state, labeler = queue.state(place), queue.session.labeler
    reply: dict[str, Any] = {
        "key": queue.items.key(place),
        "position": position,
        "fields": showing.fields(queue.items.cells(place, showing.columns)),
        "mine": {name: plain(said) for name, said in state.said(labeler).items()},
        "claimed": True,
        "status": state.status,
    }
    suggested = queue.suggested
    if suggested is not None:
        reply["suggested"] = suggested.proposed(place)
    if not queue.plan.is_blind:
        reply["others"] = [
            *(suggested.told(place) if suggested is not None else ()),
            *(
                {"labeler": who, "question": name, "value": plain(one.label.value)}
                for who, said in sorted(state.answers.items())
                if who != labeler
                for name, one in sorted(said.items())
            ),
        ]
    return reply
