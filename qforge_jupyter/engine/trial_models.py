"""The models that a trial trains on both versions: scikit-learn's, with its usual settings."""

from __future__ import annotations

from typing import Any

from qforge_jupyter.errors import CallError, nearest

MODELS = ("ridge", "random-forest", "hist-gradient-boosting")


def make_model(name: str, *, is_classification: bool, seed: int) -> Any:
    """Make an untrained model; missing features are filled with medians where it needs that.

    Raises
    ------
    CallError
        There is no such model.

    Examples
    --------
    >>> type(make_model("ridge", is_classification=False, seed=1)[-1]).__name__
    'Ridge'

    """
    from sklearn import ensemble, linear_model
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if name not in MODELS:
        raise CallError(f"No model named {name[:60]!r} to try{nearest(name, MODELS)}")
    filled = SimpleImputer(strategy="median", keep_empty_features=True)
    if name == "ridge":
        last = linear_model.RidgeClassifier() if is_classification else linear_model.Ridge()
        return make_pipeline(filled, StandardScaler(), last)
    if name == "random-forest":
        kind = (
            ensemble.RandomForestClassifier if is_classification else ensemble.RandomForestRegressor
        )
        return make_pipeline(filled, kind(n_estimators=100, random_state=seed))
    boosted = (
        ensemble.HistGradientBoostingClassifier
        if is_classification
        else ensemble.HistGradientBoostingRegressor
    )
    return boosted(random_state=seed)
