"""What a session did, step by step, so that it can walk back without limit, and forth again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from qforge_jupyter.results.label_events import LabelEvent


@dataclass(frozen=True)
class Part:
    """One submission of a step: to one item.

    Parameters
    ----------
    submission, item
        Of the labels.
    batch
        What the step is known by: answers that were given to many items at once share it.
    undoing
        The submission by which it was taken back; empty where it stands.

    """

    submission: str
    item: str
    batch: str
    undoing: str = ""

    @property
    def target(self) -> str:
        """The submission that another undo has to take back."""
        return self.undoing or self.submission


@dataclass
class Steps:
    """The steps of one session that stand, and those that were taken back, the last at the end.

    Attributes
    ----------
    done
        By batch, the parts of each step that stands.
    undone
        By the undoing, the parts of each step that was taken back.

    """

    done: dict[str, list[Part]] = field(default_factory=dict)
    undone: dict[str, list[Part]] = field(default_factory=dict)
    #: In which step the part is that an undo of a submission means.
    _steps: dict[str, str] = field(default_factory=dict)

    def latest(self, *, is_back: bool) -> Iterator[list[Part]]:
        """Give the steps that can be taken back, or brought back, the last one first."""
        steps = self.done if is_back else self.undone
        yield from reversed(steps.values())

    def take(self, event: LabelEvent) -> None:
        """Follow one event of the session; those of a submission count once."""
        if event.label.label_type == "forgotten":  # nothing is left of what it was
            return
        batch = str(event.label.detail.get("batch") or event.submission)
        if event.label.label_type != "undo":
            part = Part(event.submission, event.label.item, batch)
            if part not in self.done.get(batch, ())[-1:]:
                self._add(self.done, batch, part)
                self.undone.clear()
            return
        target = str(event.label.value["submission"])
        if (back := self._taken(self.undone, target)) is not None:
            self._add(self.done, back.batch, replace(back, undoing=""))
        elif (taken := self._taken(self.done, target)) is not None:
            self._add(self.undone, batch, replace(taken, undoing=event.submission))

    def _add(self, steps: dict[str, list[Part]], step: str, part: Part) -> None:
        steps.setdefault(step, []).append(part)
        self._steps[part.target] = step

    def _taken(self, steps: dict[str, list[Part]], target: str) -> Part | None:
        """Take the part out that an undo speaks of; None where there is none."""
        step = self._steps.get(target, "")
        part = next((one for one in steps.get(step, ()) if one.target == target), None)
        if part is not None:
            steps[step].remove(part)
            if not steps[step]:
                del steps[step]
        return part


def steps_of(events: Iterable[LabelEvent]) -> Steps:
    """Follow all events of a session."""
    steps = Steps()
    for each in events:
        steps.take(each)
    return steps


def passed_over(n_gone: int, name: str) -> str:
    """Say how many items are not to be turned, because their rows went away."""
    if not n_gone:
        return ""
    some = "1 item was" if n_gone == 1 else f"{n_gone:,} items were"
    return f"{some} passed over, forgotten or not in {name} any more"


def nth_id(submission: str, n: int) -> str:
    """Name what belongs to a submission, the same name whenever it is sent."""
    return hashlib.sha256(f"{submission} {n}".encode()).hexdigest()[:32]
