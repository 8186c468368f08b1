"""Datasets remember: commits, branches, merges, on both databases."""

from dataclasses import replace

import polars as pl
import pytest

from qforge_jupyter.errors import CallError, DataError, QualityError
from qforge_jupyter.frames.fingerprint import fingerprint
from qforge_jupyter.versions.reading import open_version
from qforge_jupyter.versions.sealing import id_of
from qforge_jupyter.versions.working import Working

ROWS = pl.DataFrame({"id": [1, 2, 3, 4], "tier": ["a", "b", "a", None], "x": [0.1, 0.2, 0.3, 0.4]})


def change(frame, **cells):  # noqa: ANN003 — columns of any name
    """Give the table with cells of row ``id`` changed."""
    key = cells.pop("id")
    return frame.with_columns(
        pl.when(pl.col("id") == key).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in cells.items()
    )


@pytest.fixture
def tiers(workspace):
    """A workspace with one dataset of one version, tagged v1."""
    workspace.commit(ROWS, to="golden/tiers", by=["id"], message="first")
    workspace.tag("golden/tiers", as_="v1")
    return workspace


def rows_of(workspace, name):
    return open_version(workspace.context.store, name).frame


def test_a_version_comes_back_as_it_was_committed(tiers):
    tiers.commit(change(ROWS, id=2, tier="c"), to="golden/tiers")
    assert ROWS.equals(rows_of(tiers, "golden/tiers@v1"))
    assert change(ROWS, id=2, tier="c").equals(rows_of(tiers, "golden/tiers"))


def test_rows_added_removed_and_changed_are_counted(tiers):
    new = pl.concat(
        [
            change(ROWS, id=1, x=9.0).filter(pl.col("id") != 3),
            ROWS.tail(1).with_columns(id=pl.lit(7, pl.Int64)),
        ]
    )
    report = tiers.commit(new, to="golden/tiers")
    assert (1, 1, 1) == (report.n_added, report.n_removed, report.n_modified)
    assert new.equals(rows_of(tiers, "golden/tiers"))


def test_the_fingerprint_is_that_of_the_content_however_it_came_about(tiers):
    new = change(change(ROWS, id=1, x=9.0), id=4, tier="z")
    for step in (change(ROWS, id=1, x=9.0), new.tail(2), new):
        report = tiers.commit(step, to="golden/tiers")
        assert fingerprint(step) == report.fingerprint


def test_the_order_of_rows_is_no_change(tiers):
    assert not tiers.commit(ROWS.reverse(), to="golden/tiers").is_new


@pytest.mark.parametrize(
    "altered",
    [
        ROWS.with_columns(note=pl.lit("n")),
        ROWS.drop("tier"),
        ROWS.with_columns(pl.col("x").cast(pl.Float32)),
        ROWS.select("x", "id", "tier"),
        ROWS.with_columns(pl.col("id").cast(pl.Int32)),
    ],
    ids=["added", "dropped", "retyped", "reordered", "key retyped"],
)
def test_columns_may_come_go_and_change(tiers, altered):
    tiers.commit(altered, to="golden/tiers")
    more = altered.with_columns(pl.col("x") * 2)
    tiers.commit(more, to="golden/tiers")
    assert more.equals(rows_of(tiers, "golden/tiers"))
    assert altered.equals(rows_of(tiers, "golden/tiers~1"))
    assert ROWS.equals(rows_of(tiers, "golden/tiers@v1"))


def test_a_column_that_went_may_come_again_with_other_values(tiers):
    tiers.commit(ROWS.drop("tier"), to="golden/tiers")
    again = ROWS.with_columns(tier=pl.Series(["q", None, "q", "r"])).select("id", "x", "tier")
    tiers.commit(again, to="golden/tiers")
    assert again.equals(rows_of(tiers, "golden/tiers"))


def test_every_commit_hashes_to_its_id_and_every_file_to_its_name(tiers):
    tiers.commit(change(ROWS, id=2, tier="c"), to="golden/tiers")
    store = tiers.context.store
    for each in store.commits.of(store.datasets.find("golden/tiers").id):
        assert each.id == id_of(each)
    assert () == store.verify()


def test_one_changed_byte_is_found(tiers):
    store = tiers.context.store
    sha256 = store.commits.of(store.datasets.find("golden/tiers").id)[0].objects[0].sha256
    path = store.objects.folder.local_path(sha256)
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError.__base__, match="damaged"):
        open_version(store, "golden/tiers")
    assert [f"The object {sha256} is damaged"] == list(store.verify())


