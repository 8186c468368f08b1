"""Scores of classes are scikit-learn's, and only what is surely more than guessing is approved."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    matthews_corrcoef,
)

from qforge_jupyter.engine.classification import class_scores, lacks_of
from qforge_jupyter.engine.training import Thresholds, judge
from qforge_jupyter.errors import ModelError
from qforge_jupyter.results.model_scores import PartScores, Verdict

LABELS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("abcde")), min_size=2, max_size=60
)


def verdict_of(y: list[str], said: list[str], **least: float) -> Verdict:
    scores = PartScores("test", len(y), class_scores(np.array(y), np.array(said)))
    return judge({"test": scores}, "classification", Thresholds(**least))


@given(LABELS)
def test_they_are_scikit_learns(pairs):
    y, said = (np.array(each) for each in zip(*pairs, strict=True))
    found = class_scores(y, said)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of classes that are only predicted
        expected = {
            "accuracy": accuracy_score(y, said),
            "balanced_accuracy": balanced_accuracy_score(y, said),
            "f1_macro": f1_score(y, said, average="macro", zero_division=0.0),
            "mcc": matthews_corrcoef(y, said),
        }
    if len(set(y)) == 1:  # scikit-learn says 0 where nothing is defined
        assert math.isnan(found.pop("mcc"))
        del expected["mcc"]
    largest = max(list(y).count(each) for each in set(y)) / len(y)
    assert expected | {"largest_class": largest} == pytest.approx(found)


@given(st.integers(1, 400), st.integers(0, 400), st.floats(0.01, 0.99))
def test_the_lead_is_that_of_an_exact_binomial_test(n_rows, n_right, largest):
    n_right = min(n_rows, n_right)
    values = {"mcc": 1.0, "accuracy": n_right / n_rows, "largest_class": largest}
    p = binomtest(n_right, n_rows, largest, alternative="greater").pvalue
    assert (not p < 0.05) == bool(lacks_of(values, n_rows, "test", 0.7))


def test_naming_the_largest_class_always_is_never_approved():
    verdict = verdict_of(["a"] * 950 + ["b"] * 50, ["a"] * 1000)
    assert verdict.is_approved is False
    assert "MCC 0.000 on test is below 0.7" in verdict.why


def test_a_handful_of_rows_approves_of_nothing():
    verdict = verdict_of(["a", "a", "b", "b"], ["a", "a", "b", "b"])
    assert verdict.is_approved is False
    assert "accuracy 1.000 on 4 rows of test is not surely above 0.500" in verdict.why


def test_right_85_times_of_100_on_two_equal_classes_is_just_approved():
    y = ["a"] * 100 + ["b"] * 100
    assert verdict_of(y, ["a"] * 85 + ["b"] * 100 + ["a"] * 15).is_approved
    assert verdict_of(y, ["a"] * 84 + ["b"] * 100 + ["a"] * 16).is_approved is False
    assert verdict_of(y, ["a"] * 84 + ["b"] * 100 + ["a"] * 16, least_mcc=0.6).is_approved


def test_what_could_not_be_measured_is_not_judged():
    verdict = verdict_of(["a"] * 50, ["a"] * 50)
    assert (None, True) == (verdict.is_approved, "of one class" in verdict.why)
    flat = PartScores("test", 9, {"r2": math.nan, "mae": 0.0})
    verdict = judge({"test": flat}, "regression", Thresholds())
    assert (None, "R² is not defined on test") == (verdict.is_approved, verdict.why[:25])
    assert judge({"train": flat}, "classification", Thresholds()).is_approved is None


def test_a_longer_label_is_not_taken_for_its_beginning():
    assert 0.0 == class_scores(np.array(["a", "b"]), np.array(["ab", "ba"]))["accuracy"]


def test_numbers_for_texts_are_refused():
    with pytest.raises(ModelError, match="numbers where the classes are texts"):
        class_scores(np.array(["a", "b"]), np.array([0, 1]))
