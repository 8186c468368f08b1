"""A side is read batch by batch: what comes of it does not hang on the batches."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from collapse_tables import checked, halves

from qforge_jupyter.engine.collapse import copying, keys, passes
from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.checking import check
from qforge_jupyter.engine.collapse.copying import MarksSeen, find_copies
from qforge_jupyter.engine.collapse.keys import Keys, row_keys
from qforge_jupyter.engine.collapse.preparing import prepare
from qforge_jupyter.frames import Table, table


def test_streamed_files_and_frames_in_memory_have_one_verdict(tmp_path, monkeypatch):
    frames = halves("randhie", 2_000)
    for name, frame in zip(("synth", "real"), frames, strict=True):
        frame.write_parquet(tmp_path / f"{name}.parquet")
    whole = checked(*frames)
    monkeypatch.setattr(table.Table.batches, "__defaults__", (None, 300))
    sides = [
        Table(name, pl.scan_parquet(tmp_path / f"{name}.parquet")) for name in ("synth", "real")
    ]
    streamed = check(CollapseCase(*sides))
    assert not any("frame" in side.__dict__ for side in sides)
    assert whole.p_value == streamed.p_value
    assert whole.score == pytest.approx(streamed.score, abs=1e-6)
    assert whole.copying == streamed.copying


@pytest.mark.parametrize("sizes", [(2_000, 2_000), (180, 2_900)])
def test_a_side_too_long_to_keep_its_buckets_is_dealt_anew_to_the_same(monkeypatch, sizes):
    candidate, reference = (side[:n] for side, n in zip(halves("fair", 3_100), sizes, strict=True))
    reference = pl.concat([reference, reference[:100]])
    kept = checked(candidate, reference)
    monkeypatch.setattr(passes, "KEPT_ROWS", 100)
    monkeypatch.setattr(table.Table.batches, "__defaults__", (None, 300))
    anew = checked(candidate, reference)
    assert kept.p_value == anew.p_value
    assert kept.score == pytest.approx(anew.score, abs=1e-6)
    assert kept.statistics["value"].to_list() == pytest.approx(anew.statistics["value"].to_list())


def test_keys_are_the_same_whatever_the_batches():
    words = np.random.default_rng(0).integers(0, 400, 3_000).astype(np.uint64)
    whole = row_keys(words, 7)
    assert 3_000 == len(np.unique(whole))
    for size in (1, 37, 1_000):
        drawn = Keys(7)
        parts = [drawn.of(words[start : start + size]) for start in range(0, 3_000, size)]
        assert (whole == np.concatenate(parts)).all()


def test_beyond_a_block_rows_still_draw_keys_of_their_own(monkeypatch):
    monkeypatch.setattr(keys, "BLOCK", 100)
    drawn = Keys(7)
    parts = [drawn.of(np.full(60, 5, dtype=np.uint64)) for _ in range(10)]
    assert 600 == len(np.unique(np.concatenate(parts)))


def test_copies_are_counted_on_a_share_of_all_contents_where_there_are_too_many(monkeypatch):
    chance = np.random.default_rng(0)
    real = chance.integers(0, 2**63, 40_000).astype(np.uint64)
    fresh = chance.integers(0, 2**63, 20_000).astype(np.uint64)
    synth = np.concatenate([real[:8_000], fresh])

    def found():
        marks = []
        for words in (synth, real):
            seen = MarksSeen(64)
            for start in range(0, len(words), 1_000):
                part = words[start : start + 1_000]
                seen.add(part, (part % np.uint64(64)).astype(np.uint8))
            marks.append(seen.marks())
        return find_copies(*marks), [len(each.words) for each in marks]

    exact, held = found()
    assert (8_000 / 28_000, [28_000, 40_000]) == (exact.share_copied, held)
    monkeypatch.setattr(copying, "MOST_MARKS", 5_000)
    some, held = found()
    assert max(held) <= 5_000
    assert exact.share_copied == pytest.approx(some.share_copied, abs=0.03)
    assert some.is_flagged
    assert some.least_copied > 0.2


def test_columns_named_like_patterns_are_read_by_batches():
    held = pl.DataFrame({"^.*$": [1, 2], "b": [3, 4]})
    for rows in (Table.of_frame("t", held), Table("t", held.lazy())):
        assert [["^.*$"]] == [batch.columns for batch in rows.batches(["^.*$"])]


def test_equal_rows_of_a_bootstrap_lie_in_one_bucket_whatever_the_batches(monkeypatch):
    rows, reference = halves("diabetes", 200)
    frames = {"twice": pl.concat([rows, rows]), "real": reference}
    sides = [Table.of_frame(name, frame) for name, frame in frames.items()]
    whole = prepare(CollapseCase(*sides)).candidate
    found = pl.DataFrame({"row": whole.sample.words, "bucket": whole.sample.buckets})
    assert 1 == found.group_by("row").agg(pl.col("bucket").n_unique())["bucket"].max()
    assert found["bucket"].n_unique() > 30
    monkeypatch.setattr(table.Table.batches, "__defaults__", (None, 70))
    parts = prepare(CollapseCase(*sides)).candidate
    assert (whole.buckets == parts.buckets).all()


def test_groups_say_what_is_dealt_together_though_rows_are_copied():
    rows, reference = halves("diabetes", 200)
    frames = [
        each.with_columns(who=pl.int_range(pl.len()) // 4)
        for each in (pl.concat([rows] * 2), reference)
    ]
    sides = [Table.of_frame(n, f) for n, f in zip(("twice", "real"), frames, strict=True)]
    whole = prepare(CollapseCase(*sides, groups="who")).candidate
    assert whole.sample.frame.height == 400
    assert not whole.dealing.is_together
