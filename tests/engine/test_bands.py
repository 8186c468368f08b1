import polars as pl
import pytest

from qforge_jupyter.engine.bands import band_names, band_of
from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.frames import Table

BANDS = Scorecard().bands


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (1.0, "excellent"),
        (0.95, "excellent"),
        (0.9499, "good"),
        (0.85, "good"),
        (0.80, "acceptable"),
        (0.70, "caution"),
        (0.6999, "exclude"),
        (0.0, "exclude"),
        (None, "unscored"),
    ],
)
def test_a_score_on_a_bound_is_in_the_better_band(score: float | None, band: str | None):
    frame = pl.DataFrame({"overall": [score]}, schema={"overall": pl.Float64})
    assert band == frame.select(band_of("overall", BANDS)).item()


def test_bands_are_named_best_first():
    assert band_names(BANDS) == [
        "excellent", "good", "acceptable", "caution", "exclude", "unscored",
    ]  # fmt: skip


def test_without_bounds_every_row_is_excluded():
    frame = pl.DataFrame({"overall": [1.0]})
    assert frame.select(band_of("overall", {})).item() == "exclude"


def test_every_row_is_in_exactly_one_band_also_those_without_a_score():
    rows = pl.DataFrame({"a": [1.0, 5.0, None]})
    card = Scorecard(ranges={"a": "0 .. 2"}, ml_ready="overall >= 0.8")
    report = score(Case(Table.of_frame("t", rows), card))
    assert ["excellent", "exclude", "unscored"] == report.rows["band"].to_list()
    counted = {band.name: band.n_rows for band in report.bands}
    assert (3, 1) == (sum(counted.values()), counted["unscored"])
    assert "unscored" in repr(report)
