"""Signatures are rows; what is indexed of them follows the rows, workspace by workspace."""

from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa
from conftest import full_record

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


def keep(store, layout=1, mode=""):
    new = NewSignature("", signature(layout), {"candidate": "synth", "score": 12.0})
    record = full_record(changes=(new,))
    store.runs.save(record)
    if mode:
        change = NameSignature(NewSignature(record.id, new.signature, new.about), mode, "a note")
        store.runs.save(full_record(changes=(change,)))
    return record.id


def test_a_signature_is_kept_with_its_run(store):
    run = keep(store)
    kept = store.signatures.get([run])[run]
    assert (run, "", "synth", 12.0) == (
        kept.run_id, kept.mode, kept.about["candidate"], kept.about["score"],
    )  # fmt: skip
    assert 1 == kept.about["layout"]


def test_only_rows_that_came_since_are_read(store):
    keep(store)
    index = store.signatures.index(1, Listed)
    keep(store)
    keep(store)
    assert index is store.signatures.index(1, Listed)
    assert [1, 2] == index.calls
    assert index is store.signatures.index(1, Listed)
    assert [1, 2] == index.calls


def test_rows_that_went_are_in_no_index(store):
    first, second = keep(store), keep(store)
    assert [first, second] == store.signatures.index(1, Listed).ids
    with store._database.writing() as session:
        session.execute(sa.delete(SignatureRow).where(SignatureRow.id == first))
    assert [second] == store.signatures.index(1, Listed).ids


def test_layouts_are_kept_apart(store):
    first, second = keep(store, layout=1), keep(store, layout=2)
    assert [first] == store.signatures.index(1, Listed).ids
    assert [second] == store.signatures.index(2, Listed).ids


def test_named_ones_are_found_alone_with_their_note(store):
    keep(store)
    named = keep(store, mode="flips")
    assert [named] == store.signatures.index(1, Listed, is_named=True).ids
    later = keep(store, mode="holes")
    assert [named, later] == store.signatures.index(1, Listed, is_named=True).ids
    kept = store.signatures.get([named])[named]
    assert ("flips", "a note") == (kept.mode, kept.note)


def test_a_workspace_sees_its_own_only(open_again):
    first, other = open_again(workspace="a"), open_again(workspace="b")
    run = keep(first, mode="flips")
    assert [] == other.signatures.index(1, Listed).ids
    assert {} == other.signatures.get([run])
    own = keep(other)
    assert [own] == other.signatures.index(1, Listed).ids
    assert [run] == first.signatures.index(1, Listed).ids


def test_a_name_for_a_check_of_elsewhere_is_kept_with_the_run_that_named_it(store):
    change = NameSignature(NewSignature("f" * 32, signature(), {}), "flips")
    record = full_record(changes=(change,))
    store.runs.save(record)
    kept = store.signatures.get(["f" * 32])["f" * 32]
    assert (record.id, "flips") == (kept.run_id, kept.mode)


def test_secrets_in_names_of_tables_are_cut_out(store):
    about = {"candidate": "postgresql://ann:hunter2@db/x"}
    record = full_record(changes=(NewSignature("", signature(), about),))
    store.runs.save(record)
    assert "hunter2" not in str(store.signatures.get([record.id]))
