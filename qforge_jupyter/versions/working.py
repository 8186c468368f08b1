"""What this process took out of the store last: the ground its changes stand on.

Two kernels that took out the same version and both commit have each changed
*that* version, whatever the branch points to by then. So the second commit is
laid over the first, cell by cell, instead of undoing it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class Ground:
    """What the next change of this process is a change of.

    Parameters
    ----------
    commit
        Id of the version that was taken out.
    frame
        The rows as this process committed them last, where the version made of them
        holds changes of others, too. None where they are those of the version.
    seen
        Id of the version that this process made or took out last; the same without it.

    """

    commit: str
    frame: pl.DataFrame | None = field(default=None, repr=False)
    seen: str = ""


@dataclass(frozen=True)
class Working:
    """By dataset and branch, the version that was taken out or committed here last."""

    _grounds: dict[tuple[str, str], Ground] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def stand_on(
        self,
        dataset: str,
        branch: str,
        commit: str,
        frame: pl.DataFrame | None = None,
        *,
        seen: str = "",
    ) -> None:
        """Remember what changes of this process are changes of."""
        self._grounds[dataset, branch] = Ground(commit, frame, seen or commit)

    def ground(self, dataset: str, branch: str) -> Ground | None:
        """Give what was taken out or committed last, if anything was."""
        return self._grounds.get((dataset, branch))

    def seen(self, dataset: str) -> frozenset[str]:
        """Name the versions that this process made or took out last, on any branch."""
        return frozenset(
            ground.seen for (name, _), ground in self._grounds.items() if name == dataset
        )

    def call(self, dataset: str, variable: str) -> None:
        """Remember the variable in which a dataset is worked on."""
        self._names[dataset] = variable

    def dataset(self, variable: str) -> str | None:
        """Name the dataset that is worked on in a variable, if there is one."""
        return next((one for one, name in self._names.items() if name == variable), None)

    def variable(self, dataset: str) -> str | None:
        """Name the variable in which a dataset is worked on, if there is one."""
        return self._names.get(dataset)
