"""Versions of feature sets that are registered, and their values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.results.changes import NewFeatureSet
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.store.tables import FeatureSetRow


@dataclass(frozen=True)
class KeptFeatureSet:
    """A version of a feature set as it is registered.

    Parameters
    ----------
    values
        SHA-256 of the values by row mark.

    """

    name: str
    version: str
    names: tuple[str, ...]
    correlation: dict[str, Any]
    parameters: dict[str, Any]
    depends_on: tuple[str, ...]
    git_commit: str
    values: str
    made_at: datetime

    @property
    def fingerprint(self) -> str:
        """Content of the values."""
        return str(self.parameters.get("fingerprint", ""))


@dataclass(frozen=True)
class FeatureSets:
    """The feature sets of a workspace."""

    database: Database
    objects: Objects

    def list(self, name: str | None = None) -> tuple[KeptFeatureSet, ...]:
        """Give every version, or those of a name, the latest first."""
        wanted = sa.select(FeatureSetRow).order_by(FeatureSetRow.created_at.desc())
        if name is not None:
            wanted = wanted.where(FeatureSetRow.name == name)
        with self.database.reading() as session:
            return tuple(_kept(row) for row in session.scalars(wanted))

    def latest(self, name: str) -> KeptFeatureSet | None:
        """Give the version of a name that was registered last, if there is one."""
        return next(iter(self.list(name)), None)

    def get(self, name: str, version: str) -> KeptFeatureSet:
        """Give one version.

        Raises
        ------
        CallError
            There is none of that name and version.

        """
        known = {each.version: each for each in self.list(name)}
        if version not in known:
            raise CallError(
                f"No version {version[:40]!r} of the features {name[:60]!r}"
                f"{nearest(version, known)}"
            )
        return known[version]

    def values(self, kept: KeptFeatureSet) -> pl.DataFrame:
        """Read the values: the row mark, then one column a feature."""
        return self.objects.read_frame(kept.values)


def _kept(row: FeatureSetRow) -> KeptFeatureSet:
    return KeptFeatureSet(
        row.name,
        row.version,
        tuple(row.names),
        row.correlation,
        row.parameters,
        tuple(row.depends_on),
        row.git_commit,
        row.feature_values or "",
        row.created_at,
    )


@apply.register
def _(change: NewFeatureSet, within: Within) -> None:
    within.session.add(
        FeatureSetRow(
            workspace_id=within.database.workspace,
            id=change.id,
            name=change.name,
            version=change.version,
            kind=change.kind,
            run_id=within.run_id,
            n_features=len(change.names),
            names=list(change.names),
            correlation=change.correlation,
            parameters=change.parameters,
            depends_on=list(change.depends_on),
            git_commit=change.git_commit,
            feature_values=within.file(change.values),
        )
    )
    within.session.flush()
