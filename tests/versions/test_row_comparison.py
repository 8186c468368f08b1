"""A comparison is exact by row and cell; a dictionary of rows is the oracle."""

import polars as pl
import pytest
from hypothesis import given, settings
from row_states import frame_of, plain, states

from qforge_jupyter.errors import DataError
from qforge_jupyter.versions.comparing import check_keys, compare_frames
from qforge_jupyter.versions.diffing import diff_frames


@given(states, states)
@settings(max_examples=150, deadline=None)
def test_a_diff_is_what_comparing_dictionaries_gives(old, new):
    found = diff_frames("t", frame_of(old), frame_of(new), ["id"])
    before, after = plain(old), plain(new)
    assert sorted(after.keys() - before.keys()) == sorted(found.added["id"])
    assert sorted(before.keys() - after.keys()) == sorted(found.removed["id"])
    expected = {
        (key, name)
        for key in before.keys() & after.keys()
        for name in ("tier", "x")
        if before[key][name] != after[key][name]
    }
    assert expected == set(found.cells.select("id", "column").rows())


@given(states, states)
@settings(max_examples=100, deadline=None)
def test_without_keys_a_changed_row_is_one_gone_and_one_come(old, new):
    before, after = (frame_of(each).drop("id") for each in (old, new))
    found = compare_frames(before, after, [])
    rows = [sorted(map(repr, frame.rows())) for frame in (before, after)]
    assert len(rows[1]) - len(rows[0]) == found.matched.added.size - found.matched.removed.size
    left = list(rows[0])
    came = [row for row in rows[1] if row not in left or left.remove(row)]
    assert sorted(came) == sorted(map(repr, after[found.matched.added].rows()))


def test_nan_is_nan_null_is_null_and_zero_has_no_sign():
    old = pl.DataFrame({"id": [1, 2, 3, 4], "x": [float("nan"), None, 0.0, float("nan")]})
    new = pl.DataFrame({"id": [1, 2, 3, 4], "x": [float("nan"), None, -0.0, None]})
    assert [4] == diff_frames("t", old, new, ["id"]).of("x")["id"].to_list()


def test_neighbours_of_2_to_the_53_differ():
    old, new = (pl.DataFrame({"id": [1], "n": [2**53 + more]}) for more in (0, 1))
    assert 1 == diff_frames("t", old, new, ["id"]).modified.size


def test_columns_named_like_patterns_are_columns():
    old = pl.DataFrame({"^a.*$": [1, 2], "a": [1, 1], "*": [5, 5]})
    new = old.with_columns(pl.Series("*", [5, 6]))
    assert ["*"] == list(diff_frames("t", old, new, ["^a.*$"]).changed)


def test_nested_cells_are_compared():
    old = pl.DataFrame({"id": [1, 2], "v": [[1, 2], []], "s": [{"a": 1}, {"a": None}]})
    new = pl.DataFrame({"id": [1, 2], "v": [[1, 2], None], "s": [{"a": 1}, {"a": 2}]})
    assert {(2, "v"), (2, "s")} == set(
        diff_frames("t", old, new, ["id"]).cells.select("id", "column").rows()
    )


def test_keys_of_another_width_are_the_same_keys():
    old = pl.DataFrame({"id": pl.Series([1, 2], dtype=pl.Int32), "x": [1, 2]})
    new = pl.DataFrame({"id": pl.Series([2, 1], dtype=pl.Int64), "x": [2, 1]})
    assert 0 == compare_frames(old, new, ["id"]).n_modified


def test_keys_of_another_kind_are_told():
    old, new = pl.DataFrame({"id": [1]}), pl.DataFrame({"id": ["1"]})
    with pytest.raises(DataError, match="is Int64 in the one version and String in the other"):
        compare_frames(old, new, ["id"])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"id": [1, 1]}, "repeated in 1 row,"),
        ({"id": [1, None]}, "null in 1 row,"),
        ({"idd": [1, 2]}, "did you mean 'idd'"),
    ],
)
def test_keys_that_name_no_row_are_told(rows, said):
    with pytest.raises(DataError, match=said):
        check_keys(pl.DataFrame(rows), ["id"])


def test_a_long_list_of_cells_is_streamed():
    old = pl.DataFrame({"id": range(25), "x": range(25)})
    found = diff_frames("t", old, old.with_columns(pl.col("x") + 1), ["id"])
    assert [10, 10, 5] == [part.height for part in found.stream(10)]
