"""A merge takes what one side changed and lists what both did; dictionaries are the oracle."""

import polars as pl
import pytest
from hypothesis import given, settings
from row_states import SCHEMA, frame_of, plain, state_of, states

from qforge_jupyter.errors import CallError, QualityError
from qforge_jupyter.versions.merging import merge_frames

NAMES = ("tier", "x")


def brute_force(base, ours, theirs):
    """Merge dictionaries cell by cell; give the rows, and the keys and columns in conflict."""
    merged, conflicts = {}, set()
    for key in {*base, *ours, *theirs}:
        b, o, t = (state.get(key) for state in (base, ours, theirs))
        if o == t:
            row = o
        elif o == b:
            row = t
        elif t == b:
            row = o
        elif b is None or o is None or t is None:
            conflicts.add((key, None))
            row = o
        else:
            row = {}
            for name in NAMES:
                row[name] = t[name] if o[name] == b[name] else o[name]
                if o[name] != b[name] and t[name] != b[name] and o[name] != t[name]:
                    conflicts.add((key, name))
        if row is not None:
            merged[key] = row
    return merged, conflicts


@given(states, states, states)
@settings(max_examples=300, deadline=None)
def test_a_merge_is_what_merging_dictionaries_gives(base, ours, theirs):
    found = merge_frames(*map(frame_of, (base, ours, theirs)), ["id"])
    rows, conflicts = brute_force(*map(plain, (base, ours, theirs)))
    assert conflicts == set(found.conflicts.select("id", "column").rows())
    assert rows == state_of(found.frame)


@given(states, states, states)
@settings(max_examples=100, deadline=None)
def test_preferring_a_side_leaves_no_conflict_open(base, ours, theirs):
    frames = [*map(frame_of, (base, ours, theirs))]
    found = merge_frames(*frames, ["id"], prefer="theirs")
    turned = merge_frames(frames[0], frames[2], frames[1], ["id"], prefer="ours")
    assert 0 == found.n_open
    assert state_of(found.frame) == state_of(turned.frame)


@given(states, states)
@settings(max_examples=60, deadline=None)
def test_merging_with_a_side_that_did_nothing_gives_the_other(base, ours):
    found = merge_frames(frame_of(base), frame_of(ours), frame_of(base), ["id"])
    assert plain(ours) == state_of(found.frame)


@given(states, states, states)
@settings(max_examples=60, deadline=None)
def test_without_keys_nothing_is_in_conflict(base, ours, theirs):
    frames = [frame_of(each).drop("id") for each in (base, ours, theirs)]
    assert 0 == merge_frames(*frames, []).conflicts.height


def tables(*tiers: str):
    return [pl.DataFrame({"id": [1, 2], "tier": list(each), "x": [0.0, 0.0]}) for each in tiers]


def test_conflicts_are_settled_one_by_one():
    frames = tables("aa", "bb", "cc")
    conflicts = merge_frames(*frames, ["id"]).conflicts
    settled = conflicts.with_columns(take=pl.Series(["theirs", "ours"]))
    found = merge_frames(*frames, ["id"], settled=settled)
    assert (0, ["c", "b"]) == (found.n_open, found.frame["tier"].to_list())


def test_conflicts_that_nobody_settled_stay_open():
    frames = tables("aa", "bb", "cc")
    conflicts = merge_frames(*frames, ["id"]).conflicts
    settled = conflicts.head(1).with_columns(take=pl.lit("theirs"))
    assert 1 == merge_frames(*frames, ["id"], settled=settled).n_open


def test_a_conflict_shows_all_three_values():
    frames = tables("aa", "ba", "ca")
    row = merge_frames(*frames, ["id"]).conflicts.row(0, named=True)
    assert {
        "id": 1,
        "column": "tier",
        "what": "changed on both sides",
        "base": "a",
        "ours": "b",
        "theirs": "c",
    } == row


@pytest.mark.parametrize(
    ("settled", "said"),
    [
        (pl.DataFrame({"id": [1], "column": ["tier"]}), "needs a column 'take'"),
        (pl.DataFrame({"id": [1], "column": ["tier"], "take": ["our"]}), "did you mean 'ours'"),
    ],
)
def test_what_settles_nothing_is_told(settled, said):
    with pytest.raises(CallError, match=said):
        merge_frames(*tables("aa", "bb", "cc"), ["id"], settled=settled)


def test_columns_added_on_both_sides_are_both_there():
    base = frame_of({1: {"tier": "a", "x": 1.0}})
    ours, theirs = base.with_columns(note=pl.lit("n")), base.with_columns(score=pl.lit(0.5))
    merged = merge_frames(base, ours, theirs, ["id"]).frame
    assert (1, "a", 1.0, "n", 0.5) == merged.row(0)


def test_a_column_dropped_on_one_side_is_gone():
    base = frame_of({1: {"tier": "a", "x": 1.0}})
    assert ["id", "x"] == merge_frames(base, base.drop("tier"), base, ["id"]).frame.columns
    assert ["id", "x"] == merge_frames(base, base, base.drop("tier"), ["id"]).frame.columns


def test_cells_of_a_dropped_column_are_not_lost_silently():
    base = frame_of({1: {"tier": "a", "x": 1.0}})
    changed = base.with_columns(tier=pl.lit("b"))
    with pytest.raises(QualityError, match="was dropped on one branch"):
        merge_frames(base, base.drop("tier"), changed, ["id"])


def test_a_column_retyped_in_two_ways_is_told():
    base = frame_of({1: {"tier": "a", "x": 1.0}})
    ours, theirs = (base.with_columns(pl.col("x").cast(kind)) for kind in (pl.Int64, pl.String))
    with pytest.raises(QualityError, match="Int64 in ours and String in theirs"):
        merge_frames(base, ours, theirs, ["id"])


def test_an_empty_side_removes_every_row():
    base = frame_of({1: {"tier": "a", "x": 1.0}})
    assert 0 == merge_frames(base, base, pl.DataFrame(schema=SCHEMA), ["id"]).frame.height
