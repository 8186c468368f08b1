"""Which numbers are made of which molecules: what a feature set of molecules is defined by."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import polars as pl

from qforge_jupyter.engine.chemistry.method_settings import settings_of
from qforge_jupyter.engine.featurizers import FEATURIZERS
from qforge_jupyter.errors import CallError, nearest

#: What is done with SMILES of several molecules, as salts and solvates.
Mixtures = Literal["whole", "largest", "none"]


@dataclass(frozen=True)
class MoleculePlan:
    """Featurizers with their settings, and what is done with unusual molecules.

    Parameters
    ----------
    featurizers
        Name and settings of each.
    mixtures
        SMILES of several molecules are described as a ``whole``, as the
        ``largest`` of them, or not at all (``none``).
    most_atoms
        A molecule with more heavy atoms is not described.

    Examples
    --------
    >>> MoleculePlan.of([("maccs", {})]).columns()
    {'maccs': Array(UInt8, shape=(167,))}

    """

    featurizers: tuple[tuple[str, Any], ...]
    mixtures: Mixtures = "whole"
    most_atoms: int = 1_000

    @classmethod
    def of(
        cls, asked: Sequence[tuple[str, Mapping[str, Any]]], *, mixtures: str = "whole",
        most_atoms: int = 1_000,
    ) -> MoleculePlan:  # fmt: skip
        """Make a plan of names and settings that somebody wrote.

        Raises
        ------
        CallError
            No such featurizer or setting, or one out of its range.

        """
        named = tuple(
            (name, settings_of(FEATURIZERS.get(name), dict(given))) for name, given in asked
        )
        if mixtures not in get_args(Mixtures):
            known = get_args(Mixtures)
            raise CallError(f"`mixtures` is {mixtures[:40]!r}{nearest(mixtures, known)}")
        return cls(named, mixtures, most_atoms)  # type: ignore[arg-type]  # checked above

    def definition(self) -> dict[str, Any]:
        """Say all that decides the numbers, but for RDKit itself; `MoleculePlan.read` takes it."""
        said = {
            "featurizers": [[name, asdict(settings)] for name, settings in self.featurizers],
            "mixtures": self.mixtures,
            "most_atoms": self.most_atoms,
        }
        plain: dict[str, Any] = json.loads(json.dumps(said))
        return plain

    @classmethod
    def read(cls, definition: dict[str, Any]) -> MoleculePlan:
        """Read what `definition` said, also after it was JSON."""
        asked = [
            (name, {key: tuple(v) if isinstance(v, list) else v for key, v in given.items()})
            for name, given in definition["featurizers"]
        ]
        return cls.of(asked, mixtures=definition["mixtures"], most_atoms=definition["most_atoms"])

    def columns(self) -> dict[str, pl.DataType]:
        """Give names and types of the features, in order."""
        found: dict[str, pl.DataType] = {}
        for name, settings in self.featurizers:
            found |= FEATURIZERS.get(name).columns(settings)
        return found

    def maker(self) -> Callable[[Any], list[Any]]:
        """Give the function that makes every feature of an RDKit molecule."""
        makers = [FEATURIZERS.get(name).maker(settings) for name, settings in self.featurizers]
        return lambda molecule: [value for make in makers for value in make(molecule)]