def test_branches_grow_apart_and_merge(tiers):
    tiers.branch("golden/tiers@v1", as_="review")
    tiers.commit(change(ROWS, id=1, tier="z"), to="golden/tiers@review", message="reviewed")
    tiers.checkout("golden/tiers@v1")
    tiers.commit(change(ROWS, id=2, x=7.0), to="golden/tiers", message="measured again")
    report = tiers.merge("golden/tiers", from_="review")
    assert "merged" == report.how
    assert change(change(ROWS, id=1, tier="z"), id=2, x=7.0).equals(rows_of(tiers, "golden/tiers"))
    log = tiers.log("golden/tiers").frame
    assert ["Merge review", "measured again", "reviewed", "first"] == log["message"].to_list()


def test_a_branch_without_changes_of_its_own_is_moved_forward(tiers):
    tiers.branch("golden/tiers", as_="review")
    done = tiers.commit(change(ROWS, id=1, tier="z"), to="golden/tiers@review")
    assert ("forwarded", done.commit) == (
        (report := tiers.merge("golden/tiers", from_="review")).how,
        report.commit,
    )
    assert "nothing to merge" == tiers.merge("golden/tiers", from_="review").how


def test_conflicts_stop_a_merge_and_can_be_settled(tiers):
    tiers.branch("golden/tiers", as_="review")
    tiers.commit(change(ROWS, id=1, tier="y"), to="golden/tiers@review")
    tiers.commit(change(ROWS, id=1, tier="z"), to="golden/tiers")
    with pytest.raises(QualityError, match="1 conflict stands between review and main") as stop:
        tiers.merge("golden/tiers", from_="review")
    settled = stop.value.result.conflicts.with_columns(take=pl.lit("theirs"))
    tiers.merge("golden/tiers", from_="review", settled=settled)
    assert "y" == rows_of(tiers, "golden/tiers")["tier"][0]


def test_a_merge_that_lowers_a_score_is_refused(tiers):
    tiers.branch("golden/tiers", as_="review")
    tiers.commit(ROWS.with_columns(x=pl.lit(-1.0)), to="golden/tiers@review")
    tiers.score(ROWS, name="golden/tiers", ranges={"x": "0 .. 1"}, required=["tier"])
    with pytest.raises(QualityError, match="validity drops by 100"):
        tiers.merge("golden/tiers", from_="review", only_if="no dimension drops by 0.5")
    assert ROWS.equals(rows_of(tiers, "golden/tiers"))


def test_a_rollback_is_a_new_version_with_the_former_content(tiers):
    tiers.commit(change(ROWS, id=2, tier="c"), to="golden/tiers")
    tiers.rollback("golden/tiers", to="v1")
    assert ROWS.equals(rows_of(tiers, "golden/tiers"))
    assert 3 == tiers.log("golden/tiers").frame.height


def kernel(workspace, actor):
    """Give another kernel at the same workspace: it has taken no version out yet."""
    return type(workspace)(replace(workspace.context, actor=actor, working=Working()))


def test_two_who_changed_one_version_both_keep_their_changes(tiers):
    other = kernel(tiers, "bob")
    mine, yours = tiers.checkout("golden/tiers").frame, other.checkout("golden/tiers").frame
    other.commit(change(yours, id=2, tier="theirs"), to="golden/tiers")
    mine = change(mine, id=1, tier="ours")
    report = tiers.commit(mine, to="golden/tiers")
    assert ("bob",) == report.between
    assert "bob had committed meanwhile" in repr(report)
    assert ["ours", "theirs", "a", None] == rows_of(tiers, "golden/tiers")["tier"].to_list()
    again = tiers.commit(change(mine, id=3, tier="once more"), to="golden/tiers")
    assert () == again.between
    assert "meanwhile" not in repr(again)


def test_a_later_version_of_ones_own_is_not_said_to_be_somebody_elses(tiers):
    other = kernel(tiers, "ann")
    mine, yours = tiers.checkout("golden/tiers").frame, other.checkout("golden/tiers").frame
    other.commit(change(yours, id=2, tier="theirs"), to="golden/tiers")
    report = tiers.commit(change(mine, id=1, tier="ours"), to="golden/tiers")
    assert "A later version of your own" in repr(report)
    other.commit(change(yours, id=4, tier="theirs"), to="golden/tiers")
    with pytest.raises(QualityError, match="committed by you"):
        tiers.commit(change(mine, id=4, tier="ours"), to="golden/tiers")


