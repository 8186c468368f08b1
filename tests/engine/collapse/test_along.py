"""Rows with a declared order: segments are dealt, and spectra along the order are compared."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from collapse_tables import checked
from scipy.signal import lfilter, welch

from qforge_jupyter.engine.collapse.along import Along, Axis
from qforge_jupyter.engine.collapse.encoding import Encoder
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.frames import Table


def series(n, memory, seed, *, shift=0):
    """Draw two dependent series whose values remember the last one; each has variance 1."""
    chance = np.random.default_rng(seed)
    noise = chance.normal(size=(n + 200, 2)) @ np.array([[1, 0.6], [0, 0.8]])
    made = lfilter([np.sqrt(1 - memory**2)], [1, -memory], noise, axis=0)[200:]
    days = [date(2000, 1, 1) + timedelta(days=shift + i) for i in range(n)]
    return pl.DataFrame({"day": days, "x": made[:, 0], "y": made[:, 1]})


def test_series_of_one_process_are_fit_though_their_rows_depend_on_each_other():
    found = [
        checked(series(4_000, 0.9, seed), series(4_000, 0.9, 100 + seed), order="day")
        for seed in range(5)
    ]
    assert 1 >= sum("collapsed" == each.verdict for each in found)
    as_rows = [
        checked(series(4_000, 0.97, seed), series(4_000, 0.97, 100 + seed), ignore=("day",))
        for seed in range(5)
    ]
    # Row by row they look unlike: what neighbors share is taken for a difference of the sides.
    assert 3 <= sum("collapsed" == each.verdict for each in as_rows)


def test_rows_in_another_order_are_told_by_the_spectrum_alone():
    candidate, reference = series(4_000, 0.8, 1), series(4_000, 0.8, 2)
    shuffled = candidate.with_columns(
        candidate.select("x", "y").sample(fraction=1, shuffle=True, seed=0)
    )
    verdict = checked(shuffled, reference, order="day")
    assert "collapsed" == verdict.verdict
    assert any("along day" in each for each in verdict.because)
    assert {"spectrum"} == {each.name for each in verdict.dimensions if each.excess >= 1}
    assert "along day" not in " ".join(checked(shuffled, reference).statistics["name"])


def test_the_order_of_the_rows_in_the_table_changes_nothing():
    sides = series(2_000, 0.5, 1), series(2_000, 0.5, 2)
    turned = [each.sample(fraction=1, shuffle=True, seed=3) for each in sides]
    first, second = checked(*sides, order="day"), checked(*turned, order="day")
    assert first.score == pytest.approx(second.score, abs=1e-6)
    assert first.p_value == second.p_value


def test_spectra_are_those_of_welch():
    rows = series(4_096, 0.7, 5)
    table = Table.of_frame("t", rows)
    encoder = Encoder.fit(rows, rows, ignore=["day"])
    axis = Axis.of(table, "day", 16)
    along = Along.read(encoder, [(table, axis), (table, axis)])
    scores = encoder.columns[0].table[encoder.encode(rows).cells[:, 0], 0]
    length = axis.window(512)
    _, expected = welch(
        scores, window="hann", nperseg=length, noverlap=0, detrend="constant", return_onesided=False
    )
    octave = slice(16, 32)
    found = along.spectra[:16, 4, 0, 0].real.mean()
    assert (256, 8) == (length, along.spectra.shape[1])
    assert expected[octave].mean() == pytest.approx(found, rel=1e-5)


def test_streams_and_frames_have_the_same_windows(tmp_path):
    rows = series(3_000, 0.5, 1).sample(fraction=1, shuffle=True, seed=1)
    rows.write_parquet(tmp_path / "rows.parquet")
    held = Table.of_frame("t", rows)
    streamed = Table("t", pl.scan_parquet(tmp_path / "rows.parquet"))
    found = [Axis.of(each, "day", 10).windows(each, ["x", "y"], 64) for each in (held, streamed)]
    assert found[0].equals(found[1])
    assert 640 == found[0].height
    gaps = found[0]["day"].to_physical().to_numpy().reshape(10, 64)
    assert (1 == np.diff(gaps, axis=1)).all()


@pytest.mark.parametrize(
    ("made", "error", "said"),
    [
        ({"order": "word"}, DataError, "'word' of synth is String and orders no rows"),
        ({"order": "gap"}, DataError, "'gap' of synth is missing in 1 rows"),
        ({"order": "day", "groups": "word"}, CallError, "`groups` and `order` both"),
        ({"order": "dya"}, CallError, "No column named 'dya'.*'day'"),
    ],
)
def test_an_order_that_is_none_is_refused(made, error, said):
    rows = series(100, 0.5, 1).with_columns(
        word=pl.lit("a"), gap=pl.Series([None, *range(99)], dtype=pl.Int64)
    )
    with pytest.raises(error, match=said):
        checked(rows, rows, **made)


def test_series_too_short_for_a_spectrum_are_compared_without_one():
    verdict = checked(series(60, 0.5, 1), series(60, 0.5, 2), order="day")
    assert "along" not in " ".join(verdict.statistics["name"])


def panel(n_groups, seed):
    """Draw groups of ten rows that share an effect."""
    chance = np.random.default_rng(seed)
    shared = chance.normal(size=(n_groups, 3)).repeat(10, axis=0)
    rows = shared + 0.3 * chance.normal(size=shared.shape)
    return pl.DataFrame(rows).with_columns(who=pl.Series(np.arange(n_groups).repeat(10)))


def test_of_a_far_larger_side_whole_groups_are_left_out():
    found = [checked(panel(60, seed), panel(3_000, 50 + seed), groups="who") for seed in range(6)]
    assert 1 >= sum("collapsed" == each.verdict for each in found)


def test_of_a_far_longer_series_runs_of_rows_are_left_out():
    found = [
        checked(series(800, 0.8, seed), series(40_000, 0.8, 50 + seed), order="day")
        for seed in range(6)
    ]
    assert 1 >= sum("collapsed" == each.verdict for each in found)


def test_short_series_are_cut_into_few_segments():
    found = [
        checked(series(300, 0.9, seed), series(300, 0.9, 50 + seed), order="day")
        for seed in range(10)
    ]
    assert 2 >= sum("collapsed" == each.verdict for each in found)


def test_an_order_of_few_values_is_refused():
    rows = series(2_000, 0.5, 1).with_columns(t=pl.int_range(2_000) // 200)
    with pytest.raises(DataError, match="'t' of synth has so few different values"):
        checked(rows.drop("day"), rows.drop("day"), order="t")
