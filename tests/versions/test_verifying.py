"""Whoever changes a version, a branch or a file behind the store's back is found out."""

import json

import polars as pl
import pytest
import sqlalchemy as sa

from qforge_jupyter.errors import QualityError
from qforge_jupyter.versions.verifying import verify_versions

ROWS = pl.DataFrame({"id": [1, 2, 3], "tier": ["a", "b", None]})


@pytest.fixture
def kept(workspace):
    """A workspace with two versions on main, one on a branch, and a tag."""
    workspace.commit(ROWS, to="tiers", by=["id"], message="first")
    workspace.tag("tiers", as_="v1")
    workspace.branch("tiers", as_="review")
    workspace.commit(ROWS.with_columns(tier=pl.lit("z")), to="tiers@review")
    workspace.commit(ROWS.head(2), to="tiers", message="second")
    return workspace


def tamper(workspace, statement, **values):  # noqa: ANN003 — of any column
    """Change rows as somebody does who has the database and not the library."""
    engine = workspace.context.store._database.engine
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        assert connection.execute(sa.text(statement), values).rowcount == 1


def said(workspace):
    return verify_versions(workspace.context.store)


def test_what_was_committed_is_intact(kept):
    assert () == said(kept)
    assert kept.verify().content["is_intact"]


@pytest.mark.parametrize(
    "change",
    [
        "message = 'other'",
        "author = 'eve'",
        "n_rows = 7",
        "n_removed = 0",
        "fingerprint = 'ffffffffffffffffffffffffffffffff'",
        'committed_at = (SELECT min(committed_at) FROM "commit")',
        "parents = '[]'",
    ],
)
def test_a_changed_version_has_another_id(kept, change):
    tamper(kept, f"UPDATE \"commit\" SET {change} WHERE message = 'second'")  # noqa: S608
    assert "was changed after it was committed" in said(kept)[0]
    with pytest.raises(QualityError, match="versions: damaged: The version"):
        kept.verify()


def test_numbers_that_the_id_does_not_cover_are_looked_at(kept):
    detail = {"keys": ["id"], "next_row": 1}
    tamper(kept, "UPDATE \"commit\" SET meta = :it WHERE message = 'second'", it=json.dumps(detail))
    assert ["would give a new row the number of another"] == [one[-42:] for one in said(kept)]


def test_a_branch_that_points_to_another_dataset_is_found(kept):
    other = kept.commit(ROWS.tail(1), to="other", by=["id"]).commit
    tamper(kept, "UPDATE ref SET head = :it WHERE name = 'review'", it=other)
    assert ("The branch 'review' of tiers points to no version of it",) == said(kept)


def test_a_dataset_whose_branches_went_is_found(kept):
    kept.branch("tiers", as_="review", delete=True)
    tamper(kept, "DELETE FROM ref WHERE name = 'main'")
    assert ("tiers has versions and no branch",) == said(kept)


def test_a_file_that_left_a_version_is_found(kept):
    tamper(
        kept,
        "DELETE FROM commit_object WHERE role = 'tombstones' AND commit_id = "
        "(SELECT id FROM \"commit\" WHERE message = 'second')",
    )
    changed, unread = said(kept)
    assert changed.endswith("was changed after it was committed")
    assert "says that it has 2 rows and its files hold 3" in unread


@pytest.mark.parametrize("how", ["flipped", "cut off", "gone"])
def test_one_byte_of_a_file_is_found(kept, how):
    store = kept.context.store
    commit = store.commits.of(store.datasets.find("tiers").id)[0]
    path = store.objects.folder.local_path(commit.objects[-1].sha256)
    path.chmod(0o600)
    data = path.read_bytes()
    middle = len(data) // 2
    flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    path.write_bytes({"flipped": flipped, "cut off": data[:-1], "gone": b""}[how])
    if how == "gone":
        path.unlink()
    what = "is missing" if how == "gone" else "is damaged"
    assert [f"The object {commit.objects[-1].sha256} {what}"] == [
        one[: 76 + len(what)] for one in store.verify()
    ]
    assert what in said(kept)[0]
    with pytest.raises(QualityError, match="stored objects: damaged"):
        kept.verify()
