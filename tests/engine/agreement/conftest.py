"""Published examples, and real ratings: ten people on the 7,520 tokens of VADER's lexicon."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import polars as pl
import pytest

NONE = None
#: K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011: four observers on
#: twelve units; also K. L. Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014.
OBSERVERS = {
    "A": (1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE),
    "B": (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3),
    "C": (NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE),
    "D": (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE),
}
#: J. L. Fleiss, Psychological Bulletin 76, 378, 1971, table 1: six psychiatrists' diagnoses of
#: thirty patients; 1 depression, 2 personality disorder, 3 schizophrenia, 4 neurosis, 5 other.
DIAGNOSES = (
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 "
    "144444 224445 333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 "
    "111155 224444 133333 555555"
)
#: A. P. Dawid & A. M. Skene, Applied Statistics 28, 20, 1979, table 1: five anaesthetists on the
#: fitness of 45 patients, the first of them three times.
PATIENTS = (
    "111 1 1 1 1|333 4 3 3 4|112 2 1 2 2|222 3 1 2 1|222 3 2 2 2|222 3 3 2 2|122 2 1 1 1|"
    "333 3 4 3 3|222 2 2 2 3|232 2 2 2 3|444 4 4 4 4|222 3 3 4 3|111 1 1 1 1|222 3 2 1 2|"
    "121 1 1 1 1|111 2 1 1 1|111 1 1 1 1|111 1 1 1 1|222 2 2 2 1|222 1 3 2 2|222 2 2 2 2|"
    "222 2 2 2 1|222 3 2 2 2|221 2 2 2 2|111 1 1 1 1|111 1 1 1 1|232 2 2 2 2|111 1 1 1 1|"
    "111 1 1 1 1|112 1 1 2 1|111 1 1 1 1|333 3 2 3 3|111 1 1 1 1|222 2 2 2 2|222 3 2 3 2|"
    "433 4 3 4 3|221 2 2 3 2|232 3 2 3 3|333 3 4 3 2|111 1 1 1 1|111 1 1 1 1|121 2 1 1 1|"
    "232 2 2 2 2|121 1 1 1 1|222 2 2 2 2"
)


def long(rows):
    """Make a table of (item, labeler, value)."""
    return pl.DataFrame(rows, schema=["item", "labeler", "value"], orient="row")


@pytest.fixture(scope="session")
def observers():
    """Krippendorff's example with missing ratings."""
    return long(
        [(item, who, value) for who, row in OBSERVERS.items() for item, value in enumerate(row)]
    )


@pytest.fixture(scope="session")
def diagnoses():
    """Fleiss' example; which psychiatrist said what is not in the paper."""
    return long(
        [
            (item, who, int(value))
            for item, row in enumerate(DIAGNOSES.split())
            for who, value in enumerate(row)
        ]
    )


@pytest.fixture(scope="session")
def patients():
    """Give Dawid and Skene's example, a row for each of 315 judgements."""
    return long(
        [
            (item, who, int(value))
            for item, row in enumerate(PATIENTS.split("|"))
            for who, values in enumerate(row.split())
            for value in values
        ]
    )


@pytest.fixture(scope="session")
def valence():
    """Ten people's ratings of each token, -4 to 4, as an array of tokens × people."""
    import vaderSentiment

    lines = Path(vaderSentiment.__file__).with_name("vader_lexicon.txt").read_text("utf-8")
    return np.array([ast.literal_eval(line.split("\t")[3]) for line in lines.splitlines()])


@pytest.fixture(scope="session", params=["complete", "with three in ten missing"])
def lexicon(request, valence):
    """Give the same with NaN where a rating is missing."""
    numbers = valence.astype(float)
    if request.param != "complete":
        numbers[np.random.default_rng(7).random(numbers.shape) < 0.3] = np.nan
    return numbers


def as_long(numbers):
    """Write an array of items × labelers as a long table of whole numbers."""
    items, labelers = np.nonzero(np.isfinite(numbers))
    values = numbers[items, labelers].astype(np.int64)
    return pl.DataFrame({"item": items, "labeler": labelers, "value": values})
