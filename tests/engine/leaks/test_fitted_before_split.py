from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from qforge_jupyter.engine.leaks.fitted_before_split import find

NAMES = ["radius", "texture", "perimeter", "area"]
VALUES = load_breast_cancer().data[:, :4]
BEYOND = 3

SCALERS = {
    "standardised": StandardScaler(),
    "scaled to its range": MinMaxScaler(),
    "turned into quantiles": QuantileTransformer(n_quantiles=300, output_distribution="normal"),
}


def frame(values):
    return pl.DataFrame(values, schema=NAMES)


@pytest.mark.parametrize("what", SCALERS)
def test_a_scaler_fitted_on_all_rows_is_found(parted, what):
    # With this seed the largest cell lies beyond the first part; else a range shows nothing.
    outcome = find(parted(frame(SCALERS[what].fit_transform(VALUES)), seed=BEYOND))
    assert outcome.verdict == "leak"
    assert {leak.said.partition(" was ")[2] for leak in outcome.leaks} == {f"{what} over all parts"}


@pytest.mark.parametrize("what", SCALERS)
def test_a_scaler_fitted_on_the_first_part_is_clean(parted, what):
    case = parted(frame(VALUES))
    train = np.isin(np.arange(len(VALUES)), case.position[case.part == 0])
    scaler = SCALERS[what].fit(VALUES[train])
    assert find(parted(frame(scaler.transform(VALUES)))).verdict == "clean"


@pytest.mark.parametrize("digits", [6, 9])
def test_a_file_with_few_digits_still_shows_it(parted, digits):
    values = StandardScaler().fit_transform(VALUES).round(digits)
    assert len(find(parted(frame(values))).leaks) == 4


@pytest.mark.parametrize("scaler", [RobustScaler(), MaxAbsScaler()], ids=str)
def test_raw_values_and_other_scalers_raise_no_alarm(parted, scaler):
    for values in (VALUES, scaler.fit_transform(VALUES)):
        assert find(parted(frame(values))).verdict == "clean"


@pytest.mark.parametrize("strategy", ["mean", "median"])
@pytest.mark.parametrize("on_all", [True, False])
def test_gaps_filled_with_the_mean_of_all_parts_are_found(parted, strategy, on_all):
    rng = np.random.default_rng(2)
    values = rng.standard_normal((500, 4))
    values[rng.random((500, 4)) < 0.05] = np.nan
    case = parted(frame(values))
    train = np.isin(np.arange(500), case.position[case.part == 0])
    imputer = SimpleImputer(strategy=strategy).fit(values if on_all else values[train])
    outcome = find(parted(frame(imputer.transform(values))))
    # By chance the median of one part may be that of all.
    assert len(outcome.leaks) in ((3, 4) if on_all else (0,))


@pytest.mark.parametrize("on_all", [True, False])
def test_a_category_encoded_by_the_mean_target_of_all_parts_is_found(parted, on_all):
    rng = np.random.default_rng(3)
    rows = pl.DataFrame({"city": rng.choice(list("abcdefgh"), 400), "y": rng.random(400)})
    case = parted(rows)
    train = np.isin(np.arange(400), case.position[case.part == 0])
    known = rows if on_all else rows.filter(pl.Series(train))
    means = known.group_by("city").agg(code=pl.col("y").mean())
    encoded = rows.join(means, on="city", maintain_order="left")
    leaks = find(parted(encoded, target="y")).leaks
    assert [leak.column for leak in leaks] == (["code"] if on_all else [])


def test_shares_that_reach_from_0_to_1_by_nature_are_no_leak(parted):
    rng = np.random.default_rng(5)
    rows = pl.DataFrame({"share": rng.integers(0, 17, 500) / 16, "uniform": rng.random(500)})
    assert find(parted(rows)).verdict == "clean"


def test_tables_without_decimals_are_declined(parted):
    assert find(parted(pl.DataFrame({"x": [1, 2] * 50}))).verdict == "not applicable"
