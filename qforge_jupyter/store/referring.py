"""Rows of the files that something refers to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from qforge_jupyter.errors import StoreError
from qforge_jupyter.results.run import Artifact
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.tables import ObjectRow
from qforge_jupyter.store.tables.foundation import now
from qforge_jupyter.store.tombstones import FORGOTTEN, forgotten_rows


def refer(
    database: Database,
    session: Session,
    artifacts: Sequence[Artifact],
    *,
    has: Callable[[str], bool],
) -> None:
    """Say that something refers to these files, so that ``gc`` lets them be.

    Bytes that were forgotten and are put anew, by somebody who has them, are kept again.
    """
    if not artifacts:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    moment = now()
    values = [
        {
            "workspace_id": database.workspace,
            "sha256": artifact.sha256,
            "media_type": artifact.media_type,
            "n_bytes": artifact.n_bytes,
            "created_at": moment,
            "updated_at": moment,
            "meta": {},
        }
        for artifact in {one.sha256: one for one in artifacts}.values()
    ]
    session.execute(dialect.insert(ObjectRow).on_conflict_do_nothing(), values)
    for row in forgotten_rows(session, [artifact.sha256 for artifact in artifacts]):
        if not has(row.sha256):
            raise StoreError(
                f"The object {row.sha256} is missing: it was forgotten meanwhile, run again"
            )
        row.meta = {name: value for name, value in row.meta.items() if name != FORGOTTEN}
