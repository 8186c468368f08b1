"""The same numbers as other people's programs, on real ratings, to 1e-9."""

from __future__ import annotations

from itertools import combinations

import krippendorff
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa, to_table

from qforge_jupyter.engine.agreement.coefficients import coefficients_of
from qforge_jupyter.engine.agreement.dawid_skene import dawid_skene
from qforge_jupyter.engine.agreement.majority import majority
from qforge_jupyter.engine.agreement.one_coin import one_coin
from qforge_jupyter.engine.agreement.pairs import pairs_of
from qforge_jupyter.engine.agreement.ratings import read_ratings
from tests.engine.agreement.conftest import as_long

CLOSE = {"abs": 1e-9, "rel": 0}
#: Expectation and maximization so often, whatever the likelihood does.
STEPS = {"tolerance": -np.inf, "max_iterations": 8}


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_is_that_of_krippendorff(lexicon, level):
    numbers = lexicon + 5 if level == "ratio" else lexicon
    theirs = krippendorff.alpha(reliability_data=numbers.T, level_of_measurement=level)
    found = coefficients_of(read_ratings(as_long(numbers), level=level))
    assert found[f"Krippendorff's alpha, {level}"].value == pytest.approx(theirs, **CLOSE)


def test_fleiss_kappa_is_that_of_statsmodels(valence):
    counts = np.stack([(valence == value).sum(axis=1) for value in range(-4, 5)], axis=1)
    found = coefficients_of(read_ratings(as_long(valence), level="nominal"))
    assert found["Fleiss' kappa"].value == pytest.approx(fleiss_kappa(counts), **CLOSE)


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        (None, "Cohen's kappa"),
        ("linear", "Cohen's kappa, linear"),
        ("quadratic", "Cohen's kappa, quadratic"),
    ],
)
def test_cohens_kappas_are_those_of_scikit_learn(lexicon, weights, name):
    two = lexicon[:, [2, 9]]
    both = two[np.isfinite(two).all(axis=1)].astype(int)
    theirs = cohen_kappa_score(both[:, 0], both[:, 1], weights=weights)
    found = coefficients_of(read_ratings(as_long(two), level="ordinal"))
    assert found[name].value == pytest.approx(theirs, **CLOSE)


def test_every_pair_has_the_kappa_of_statsmodels(lexicon):
    pairs = pairs_of(read_ratings(as_long(lexicon), level="nominal"))
    for line, (i, j) in zip(pairs.rows(), combinations(range(10), 2), strict=True):
        both = lexicon[np.isfinite(lexicon[:, [i, j]]).all(axis=1)][:, [i, j]].astype(int)
        theirs = cohens_kappa(to_table(both)[0]).kappa
        assert line[:3] == (str(i), str(j), len(both))
        assert line[4] == pytest.approx(theirs, **CLOSE)


def test_ac1_and_percent_agreement_are_those_of_the_formula_written_out(lexicon):
    values = list(range(-4, 5))
    agreeing, shares = [], []
    for row in lexicon:
        given = row[np.isfinite(row)]
        counts = [int((given == value).sum()) for value in values]
        m = len(given)
        if m:
            shares.append([count / m for count in counts])
        if m > 1:
            agreeing.append(sum(n * (n - 1) for n in counts) / (m * (m - 1)))
    observed = sum(agreeing) / len(agreeing)
    pi = [sum(column) / len(shares) for column in zip(*shares, strict=True)]
    expected = sum(p * (1 - p) for p in pi) / (len(values) - 1)
    found = coefficients_of(read_ratings(as_long(lexicon), level="nominal"))
    assert found["percent agreement"].value == pytest.approx(observed, **CLOSE)
    ac1 = (observed - expected) / (1 - expected)
    assert found["Gwet's AC1"].value == pytest.approx(ac1, **CLOSE)


@pytest.fixture
def signs(lexicon):
    """Three classes: negative, neutral, positive."""
    return np.sign(lexicon)


def crowd(numbers):
    return (
        as_long(numbers).rename({"item": "task", "labeler": "worker", "value": "label"}).to_pandas()
    )


@pytest.mark.filterwarnings("ignore")
def test_dawid_skene_is_that_of_crowd_kit(signs):
    from crowdkit.aggregation import DawidSkene

    theirs = DawidSkene(n_iter=STEPS["max_iterations"], tol=-np.inf).fit(crowd(signs))
    ratings = read_ratings(as_long(signs), level="nominal")
    ours = dawid_skene(ratings, **STEPS)
    tasks = ratings.item_names.to_list()
    np.testing.assert_allclose(
        ours.posteriors, theirs.probas_.loc[tasks, [-1, 0, 1]].to_numpy(), atol=1e-9, rtol=0
    )
    np.testing.assert_allclose(ours.priors, theirs.priors_[[-1, 0, 1]], atol=1e-9, rtol=0)
    for labeler, matrix in enumerate(ours.confusion):
        rates = theirs.errors_.loc[labeler].reindex(index=[-1, 0, 1], columns=[-1, 0, 1])
        np.testing.assert_allclose(matrix, rates.to_numpy().T, atol=1e-9, rtol=0)


@pytest.mark.filterwarnings("ignore")
def test_one_coin_is_that_of_crowd_kit(signs):
    from crowdkit.aggregation import OneCoinDawidSkene

    theirs = OneCoinDawidSkene(n_iter=STEPS["max_iterations"], tol=-np.inf).fit(crowd(signs))
    ratings = read_ratings(as_long(signs), level="nominal")
    ours = one_coin(ratings, **STEPS)
    skills = theirs.skills_.sort_index().to_numpy()
    np.testing.assert_allclose(ours.quality, skills, atol=1e-9, rtol=0)


def test_the_majority_is_that_of_pandas(signs):
    ratings = read_ratings(as_long(signs), level="nominal")
    labels = majority(ratings).labels(ratings)
    modes = pd.DataFrame(signs).mode(axis=1)
    is_open = modes[1].notna() if 1 in modes else pd.Series(data=False, index=modes.index)
    rated = np.isfinite(signs).any(axis=1)
    assert is_open[rated].tolist() == labels["is_open"].to_list()
    settled = labels.filter(~labels["is_open"])["label"].to_list()
    assert modes[0][rated & ~is_open].astype(int).tolist() == settled
