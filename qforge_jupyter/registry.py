"""Families of plugins: a folder is the catalogue, a file's name is the name."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TypeVar

from qforge_jupyter.errors import CallError, nearest

Wanted = TypeVar("Wanted")


@dataclass(frozen=True)
class Family:
    """A folder of plugins plus what other distributions add by entry point.

    Parameters
    ----------
    noun
        What one member is called in a sentence, as in ``format``.
    package
        Import path of the folder.

    Examples
    --------
    >>> verbs = Family("verb", "qforge_jupyter.verbs")
    >>> "score" in verbs.names()
    True

    """

    noun: str
    package: str

    @property
    def group(self) -> str:
        """Entry-point group through which another distribution adds a member."""
        return f"qforge.{self.package.rsplit('.', 1)[-1]}"

    def names(self) -> tuple[str, ...]:
        """Every member's name, sorted; nothing is imported but the folder."""
        folder = importlib.import_module(self.package)
        own = {
            found.name.replace("_", "-")
            for found in pkgutil.iter_modules(folder.__path__)
            if not found.name.startswith("_")
        }
        return tuple(sorted(own | {point.name for point in _added(self.group)}))

    def get(self, name: str) -> ModuleType:
        """Import the member of that name.

        Raises
        ------
        CallError
            There is no such member; the sentence names the nearest.

        """
        if name not in self.names():
            raise CallError(f"No {self.noun} named {name!r}{nearest(name, self.names())}")
        for point in _added(self.group):
            if point.name == name:
                module: ModuleType = point.load()
                return module
        return importlib.import_module(f"{self.package}.{name.replace('-', '_')}")

    def members(self) -> dict[str, ModuleType]:
        """Import and return every member by name."""
        return {name: self.get(name) for name in self.names()}


@cache
def _added(group: str) -> tuple[EntryPoint, ...]:
    """What other distributions add; looked up once, since it reads every one of them."""
    return tuple(entry_points(group=group))