def test_a_variable_of_before_a_rollback_does_not_undo_it(tiers):
    wrong = change(tiers.checkout("golden/tiers").frame, id=2, tier="wrong")
    tiers.commit(wrong, to="golden/tiers")
    report = tiers.rollback("golden/tiers", to="v1")
    assert "Variables hold what they held" in repr(report)
    same = tiers.commit(wrong, to="golden/tiers")
    assert not same.is_new
    assert "A later version of your own (a rollback" in repr(same)
    assert ROWS.equals(rows_of(tiers, "golden/tiers"))
    tiers.commit(change(wrong, id=1, tier="new"), to="golden/tiers")
    assert change(ROWS, id=1, tier="new").equals(rows_of(tiers, "golden/tiers"))
    with pytest.raises(QualityError, match="1 of your cells or rows were given other values"):
        tiers.commit(change(wrong, id=2, tier="third"), to="golden/tiers")
    now = tiers.checkout("golden/tiers").frame
    tiers.commit(change(now, id=2, tier="third"), to="golden/tiers")
    assert ["new", "third", "a", None] == rows_of(tiers, "golden/tiers")["tier"].to_list()


def test_a_kernel_that_took_nothing_out_is_told_whose_rows_it_replaces(tiers):
    fresh = kernel(tiers, "bob")
    report = fresh.commit(change(ROWS.head(3), id=1, tier="c"), to="golden/tiers")
    assert "stand in place of all of main as ann had left it" in repr(report)
    assert "%qforge rollback golden/tiers to HEAD~1 brings that back" in repr(report)
    assert (0, 1, 1) == (report.n_added, report.n_removed, report.n_modified)
    report = fresh.commit(change(ROWS.head(3), id=1, tier="d"), to="golden/tiers")
    assert "in place of" not in repr(report)


def test_a_branch_of_what_this_kernel_made_is_known_to_it(tiers):
    tiers.branch("golden/tiers", as_="review")
    report = tiers.commit(change(ROWS, id=1, tier="c"), to="golden/tiers@review")
    assert "in place of" not in repr(report)


def test_rows_that_are_only_added_replace_nothing(tiers):
    more = pl.concat([ROWS, ROWS.tail(1).with_columns(id=pl.lit(9, pl.Int64))])
    assert "in place of" not in repr(kernel(tiers, "bob").commit(more, to="golden/tiers"))


def test_rows_without_keys_are_known_by_content(workspace):
    bare = pl.DataFrame({"a": [1, 1, 2], "b": ["x", "x", None]})
    workspace.commit(bare, to="bag")
    report = workspace.commit(pl.concat([bare.tail(2), bare.head(1), bare.head(1)]), to="bag")
    assert (1, 0, 0) == (report.n_added, report.n_removed, report.n_modified)
    assert sorted(map(repr, [*bare.rows(), (1, "x")])) == sorted(
        map(repr, rows_of(workspace, "bag").rows())
    )


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("golden/tiers@v3", "there are main, v1"),
        ("golden/tiers~4", "0 versions before it"),
        ("golden/tier", "did you mean 'golden/tiers'"),
        ("golden/tiers@deadbeef", "no version 'deadbeef'"),
        ("../etc", "is no version"),
    ],
)
def test_an_unknown_version_is_told(tiers, reference, said):
    with pytest.raises(CallError, match=said):
        tiers.checkout(reference)


def test_the_start_of_an_id_is_enough_where_it_is_the_only_one(tiers):
    commit = tiers.log("golden/tiers").frame["commit"][0]
    assert ROWS.equals(tiers.checkout(f"golden/tiers@{commit[:8]}").frame)


@pytest.mark.parametrize(
    ("table", "options", "said"),
    [
        (ROWS.head(0), {}, "no rows"),
        (pl.DataFrame(), {}, "no columns"),
        (ROWS, {"by": ["x"]}, "are known by id"),
        (ROWS, {"by": ["idd"]}, "did you mean 'id'"),
        (ROWS.vstack(ROWS), {}, "repeated in 4 rows"),
        (ROWS.with_columns(id=None), {}, "is null in 4 rows"),
        (ROWS.with_columns(pl.col("id").cast(pl.String)), {}, "is Int64 in the one version"),
        (ROWS.rename({"x": "__row"}), {}, "rename it"),
    ],
    ids=[
        "no rows",
        "no columns",
        "other keys",
        "no such key",
        "doubled",
        "null",
        "key type",
        "reserved name",
    ],
)
def test_a_table_that_cannot_be_a_version_is_told_and_nothing_is_kept(tiers, table, options, said):
    with pytest.raises(DataError, match=said):
        tiers.commit(table, to="golden/tiers", **options)
    assert 1 == tiers.log("golden/tiers").frame.height


