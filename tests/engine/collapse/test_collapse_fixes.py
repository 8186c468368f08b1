"""Each fix cures the damage that it is meant for, judged by real rows that it has not seen."""

import numpy as np
import polars as pl
import pytest
from damaged import (
    case_of,
    health,
    repeated,
    scrambled,
    shrunk,
    sides,
    without_a_mode,
)

from qforge_jupyter.engine.collapse.recommending.trialing import Ground, applied
from qforge_jupyter.results.uncertainty import NotApplicable


def tried(name, candidate, reference, target=""):
    """Apply a fix that learns from one half; give the table, and the gain by the other half."""
    ground = Ground.of(case_of(candidate, reference, target=target))
    repair = applied((name,), ground.fix_case)
    assert not isinstance(repair, NotApplicable), repair.reason
    made = ground.made(ground.fix_case, repair)
    return made.table.frame, ground.gain(made, ground.judging)


def fresh():
    """Rows of the survey with a number that tells them apart."""
    rows = health()[:3_000]
    return rows.with_columns(x=pl.Series(np.random.default_rng(1).normal(size=rows.height)))


def fresh_sides():
    return fresh()[:1_200], fresh()[1_200:2_800]


def shaken(rows, share=0.01):
    """Rows with a little noise on every number that has decimals."""
    chance = np.random.default_rng(3)
    return rows.with_columns(
        pl.col(name) + share * rows[name].std() * pl.Series(chance.normal(size=rows.height))
        for name in ("lpi", "disea", "x")
    )


def reason(name, candidate, reference, target=""):
    ground = Ground.of(case_of(candidate, reference, target=target))
    declined = applied((name,), ground.fix_case)
    assert isinstance(declined, NotApplicable)
    return declined.reason


def test_shrunken_variances_are_restored_by_mapping_quantiles():
    candidate, reference = sides()
    made, gain = tried("quantile-map", shrunk(candidate), reference)
    assert gain.before < 30
    assert gain.after >= 80
    assert (gain.word_before, gain.word_after) == ("collapsed", "fit")
    assert made["mdvis"].to_list() == candidate["mdvis"].to_list()


def test_mapping_quantiles_keeps_the_order_of_the_values():
    candidate, reference = sides()
    made, _ = tried("quantile-map", shrunk(candidate), reference)
    pairs = pl.DataFrame({"before": candidate["disea"], "after": made["disea"]})
    by_value = pairs.group_by("before").agg(
        pl.col("after").min().alias("least"), pl.col("after").max().alias("most")
    )
    found = by_value.sort("before")
    assert (found["most"].shift(1) <= found["least"]).all()


def test_a_lost_share_of_a_level_comes_back_by_mapping():
    candidate, reference = sides()
    lost = candidate.with_columns(
        pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("0")).otherwise("good").alias("good")
    )
    made, _ = tried("quantile-map", lost, reference)
    shares = [(each["good"] == "1").mean() for each in (lost, made, reference)]
    assert abs(shares[1] - shares[2]) < 0.05 < abs(shares[0] - shares[2])


def test_scrambled_columns_hang_together_again_after_reordering():
    candidate, reference = sides()
    damaged = scrambled(candidate)
    made, gain = tried("rank-reorder", damaged, reference)
    assert gain.before < 50
    assert gain.after >= 80
    for name in damaged.columns:
        assert made[name].sort().to_list() == damaged[name].sort().to_list()


def test_repeated_rows_go():
    rows = health().with_columns(x=np.random.default_rng(1).normal(size=health().height))
    made, gain = tried("deduplicate", repeated(rows[:1_200]), rows[1_200:2_800])
    assert made.height == 720
    assert gain.before < 50
    assert gain.after >= 80
    assert gain.low > 0


