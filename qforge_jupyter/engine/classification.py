"""What predicted classes are worth, measured against knowing nothing.

A share of right answers says little by itself: on data of which 95 % are of
one class, whoever always names that class is right 95 % of the time. So three
numbers stand beside it: the mean recall of the classes (balanced accuracy,
where each class counts the same), Matthews' correlation coefficient (0 for
whoever guesses or names one class always, 1 for whoever is always right), and
the share of the largest class, which naming it alone would reach.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from qforge_jupyter.errors import ModelError

#: A lead over the largest class that chance gives more often is no lead.
LARGEST_P = 0.05


def class_scores(y: Any, predicted: Any) -> dict[str, float]:
    """Score predicted classes.

    Parameters
    ----------
    y, predicted
        What is true and what was said, one value a row.

    Returns
    -------
    dict
        ``accuracy``, ``balanced_accuracy``, ``f1_macro``, ``mcc`` (of any
        number of classes: Gorodkin 2004, the correlation of two
        classifications; not defined, so NaN, where only one class is there)
        and ``largest_class``, the share of the most frequent class.

    Raises
    ------
    ModelError
        Classes of another kind are predicted than there are.

    Examples
    --------
    >>> found = class_scores(np.array(["a", "a", "a", "b"]), np.array(["a", "a", "a", "a"]))
    >>> found["accuracy"], found["balanced_accuracy"], found["mcc"], found["largest_class"]
    (0.75, 0.5, 0.0, 0.75)

    """
    if (y.dtype.kind in "US") != (predicted.dtype.kind in "US"):
        raise ModelError(
            "The model predicts numbers where the classes are texts, or texts where they are "
            "numbers: let it predict the values of y_train"
        )
    known, codes = np.unique(np.concatenate([y, predicted]), return_inverse=True)
    true, said = codes[: len(y)], codes[len(y) :]
    n_true = np.bincount(true, minlength=len(known))
    n_said = np.bincount(said, minlength=len(known))
    right = np.bincount(true[true == said], minlength=len(known))
    is_there = n_true > 0
    return {
        "accuracy": float(right.sum() / len(y)),
        "balanced_accuracy": float((right[is_there] / n_true[is_there]).mean()),
        "f1_macro": float((2 * right / (n_true + n_said)).mean()),
        "mcc": _matthews(n_true, n_said, int(right.sum())),
        "largest_class": float(n_true.max() / len(y)),
    }


def _matthews(n_true: Any, n_said: Any, n_right: int) -> float:
    # Squares of counts do not fit 64 bits, so these are Python's own numbers.
    true, said = [int(n) for n in n_true], [int(n) for n in n_said]
    n_rows = sum(true)
    spread_true = n_rows**2 - sum(n**2 for n in true)
    spread_said = n_rows**2 - sum(n**2 for n in said)
    if not spread_true:
        return math.nan
    if not spread_said:
        return 0.0
    both = sum(a * b for a, b in zip(true, said, strict=True))
    return (n_right * n_rows - both) / math.sqrt(spread_true * spread_said)


def lacks_of(values: Mapping[str, float], n_rows: int, part: str, least_mcc: float) -> list[str]:
    """Say what keeps a classifier from being approved; nothing where it is good enough.

    Two things are asked. Matthews' coefficient has to reach ``least_mcc``: it
    is high only where every class is found and few are named wrongly, does not
    change with the number of classes or their balance, and counts 0 for naming
    the largest class always (Chicco and Jurman 2020). And accuracy has to be
    above the share of the largest class by more than chance gives (one-sided
    exact binomial test, p < 0.05, as in caret's "no information rate"): so a
    handful of rows approves of nothing. The usual least coefficient, 0.70, is
    that of a classifier which is right 85 % of the time on two classes of the
    same size, and stands beside the R² of 0.85 asked of a regression.

    Examples
    --------
    >>> lacks_of({"mcc": 0.8, "accuracy": 0.9, "largest_class": 0.5}, 100, "test", 0.7)
    []
    >>> lacks_of({"mcc": 0.8, "accuracy": 1.0, "largest_class": 0.5}, 4, "test", 0.7)[0]
    'accuracy 1.000 on 4 rows of test is not surely above 0.500, the share of the largest class'

    """
    from scipy.stats import binom

    lacks = []
    if not values["mcc"] >= least_mcc:
        lacks.append(f"MCC {values['mcc']:.3f} on {part} is below {least_mcc:g}")
    accuracy, largest = values["accuracy"], values["largest_class"]
    if not float(binom.sf(round(accuracy * n_rows) - 1, n_rows, largest)) < LARGEST_P:
        rows = f"{n_rows:,} row{'s' * (n_rows != 1)}"
        lacks.append(
            f"accuracy {accuracy:.3f} on {rows} of {part} is not surely above {largest:.3f}, "
            "the share of the largest class"
        )
    return lacks