@pytest.mark.parametrize(
    ("name", "said"),
    [("a b", "is not"), ("x@nobranch", "first version goes to main"), ("x~1", "leave ~ away")],
)
def test_a_name_that_is_none_is_told(workspace, name, said):
    with pytest.raises(CallError, match=said):
        workspace.commit(ROWS, to=name, by=["id"])


def test_histories_without_a_common_version_do_not_merge(workspace):
    workspace.commit(ROWS, to="a", by=["id"])
    workspace.commit(ROWS, to="b", by=["id"])
    with pytest.raises(CallError, match="no version 'b'"):
        workspace.merge("a", from_="b")


def test_a_tag_stays_where_it_is_unless_told_to_move(tiers):
    tiers.commit(ROWS.head(2), to="golden/tiers")
    with pytest.raises(CallError, match="add --move"):
        tiers.tag("golden/tiers", as_="v1")
    tiers.tag("golden/tiers", as_="v1", move=True)
    assert 2 == rows_of(tiers, "golden/tiers@v1").height


def test_a_diff_says_what_follows_from_it(tiers):
    tiers.score(ROWS, name="golden/tiers", ranges={"x": "0 .. 1"})
    tiers.commit(change(change(ROWS, id=1, x=5.0), id=2, tier="a"), to="golden/tiers")
    found = tiers.diff("golden/tiers v1..HEAD")
    assert {("validity", 1.0, 0.75)} <= set(found.consequences.scores)
    (flip,) = found.consequences.flips
    assert (("b", "a", 1),) == flip.counts
    assert ("a", 0.5, 0.75) in flip.shares


def test_a_dataset_is_described_and_the_description_is_kept(tiers):
    tiers.describe("golden/tiers", description="Companies", tags=["sales"], metadata={"of": "May"})
    page = tiers.describe("golden/tiers", owner="bob")
    assert ("Companies", "bob", ("sales",), {"of": "May"}) == (
        page.description,
        page.owner,
        page.tags,
        page.metadata,
    )
    assert "describe dataset" in tiers.audit().frame["action"].to_list()


def test_a_dataset_made_from_another_knows_its_parent(tiers):
    tiers.commit(tiers.checkout("golden/tiers"), to="golden/small", by=["id"])
    assert "golden/tiers" == tiers.describe("golden/small").parent


def test_a_certificate_names_the_version_with_that_content(tiers):
    card = {"required": ["x"], "ranges": {"x": "0 .. 1"}, "rules": {"positive": "x > 0"}}
    report = tiers.score(ROWS, **card, unique_by=["id"], outliers="none")
    made = tiers.certify(ROWS, from_=report, approve_lineage=True, reason="reviewed")
    head = tiers.log("golden/tiers").frame["commit"][0]
    assert ("golden/tiers", head) == (made.version.dataset, made.version.commit)


def test_a_row_tells_its_whole_life(tiers):
    tiers.score("golden/tiers", required=["tier"])
    tiers.split("golden/tiers", as_="s1", parts={"train": 50, "test": 50}, leaks=False)
    tiers.commit(change(ROWS, id=4, tier="z"), to="golden/tiers", message="labeled")
    tiers.commit(ROWS.head(3), to="golden/tiers", message="withdrawn")
    life = tiers.why("golden/tiers", key="4").frame
    assert ["created", "scored", "split", "changed", "removed"] == life["what"].to_list()
    assert "tier: (missing) → z · labeled" == life["detail"][3]
    assert life["detail"][2].startswith("s1: t")


def test_a_row_that_never_was_is_told(tiers):
    with pytest.raises(CallError, match="No version of golden/tiers has a row"):
        tiers.why("golden/tiers", key="17")


def test_a_diff_counts_what_it_does_to_stored_splits(tiers):
    split = tiers.split("golden/tiers", as_="s1", parts={"train": 50, "test": 50}, leaks=False)
    tiers.commit(change(ROWS, id=1, tier="z").head(3), to="golden/tiers")
    found = tiers.diff("golden/tiers v1..HEAD").consequences.splits
    part = dict(zip(ROWS["id"], split.part_of, strict=True))
    counted = {name: (changed, gone) for _, name, changed, gone in found}
    expected = {name: (int(part[1] == name), int(part[4] == name)) for name in ("train", "test")}
    assert expected == counted