def test_copies_of_the_reference_go_whichever_half_they_stand_in():
    rows = health().with_columns(x=np.random.default_rng(1).normal(size=health().height))
    reference = rows[1_200:2_800]
    candidate = pl.concat([rows[:800], reference[:400]])
    made, gain = tried("drop-copies", candidate, reference)
    assert made.equals(candidate.head(800))
    assert gain.after - gain.before > 20
    assert (gain.word_before, gain.word_after) == ("collapsed", "fit")


def test_rows_that_nearly_are_rows_of_the_reference_go():
    candidate, reference = fresh()[:800], fresh()[1_200:2_800]
    made, gain = tried("drop-copies", pl.concat([candidate, shaken(reference[:400])]), reference)
    is_left = made["x"].is_in(candidate["x"].implode())
    assert (~is_left).sum() < 80  # of 400
    assert is_left.sum() > 720  # of 800
    assert (gain.word_before, gain.word_after) == ("collapsed", "fit")


def test_of_rows_that_nearly_repeat_each_other_one_is_left():
    candidate, reference = fresh()[:1_000], fresh()[1_200:2_800]
    made, gain = tried("deduplicate", pl.concat([candidate, shaken(candidate[:400])]), reference)
    assert abs(made.height - 1_000) < 120
    assert (gain.word_before, gain.word_after) == ("collapsed", "fit")


def test_real_rows_that_are_put_in_do_not_hide_copies_that_were_there():
    candidate, reference = fresh()[:400], fresh()[1_200:2_800]
    for copies in (reference[:800], shaken(reference[:800])):
        _, gain = tried("mix-half", pl.concat([candidate, copies]), reference)
        assert (gain.word_before, gain.word_after) == ("collapsed", "collapsed")


def test_a_bounded_trial_still_sees_all_twins():
    candidate, reference = fresh()[:1_000], fresh()[1_200:2_800]
    repeats = pl.concat([candidate, shaken(candidate[:400])])
    ground = Ground.of(case_of(repeats, reference), most=600)
    repair = applied(("deduplicate",), ground.case_for(("deduplicate",)))
    assert not isinstance(repair, NotApplicable)
    gain = ground.gain(ground.made(ground.whole_case, repair), ground.judging)
    assert repair.n_changed > 300
    assert (gain.word_before, gain.word_after) == ("collapsed", "fit")


@pytest.mark.parametrize("name", ["drop-copies", "deduplicate"])
def test_a_fresh_sample_loses_no_row_to_near_copies(name):
    assert "nearly" in reason(name, *fresh_sides())


def test_a_lost_mode_is_topped_up():
    candidate, reference = sides(2_400, 2_400)
    damaged = without_a_mode(candidate)
    made, gain = tried("top-up", damaged, reference)
    share, wanted = ((each["lncoins"] == 0).mean() for each in (made, reference))
    assert abs(share - wanted) < 0.1
    assert gain.value > 20
    assert made.head(damaged.height).equals(damaged)


def test_real_rows_replace_others_at_the_same_number_of_rows():
    candidate, reference = sides()
    damaged = shrunk(candidate, 0.7)
    made, _ = tried("mix-half", damaged, reference)
    assert made.height == damaged.height
    real = made.join(reference, on=made.columns, how="semi", nulls_equal=True).height
    assert real >= 600
    less, _ = tried("mix-quarter", damaged, reference)
    assert less.join(damaged, on=made.columns, how="semi", nulls_equal=True).height >= 850


def test_impossible_rows_are_dropped_as_the_worst():
    candidate, reference = sides()
    far = candidate.head(240).with_columns(pl.col("disea") + 80, pl.col("lpi") * 5)
    made, gain = tried("drop-worst", pl.concat([far, candidate.tail(960)]), reference)
    is_far = made["disea"] > 70
    assert is_far.sum() < 80  # of 240
    assert gain.value > 5


def test_resampling_thins_out_what_is_too_much():
    candidate, reference = sides(2_400, 2_400)
    skewed = pl.concat([candidate, *[candidate.filter(pl.col("lncoins") == 0)] * 2])
    skewed = skewed.with_columns(lpi=pl.col("lpi") + pl.Series(np.linspace(0, 1e-3, skewed.height)))
    made, _ = tried("reweight", skewed, reference)
    shares = [(each["lncoins"] == 0).mean() for each in (skewed, made, reference)]
    assert abs(shares[1] - shares[2]) < 0.5 * abs(shares[0] - shares[2])


