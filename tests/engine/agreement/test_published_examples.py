"""The numbers in the papers."""

from __future__ import annotations

import numpy as np
import pytest

from qforge_jupyter.engine.agreement.categories import categories_of
from qforge_jupyter.engine.agreement.coefficients import coefficients_of
from qforge_jupyter.engine.agreement.cohen import cohen_kappa, joint_of
from qforge_jupyter.engine.agreement.dawid_skene import dawid_skene
from qforge_jupyter.engine.agreement.gwet import gwet_ac
from qforge_jupyter.engine.agreement.patterns import patterns_of
from qforge_jupyter.engine.agreement.ratings import read_ratings
from qforge_jupyter.engine.agreement.weighting import similarities
from tests.engine.agreement.conftest import long


@pytest.mark.parametrize(
    ("level", "alpha"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_alpha_of_krippendorffs_example_is_his(observers, level, alpha):
    found = coefficients_of(read_ratings(observers, level=level))
    assert alpha == round(found[f"Krippendorff's alpha, {level}"].value, 3)


def test_coefficients_of_gwets_example_are_his(observers):
    """Gwet 2014; the digits are those of his R package irrCAC on cac.raw4raters."""
    found = coefficients_of(read_ratings(observers, level="nominal"))
    assert {
        "percent agreement": 0.81818,
        "Fleiss' kappa": 0.76117,
        "Krippendorff's alpha, nominal": 0.74342,
        "Gwet's AC1": 0.77544,
    } == {name: round(each.value, 5) for name, each in found.items()}


def test_kappa_of_fleiss_example_is_his(diagnoses):
    found = coefficients_of(read_ratings(diagnoses, level="nominal"))
    assert 0.430 == round(found["Fleiss' kappa"].value, 3)
    assert 0.556 == round(found["percent agreement"].value, 3)


def test_kappa_of_each_diagnosis_is_fleiss(diagnoses):
    ratings = read_ratings(diagnoses, level="nominal")
    kappas = categories_of(patterns_of(ratings), ratings.scale)["kappa"]
    assert [0.245, 0.245, 0.520, 0.471, 0.566] == kappas.round(3).to_list()


def test_cohens_kappa_is_that_of_the_handbook():
    """J. L. Fleiss, Statistical Methods for Rates and Proportions, 2nd ed. 1981, table 13.1."""
    table = np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    first, second = np.repeat(np.indices((3, 3)).reshape(2, -1), table.ravel(), axis=1)
    joint = joint_of(first, second, np.arange(3.0))
    assert 0.676 == round(float(cohen_kappa(joint, joint.weights)[0]), 3)


def test_ac2_is_that_of_a_hand_calculation():
    # p_a = (1 + .75 + .75 + 1) / 4 = .875, shares .375 .25 .375, T_w = 6, p_e = .65625
    answers = [(1, 1), (1, 2), (2, 3), (3, 3)]
    rows = [
        (item, who, value) for item, pair in enumerate(answers) for who, value in enumerate(pair)
    ]
    found = coefficients_of(read_ratings(long(rows), level="ordinal"))
    assert found["Gwet's AC2"].value == pytest.approx(7 / 11, abs=1e-12)


@pytest.mark.parametrize(("weighting", "ac2"), [("quadratic", 0.914), ("linear", 0.859)])
def test_ac2_of_gwets_example_is_his(observers, weighting, ac2):
    """Gwet 2014 on cac.raw4raters; the digits are those of irrCAC (`gwet.ac1.raw`, weighted)."""
    ratings = read_ratings(observers, level="ordinal")
    patterns = patterns_of(ratings)
    similarity = similarities(np.arange(5.0), weighting)
    found = gwet_ac(patterns, patterns.weights, similarity)
    assert ac2 == round(found.item(), 3)
    if weighting == "quadratic":
        assert ac2 == round(coefficients_of(ratings)["Gwet's AC2"].value, 3)


def test_dawid_and_skene_find_their_priors_and_error_rates(patients):
    """Applied Statistics 28, 20, 1979, to the two digits printed."""
    ratings = read_ratings(patients, level="nominal", repeats="all")
    found = dawid_skene(ratings)
    assert [0.40, 0.42, 0.11, 0.07] == found.priors.round(2).tolist()
    first = found.confusion[0].round(2).tolist()
    assert [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0]] == first[:3]
    assert found.is_converged
