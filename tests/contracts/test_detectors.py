"""What every outlier method keeps, whoever wrote it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.detectors import DETECTORS
from qforge_jupyter.engine.outliers import find_outliers
from qforge_jupyter.frames.table import Table

MEMBERS = DETECTORS.members()
ON_COLUMNS = {name: module for name, module in MEMBERS.items() if module.WORKS_ON == "columns"}


def normal(n=400, columns=3):
    return np.random.default_rng(8).standard_normal((n, columns))


def table(values):
    names = [f"c{index}" for index in range(values.shape[1])]
    return Table.of_frame("t", pl.DataFrame(values, schema=names))


@pytest.mark.parametrize("name", MEMBERS)
def test_a_method_says_what_it_works_on_in_which_unit_and_from_where_on(name):
    module = MEMBERS[name]
    assert module.WORKS_ON in {"columns", "rows"}
    assert module.UNIT
    assert module.THRESHOLD > 0
    assert module.least_rows(3) >= 1
    starts = (module.THRESHOLD, *module.bands(module.THRESHOLD))
    assert list(starts) == sorted(set(starts))


@pytest.mark.parametrize("name", MEMBERS)
def test_a_planted_row_is_the_furthest(name):
    values = normal()
    values[17] = [12.0, -12.0, 12.0]
    report = find_outliers(table(values), method=name)
    assert report.rows["row"][0] == 17


@pytest.mark.parametrize("name", MEMBERS)
def test_few_normal_rows_lie_out(name):
    report = find_outliers(table(normal()), method=name)
    assert report.n_outlier_rows < 0.05 * 400


@pytest.mark.parametrize("name", MEMBERS)
def test_shift_and_unit_of_the_data_do_not_matter(name):
    values = normal()
    values[3, 1] = 9.0
    found = find_outliers(table(values), method=name).rows["row"].to_list()
    moved = find_outliers(table(values * 1024.0 + 4096.0), method=name).rows["row"].to_list()
    assert sorted(found) == sorted(moved)


@pytest.mark.parametrize("name", MEMBERS)
def test_the_same_seed_gives_the_same_rows(name):
    first, second = (find_outliers(table(normal()), method=name, seed=5) for _ in range(2))
    assert first.rows.equals(second.rows)


@pytest.mark.parametrize("name", ON_COLUMNS)
@pytest.mark.parametrize("n", [1, 2, 5, 6, 7, 8, 400])
def test_arrays_and_expressions_have_the_same_anchors(name, n):
    values = normal(n, 1)[:, 0]
    anchors = ON_COLUMNS[name].of_groups(pl.col("x"))
    parts = ("lower", "centre", "upper", "scale")
    if n == 1 and name == "z":
        return  # the deviation of one value is undefined in both
    grouped = (
        pl.DataFrame({"x": values})
        .group_by(pl.lit(1))
        .agg(getattr(anchors, part).alias(part) for part in parts)
    )
    whole = ON_COLUMNS[name].of_values(values)
    assert grouped.select(parts).row(0) == pytest.approx([getattr(whole, part) for part in parts])