def test_values_far_outside_are_brought_back():
    candidate, reference = sides()
    far = candidate.with_columns(
        disea=pl.when(pl.int_range(pl.len()) < 50).then(1e6).otherwise("disea")
    )
    made, _ = tried("clip", far, reference)
    assert made["disea"].max() <= 2 * reference["disea"].max()
    assert made.tail(1_150).equals(far.tail(1_150))


def test_a_column_of_noise_is_regenerated_from_the_others():
    rows = health().with_columns(sum=pl.col("disea") + pl.col("lpi") * 3)
    candidate, reference = rows[:1_200], rows[1_200:2_800]
    damaged = candidate.with_columns(pl.col("sum").shuffle(seed=3))
    made, gain = tried("regenerate", damaged, reference)
    assert gain.after >= 80 > gain.before
    together, wanted = (each.select(pl.corr("sum", "lpi")).item() for each in (made, reference))
    assert abs(together - wanted) < 0.05
    assert made.drop("sum").equals(damaged.drop("sum"))


def test_nulls_are_filled_and_made_until_their_share_is_natural():
    candidate, reference = sides()
    is_third = pl.int_range(pl.len()) % 3 == 0
    reference = reference.with_columns(mdvis=pl.when(pl.int_range(pl.len()) % 5 > 0).then("mdvis"))
    candidate = candidate.with_columns(disea=pl.when(is_third).then(None).otherwise("disea"))
    made, _ = tried("balance-nulls", candidate, reference)
    assert made["disea"].null_count() == 0
    assert abs(made["mdvis"].null_count() / 1_200 - 0.2) < 0.04
    kept = candidate["disea"].is_not_null()
    assert made["disea"].filter(kept).equals(candidate["disea"].filter(kept))


def test_labels_are_drawn_anew_from_the_other_columns():
    rows = health().with_columns(
        y=pl.when(pl.col("disea") > 12).then(pl.lit("ill")).otherwise(pl.lit("well"))
    )
    candidate, reference = rows[:1_200], rows[1_200:2_800]
    flipped = candidate.with_columns(pl.col("y").shuffle(seed=1))
    made, gain = tried("relabel", flipped, reference, target="y")
    assert (made["y"] == candidate["y"]).mean() > 0.97
    assert gain.after > gain.before


def test_relabeling_without_a_target_is_declined():
    assert reason("relabel", *sides()) == "no target was named"


def test_a_fix_that_would_leave_no_rows_is_declined():
    candidate, reference = sides(200, 400)
    only = candidate.head(1)
    assert "rows would be left" in reason("deduplicate", pl.concat([only] * 200), reference)


@pytest.mark.parametrize("name", ["drop-worst", "reweight", "top-up"])
def test_a_fresh_sample_is_left_alone(name):
    candidate, reference = sides()
    assert "beyond chance" in reason(name, candidate, reference) or "stands out" in reason(
        name, candidate, reference
    )


@pytest.mark.parametrize("name", ["quantile-map", "regenerate", "balance-nulls", "clip"])
def test_nothing_to_repair_is_said_or_hardly_anything_is_changed(name):
    ground = Ground.of(case_of(*sides()))
    found = applied((name,), ground.fix_case)
    if not isinstance(found, NotApplicable):
        assert found.n_changed <= 0.02 * 1_200


def test_fixes_one_after_the_other_repair_both_damages():
    candidate, reference = sides()
    ground = Ground.of(case_of(shrunk(scrambled(candidate)), reference))
    repair = applied(("quantile-map", "rank-reorder"), ground.fix_case)
    made = ground.made(ground.fix_case, repair)
    assert ground.gain(made, ground.judging).after >= 80
