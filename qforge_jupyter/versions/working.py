"""What this process took out of the store last: the ground its changes stand on.

Two kernels that took out the same version and both commit have each changed
*that* version, whatever the branch points to by then. So the second commit is
laid over the first, cell by cell, instead of undoing it.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Working:
    """By dataset and branch, the version that was taken out or committed here last."""

    _grounds: dict[tuple[str, str], str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def stand_on(self, dataset: str, branch: str, commit: str) -> None:
        """Remember the version that changes of this process are changes of."""
        self._grounds[dataset, branch] = commit

    def ground(self, dataset: str, branch: str) -> str | None:
        """Give the version that was taken out last, if one was."""
        return self._grounds.get((dataset, branch))

    def call(self, dataset: str, variable: str) -> None:
        """Remember the variable in which a dataset is worked on."""
        self._names[dataset] = variable

    def variable(self, dataset: str) -> str | None:
        """Name the variable in which a dataset is worked on, if there is one."""
        return self._names.get(dataset)
