"""What a call changes beside its run: applied within the run's transaction.

Each kind of change is applied by the module that knows its rows; it registers
itself with `apply`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import singledispatch

from sqlalchemy.orm import Session

from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.changes import Change
from qforge_jupyter.store.database import Database


@dataclass(frozen=True)
class Within:
    """The transaction in which a change is applied.

    Parameters
    ----------
    files
        SHA-256 of the run's artifacts, by their names without suffix.
    has
        Says whether there is a file of that hash.

    """

    database: Database
    session: Session
    run_id: str
    files: Mapping[str, str]
    has: Callable[[str], bool]

    def file(self, name: str) -> str:
        """Give the hash of an artifact of this run."""
        if name not in self.files:
            raise StoreError(f"The run keeps no file {name!r}: the result has to give that frame")
        return self.files[name]


@singledispatch
def apply(change: Change, within: Within) -> None:  # noqa: ARG001 — the others need it
    """Write one change.

    Raises
    ------
    StoreError
        It cannot be applied to the store as it is now.

    """
    raise StoreError(f"The store does not know how to keep a {type(change).__name__}")
