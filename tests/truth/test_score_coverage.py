"""How often the 95 % interval of a score holds the true score."""

import numpy as np
import polars as pl
import pytest

from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.frames import Table

N_SAMPLES = 1_000
CARD = Scorecard(
    required=("a", "b", "c"),
    ranges={"a": "0 .. 10", "b": "0 .. 10"},
    rules={"r": "c > 0"},
    weights={"uniqueness": 0},
    outliers="none",
    ml_ready="overall >= 0.8",
)


def sample(random: np.random.Generator, n: int) -> pl.DataFrame:
    """Rows whose faults go together: a bad row is bad in several fields."""
    is_bad = random.random(n) < 0.3
    chance = np.where(is_bad, 0.5, 0.05)
    columns = {}
    for name in ("a", "b", "c"):
        values = np.where(random.random(n) < chance, -1.0, 1.0)
        is_missing = random.random(n) < chance
        columns[name] = pl.Series(values).set(pl.Series(is_missing), None)
    return pl.DataFrame(columns)


def truth() -> dict[str, float]:
    """Shares by the law of the sample: a fault has chance .3 x .5 + .7 x .05."""
    chance = {0.5: 0.3, 0.05: 0.7}
    missing = sum(p * weight for p, weight in chance.items())
    wrong = sum((1 - p) * p * weight for p, weight in chance.items()) / (1 - missing)
    scores = {"completeness": 1 - missing, "validity": 1 - wrong, "consistency": 1 - wrong}
    weights = CARD.shares()
    overall = sum(weights[name] * value for name, value in scores.items())
    return {**scores, "overall": overall}


@pytest.mark.parametrize("n", [200])
def test_the_interval_holds_the_truth_in_93_to_97_of_100_tables(n: int):
    random = np.random.default_rng(20261121)
    held = dict.fromkeys(truth(), 0)
    for _ in range(N_SAMPLES):
        report = score(Case(Table.of_frame("t", sample(random, n)), CARD))
        found = {part.name: part.score for part in report.dimensions} | {"overall": report.overall}
        for name, value in truth().items():
            held[name] += found[name].low <= value <= found[name].high
    shares = {name: count / N_SAMPLES for name, count in held.items()}
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares
