"""Signatures are rows; what is indexed of them follows the rows, workspace by workspace."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import sqlalchemy as sa

from qforge_jupyter.results.changes import NameSignature, NewSignature
from qforge_jupyter.results.signatures import Signature
from qforge_jupyter.store.tables import SignatureRow


@dataclass
class Listed:
    """An index that only remembers what was added, and how often."""

    ids: list = field(default_factory=list)
    calls: list = field(default_factory=list)

    def add(self, ids, signatures):
        assert len(ids) == len(signatures)
        self.ids.extend(ids)
        self.calls.append(len(ids))


def signature(layout=1, value=1.0):
    return Signature.of(layout, np.full(512, value, dtype=np.float32))


@pytest.fixture
def keep(record):
    """Give what saves a run with a signature, and perhaps another one that names it."""

    def keep(store, layout=1, mode=""):
        new = NewSignature("", signature(layout), {"candidate": "synth", "score": 12.0})
        made = record(changes=(new,))
        store.runs.save(made)
        if mode:
            named = NewSignature(made.id, new.signature, new.about)
            store.runs.save(record(changes=(NameSignature(named, mode, "a note"),)))
        return made.id

    return keep


def test_a_signature_is_kept_with_its_run(store, keep):
    run = keep(store)
    kept = store.signatures.get([run])[run]
    assert (run, "", "synth", 12.0) == (
        kept.run_id, kept.mode, kept.about["candidate"], kept.about["score"],
    )  # fmt: skip
    assert 1 == kept.about["layout"]


def test_only_rows_that_came_since_are_read(store, keep):
    keep(store)
    index = store.signatures.index(1, Listed)
    keep(store)
    keep(store)
    assert index is store.signatures.index(1, Listed)
    assert [1, 2] == index.calls
    assert index is store.signatures.index(1, Listed)
    assert [1, 2] == index.calls


def test_rows_that_went_are_in_no_index(store, keep):
    first, second = keep(store), keep(store)
    assert [first, second] == store.signatures.index(1, Listed).ids
    with store._database.writing() as session:
        session.execute(sa.delete(SignatureRow).where(SignatureRow.id == first))
    assert [second] == store.signatures.index(1, Listed).ids


def test_layouts_are_kept_apart(store, keep):
    first, second = keep(store, layout=1), keep(store, layout=2)
    assert [first] == store.signatures.index(1, Listed).ids
    assert [second] == store.signatures.index(2, Listed).ids


def test_named_ones_are_found_alone_with_their_note(store, keep):
    keep(store)
    named = keep(store, mode="flips")
    assert [named] == store.signatures.index(1, Listed, is_named=True).ids
    later = keep(store, mode="holes")
    assert [named, later] == store.signatures.index(1, Listed, is_named=True).ids
    kept = store.signatures.get([named])[named]
    assert ("flips", "a note") == (kept.mode, kept.note)


def test_a_workspace_sees_its_own_only(open_again, keep):
    first, other = open_again(workspace="a"), open_again(workspace="b")
    run = keep(first, mode="flips")
    assert [] == other.signatures.index(1, Listed).ids
    assert {} == other.signatures.get([run])
    own = keep(other)
    assert [own] == other.signatures.index(1, Listed).ids
    assert [run] == first.signatures.index(1, Listed).ids


def test_a_name_for_a_check_of_elsewhere_is_kept_with_the_run_that_named_it(store, record):
    change = NameSignature(NewSignature("f" * 32, signature(), {}), "flips")
    made = record(changes=(change,))
    store.runs.save(made)
    kept = store.signatures.get(["f" * 32])["f" * 32]
    assert (made.id, "flips") == (kept.run_id, kept.mode)


def test_secrets_in_names_of_tables_are_cut_out(store, record):
    about = {"candidate": "postgresql://ann:hunter2@db/x"}
    made = record(changes=(NewSignature("", signature(), about),))
    store.runs.save(made)
    assert "hunter2" not in str(store.signatures.get([made.id]))
