"""Which stored version a table was read from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    """A version of a dataset.

    Parameters
    ----------
    dataset
        Its name, as in ``golden/contact-tier``.
    commit
        The commit's id, 64 hexadecimal digits.
    ref
        The branch or tag through which it was asked for; empty for an id.
    keys
        Columns whose values name a row; none where rows are known by content.
    branch
        The branch that changes of it are meant for.

    """

    dataset: str
    commit: str
    ref: str = ""
    keys: tuple[str, ...] = ()
    branch: str = "main"

    @property
    def shown(self) -> str:
        """What people call it; an id, which differs from run to run, is none of it."""
        return f"{self.dataset}@{self.ref}" if self.ref else self.dataset

    def __str__(self) -> str:
        return f"{self.dataset}@{self.ref or self.commit[:12]}"
