"""What a session did, step by step, so that it can walk back without limit, and forth again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from qforge_jupyter.results.label_events import LabelEvent


@dataclass
class Steps:
    """The submissions of one session that stand, and those that were taken back.

    Attributes
    ----------
    done
        Submission and item of each step that stands, the last one at the end.
    undone
        Of each step taken back: the undoing, the submission, and the item.

    """

    done: list[tuple[str, str]] = field(default_factory=list)
    undone: list[tuple[str, str, str]] = field(default_factory=list)

    def take(self, event: LabelEvent) -> None:
        """Follow one event of the session; those of a submission count once."""
        step = (event.submission, event.label.item)
        if event.label.label_type != "undo":
            if step not in self.done[-1:]:
                self.done.append(step)
                self.undone.clear()
            return
        target = str(event.label.value["submission"])
        back = next((one for one in self.undone if one[0] == target), None)
        if back is not None:
            self.undone.remove(back)
            self.done.append(back[1:])
            return
        found = next((one for one in reversed(self.done) if one[0] == target), None)
        if found is not None:
            self.done.remove(found)
            self.undone.append((event.submission, *found))


def steps_of(events: Iterable[LabelEvent]) -> Steps:
    """Follow all events of a session."""
    steps = Steps()
    for each in events:
        steps.take(each)
    return steps
