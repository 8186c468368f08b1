"""Signatures of checks: kept with their runs, named by people, and indexed in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from qforge_jupyter.results.changes import NameSignature, NewSignature
from qforge_jupyter.store.changes import Within, apply
from qforge_jupyter.store.database import Database
from qforge_jupyter.store.rows import without_secrets
from qforge_jupyter.store.tables import RunRow, SignatureRow

#: Rows read at a time.
CHUNK = 5_000


class Index(Protocol):
    """What can be searched by signature; made again from the rows whenever that is needed."""

    ids: list[str]

    def add(self, ids: list[str], signatures: NDArray[np.float32]) -> None:
        """Add signatures that are new."""


@dataclass(frozen=True)
class KeptSignature:
    """A signature's row, without its numbers."""

    id: str
    run_id: str
    mode: str
    about: dict[str, Any]
    note: str
    made_at: datetime
    fingerprint: str


@dataclass
class _Cached:
    """An index, the rows that were read for it, and how the table stood then."""

    index: Any
    seen: set[str] = field(default_factory=set)
    state: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Signatures:
    """The signatures of a workspace."""

    database: Database
    _cached: dict[tuple[int, bool], _Cached] = field(default_factory=dict, repr=False)
    _one_at_a_time: Any = field(default_factory=threading.Lock, repr=False)

    def index(self, layout: int, make: Callable[[], Index], *, is_named: bool = False) -> Any:
        """Give the index over all rows of a layout, or over those with a mode.

        Only rows that came since the last call are read; where rows went, or were named, the
        index is made again.

        Parameters
        ----------
        layout
            Signatures of other layouts are left out.
        make
            Makes an empty index.
        is_named
            Take those with a mode only.

        """
        where = SignatureRow.label != "" if is_named else sa.true()
        last = SignatureRow.updated_at if is_named else SignatureRow.created_at
        with self._one_at_a_time, self.database.reading() as session:
            asked = sa.select(sa.func.count(), sa.func.max(last)).select_from(SignatureRow)
            state = tuple(session.execute(asked.where(where)).one())
            held = self._cached.get((layout, is_named)) or _Cached(make())
            if held.state != state:
                if is_named:
                    held = _Cached(make())
                last_read = held.state[1] if held.state else None
                since = sa.true() if last_read is None else SignatureRow.created_at >= last_read
                _read_into(session, held, layout, where & since)
                if len(held.seen) != state[0]:
                    # A clock that is behind, or rows that went: only the rows are to be trusted.
                    held = _Cached(make())
                    _read_into(session, held, layout, where)
                held.state = state
            self._cached[layout, is_named] = held
            return held.index

    def get(self, ids: Sequence[str]) -> dict[str, KeptSignature]:
        """Give the rows of these ids, as many as there are."""
        wanted = (
            sa.select(SignatureRow, RunRow.fingerprint)
            .outerjoin(RunRow, RunRow.id == SignatureRow.run_id)
            .where(SignatureRow.id.in_(ids))
        )
        with self.database.reading() as session:
            found = session.execute(wanted).all()
        return {row.id: _kept(row, fingerprint or "") for row, fingerprint in found}

    def helped(self, fingerprints: Sequence[str]) -> dict[str, str]:
        """Say, by the fingerprint of a table, which fix of it gained most."""
        wanted = sa.select(RunRow.fingerprint, RunRow.report).where(
            RunRow.verb == "fix",
            RunRow.status == "finished",
            RunRow.fingerprint.in_([each for each in fingerprints if each]),
        )
        best: dict[str, tuple[float, str]] = {}
        with self.database.reading() as session:
            for fingerprint, report in session.execute(wanted):
                gain = float(((report or {}).get("gain") or {}).get("value") or 0.0)
                if gain > max(0.0, best.get(fingerprint, (0.0, ""))[0]):
                    best[fingerprint] = (
                        gain,
                        f"{(report or {}).get('title', 'a fix')} ({gain:+.1f})",
                    )
        return {fingerprint: said for fingerprint, (_, said) in best.items()}


def _read_into(session: Session, held: _Cached, layout: int, where: sa.ColumnElement[bool]) -> None:
    """Add the rows that were not read yet, in the order in which they came."""
    wanted = (
        sa.select(SignatureRow.id, SignatureRow.vector, SignatureRow.scores)
        .where(where)
        .order_by(SignatureRow.created_at, SignatureRow.id)
    )
    for some in session.execute(wanted).partitions(CHUNK):
        new = [each for each in some if each.id not in held.seen]
        held.seen.update(each.id for each in new)
        own = [each for each in new if each.scores.get("layout") == layout]
        if own:
            values = np.frombuffer(b"".join(each.vector for each in own), dtype="<f4")
            held.index.add([each.id for each in own], values.reshape(len(own), -1))


def _kept(row: SignatureRow, fingerprint: str) -> KeptSignature:
    return KeptSignature(
        row.id,
        row.run_id,
        row.label,
        dict(row.scores),
        str(row.meta.get("note", "")),
        row.created_at,
        fingerprint,
    )


@apply.register
def _(change: NewSignature, within: Within) -> None:
    _add(change, within, within.run_id)


@apply.register
def _(change: NameSignature, within: Within) -> None:
    own = within.database.workspace
    row = within.session.get(SignatureRow, (own, change.of.id))
    if row is None:
        # A check that was refused, or one of another workspace, has no row here yet.
        is_here = within.session.get(RunRow, (own, change.of.id)) is not None
        row = _add(change.of, within, change.of.id if is_here else within.run_id)
    row.label = change.mode
    row.meta = {**row.meta, "note": change.note}
    within.session.flush()


def _add(new: NewSignature, within: Within, run_id: str) -> SignatureRow:
    row = SignatureRow(
        workspace_id=within.database.workspace,
        id=new.id or within.run_id,
        run_id=run_id,
        label="",
        n_values=len(new.signature.vector) // 4,
        vector=new.signature.vector,
        scores={"layout": new.signature.layout, **without_secrets(new.about)},
    )
    within.session.add(row)
    within.session.flush()
    return row
