import polars as pl
import pytest

from qforge_jupyter.engine.bands import band_names, band_of
from qforge_jupyter.engine.scorecard import Scorecard

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
        (None, None),
    ],
)
def test_a_score_on_a_bound_is_in_the_better_band(score: float | None, band: str | None):
    frame = pl.DataFrame({"overall": [score]}, schema={"overall": pl.Float64})
    assert band == frame.select(band_of("overall", BANDS)).item()


def test_bands_are_named_best_first():
    assert band_names(BANDS) == ["excellent", "good", "acceptable", "caution", "exclude"]


def test_without_bounds_every_row_is_excluded():
    frame = pl.DataFrame({"overall": [1.0]})
    assert frame.select(band_of("overall", {})).item() == "exclude"
