"""What lineage says of a dataset: where it stems from, what stems from it, whether it is approved.

A decision is a step with the time of an approval; without anybody's name it is
a revocation. What counts for some content:

1. The latest decision about the content itself, approved or revoked.
2. Whoever stems from something revoked counts as revoked, also if it was
   approved itself: the ancestor has to be approved anew.
3. Without a decision of its own it is approved when some recorded step made it
   of inputs that are all approved, by decision or in this way.

So a table made of one approved and one unapproved input is not approved, and
the unapproved input is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from qforge_jupyter.results.run import LineageStep

State = Literal["approved", "approved through its inputs", "revoked", "made of revoked", "open"]


@dataclass(frozen=True)
class Standing:
    """Whether content may be trusted, and what decides that.

    Parameters
    ----------
    state
        How it stands.
    by
        Who decided, where somebody decided about it.
    reason
        Why.
    because
        Fingerprints of what decides: the revoked ancestors, or the inputs that
        nobody approved.

    """

    state: State
    by: str = ""
    reason: str = ""
    because: tuple[str, ...] = ()

    @property
    def is_approved(self) -> bool:
        """Whether it is approved, by decision or through its inputs."""
        return self.state in ("approved", "approved through its inputs")

    @property
    def is_revoked(self) -> bool:
        """Whether it, or something that it was made of, is revoked."""
        return self.state in ("revoked", "made of revoked")


@dataclass(frozen=True)
class Ancestry:
    """The recorded steps of related content, oldest first.

    Examples
    --------
    >>> from datetime import datetime
    >>> yes = {"approved_by": "ann", "approved_at": datetime(2026, 1, 1)}
    >>> steps = (
    ...     LineageStep("calcs", "c", "file", **yes),
    ...     LineageStep("few", "f", "sql", inputs=("c",), input_names=("calcs",)),
    ...     LineageStep("both", "b", "sql", inputs=("f", "x"), input_names=("few", "notes")),
    ... )
    >>> ancestry = Ancestry(steps)
    >>> ancestry.standing("f").state
    'approved through its inputs'
    >>> ancestry.standing("b").state, ancestry.named(ancestry.standing("b").because)
    ('open', ('notes',))

    """

    steps: tuple[LineageStep, ...]

    @cached_property
    def ways(self) -> Mapping[str, tuple[tuple[str, ...], ...]]:
        """Inputs of every recorded way in which content was made of other content."""
        found: dict[str, dict[tuple[str, ...], None]] = {}
        for step in self.steps:
            if inputs := tuple(each for each in step.inputs if each != step.fingerprint):
                found.setdefault(step.fingerprint, {})[inputs] = None
        return {content: tuple(ways) for content, ways in found.items()}

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """What was made of some content."""
        found: dict[str, dict[str, None]] = {}
        for content, ways in self.ways.items():
            for each in (one for way in ways for one in way):
                found.setdefault(each, {})[content] = None
        return {content: tuple(made) for content, made in found.items()}

    @cached_property
    def decisions(self) -> Mapping[str, LineageStep]:
        """The latest decision about each content."""
        found: dict[str, LineageStep] = {}
        for step in self.steps:
            before = found.get(step.fingerprint)
            if step.approved_at is not None and (
                before is None
                or before.approved_at is None
                or step.approved_at >= before.approved_at
            ):
                found[step.fingerprint] = step
        return found

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What each content was called: by whoever made it, else by whoever used it."""
        found: dict[str, str] = {}
        for step in self.steps:
            for content, name in zip(step.inputs, step.input_names, strict=False):
                found.setdefault(content, name)
        found |= {step.fingerprint: step.dataset for step in self.steps if step.dataset}
        return found

    def named(self, contents: Iterable[str]) -> tuple[str, ...]:
        """Give the names of contents, each name once."""
        return tuple(dict.fromkeys(self.names.get(each) or "a table" for each in contents))

    def ancestors(self, content: str) -> tuple[str, ...]:
        """Name what the content was made of, nearest first."""
        return _reached(content, {each: sum(ways, ()) for each, ways in self.ways.items()})

    def descendants(self, content: str) -> tuple[str, ...]:
        """Name what was made of the content, nearest first."""
        return _reached(content, self.children)

    @cached_property
    def revoked(self) -> frozenset[str]:
        """Content whose latest decision is a revocation."""
        return frozenset(key for key, step in self.decisions.items() if not step.approved_by)

    @cached_property
    def _approved(self) -> frozenset[str]:
        """Content that is approved by decision or through its inputs, revocations aside."""
        approved = {key for key in self.decisions if key not in self.revoked}
        waiting = [key for key in self.ways if key not in self.decisions]
        grew = True
        while grew:
            new = {key for key in waiting if any(set(way) <= approved for way in self.ways[key])}
            grew = not new <= approved
            approved |= new
        return frozenset(approved)

    def standing(self, content: str) -> Standing:
        """Say whether the content is approved, and what decides that."""
        decision = self.decisions.get(content)
        by = "" if decision is None else decision.approved_by or decision.parameters.get("by", "")
        reason = "" if decision is None else decision.reason
        above = tuple(each for each in self.ancestors(content) if each in self.revoked)
        if above:
            culprit = self.decisions[above[0]]
            return Standing(
                "made of revoked", culprit.parameters.get("by", ""), culprit.reason, above
            )
        if content in self.revoked:
            return Standing("revoked", by, reason, (content,))
        if decision is not None:
            return Standing("approved", by, reason)
        if content in self._approved:
            return Standing("approved through its inputs")
        lacking = (each for each in self.ways.get(content, ((),))[-1] if each not in self._approved)
        return Standing("open", because=tuple(lacking) or (content,))


def _reached(start: str, edges: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    seen = {start: None}
    frontier = [start]
    while frontier:
        found = [each for one in frontier for each in edges.get(one, ()) if each not in seen]
        frontier = list(dict.fromkeys(found))
        seen |= dict.fromkeys(frontier)
    return tuple(seen)[1:]
