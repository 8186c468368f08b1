"""Generators that learn from what generators made."""

import numpy as np
import polars as pl

from qforge_jupyter.engine.collapse.cascade.case import CascadeCase
from qforge_jupyter.engine.collapse.generations import recur
from qforge_jupyter.engine.collapse.generator import Generator
from qforge_jupyter.frames import Table


def rows_of(seed, n):
    chance = np.random.default_rng(seed)
    x = chance.normal(size=n)
    y = x**2 + 0.3 * chance.normal(size=n)
    plan = np.where(x + 0.3 * chance.normal(size=n) > 0, "a", "b")
    count = chance.poisson(3, size=n)
    hole = np.where(chance.random(n) < 0.2, np.nan, y + 0.3 * chance.normal(size=n))
    return pl.DataFrame({"x": x, "y": y, "plan": plan, "count": count, "hole": hole}).with_columns(
        pl.col("hole").fill_nan(None)
    )


def test_it_keeps_types_shares_and_how_columns_hang_together():
    real = rows_of(0, 2_000)
    made = Generator.fit(real, seed=1).sample(2_000, seed=2)
    assert made.schema == real.schema
    assert abs(made["plan"].eq("a").mean() - real["plan"].eq("a").mean()) < 0.05
    assert abs(made["hole"].null_count() - real["hole"].null_count()) < 100
    assert set(made["count"].unique()) <= set(real["count"].unique())
    assert np.corrcoef(made["x"].to_numpy() ** 2, made["y"])[0, 1] > 0.8


def test_numbers_are_new_and_the_same_seed_makes_the_same_rows():
    real = rows_of(0, 500)
    generator = Generator.fit(real, seed=1)
    made = generator.sample(500, seed=2)
    assert made["x"].is_in(real["x"].implode()).mean() < 0.2
    assert made.equals(generator.sample(500, seed=2))
    assert not made.equals(generator.sample(500, seed=3))


def test_replacing_loses_more_than_accumulating():
    real, start = (
        Table.of_frame(name, rows_of(seed, 800)) for seed, name in enumerate(("real", "synth"))
    )
    found = recur(CascadeCase(start, real), 4)
    last = {each.workflow: each for each in found if each.number == 4}
    first = next(each for each in found if each.number == 0)
    assert first.score > 95
    assert last["replace"].score < last["accumulate"].score


def test_no_generations_are_none():
    table = Table.of_frame("t", rows_of(0, 50))
    assert recur(CascadeCase(table, table), 0) == ()
