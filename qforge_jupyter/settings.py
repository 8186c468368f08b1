"""One frozen `Settings`: defaults < ``.env`` < ``QFORGE_*`` < arguments."""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from qforge_jupyter.errors import CallError, nearest


class Settings(BaseSettings):
    """What can be set from outside; every name is read from ``QFORGE_<NAME>``.

    Examples
    --------
    >>> Settings(_env_file=None).dataset_random_seed
    42

    """

    model_config = SettingsConfigDict(
        env_prefix="QFORGE_",
        env_file=".env",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    workspace: str = Field(".qforge", description="Folder or database URL that is used unasked.")
    folder: str = Field(".qforge", description="Folder of the files when the store is a database.")
    actor: str = Field("", description="Who acts; empty takes the login name.")
    admins: tuple[str, ...] = Field(
        (), description="Who may delete what others predicted, as JSON."
    )
    model_folder: str = Field(
        "~/.cache/qforge/models", description="Folder of weights that were fetched."
    )
    tracker: str = Field("mlflow", description="`mlflow` or `none`.")
    mlflow_uri: str = Field("", description="MLflow tracking URI; empty is the workspace's own.")
    mlflow_experiment: str = Field("qforge", description="MLflow experiment.")
    tracker_timeout_s: float = Field(
        10.0, gt=0, allow_inf_nan=False, description="Seconds a cell waits for the tracker at most."
    )
    progress: bool = Field(
        default=True, description="Whether long work and the tracker say how far they are."
    )

    quality_score_threshold: float = Field(0.80, ge=0, le=1, description="Least overall score.")
    quality_minimum_fields: float = Field(0.70, ge=0, le=1, description="Least completeness.")
    quality_weights: dict[str, float] = Field({}, description="Weight of dimensions, as JSON.")
    outlier_z_score_threshold: float = Field(
        3.0, gt=0, allow_inf_nan=False, description="|z| beyond it is an outlier."
    )
    outlier_iqr_multiplier: float = Field(
        1.5, gt=0, allow_inf_nan=False, description="Tukey fence in IQRs."
    )
    dataset_random_seed: int = Field(42, ge=0, description="Seed of everything random.")
    train_fraction: float = Field(0.70, ge=0, le=1, description="Share of the training part.")
    validation_fraction: float = Field(0.15, ge=0, le=1, description="Share for validation.")
    test_fraction: float = Field(0.15, ge=0, le=1, description="Share of the test part.")
    feature_version_prefix: str = Field("v", description="Prefix of feature-set versions.")
    feature_correlation_min_samples: int = Field(10, ge=2, description="Rows a correlation needs.")
    model_approval_threshold_r2: float = Field(0.85, le=1, description="Least R² of a model.")
    model_approval_threshold_mae: float = Field(0.20, ge=0, description="Largest MAE of a model.")
    model_approval_threshold_mcc: float = Field(
        0.70, ge=-1, le=1, description="Least Matthews correlation of a classifier."
    )

    @model_validator(mode="after")
    def _fractions_make_one(self) -> Settings:
        total = self.train_fraction + self.validation_fraction + self.test_fraction
        if abs(total - 1) > 1e-9:
            msg = f"the train, validation and test fractions add up to {total:g}, wanted 1"
            raise ValueError(msg)
        return self


def read_settings(**arguments: Any) -> Settings:
    """Read the settings; a bad one is named with its environment variable.

    Raises
    ------
    CallError
        A value is not what its name wants.

    """
    for name in arguments:
        if name not in Settings.model_fields and not name.startswith("_"):
            raise CallError(f"No setting named {name!r}{nearest(name, Settings.model_fields)}")
    try:
        return Settings(**arguments)
    except SettingsError as problem:
        field = re.search(r'field "(\w+)"', str(problem))
        where = f"QFORGE_{field[1].upper()}" if field else "A setting"
        raise CallError(f'{where}: it is no JSON, wanted as in {{"validity": 0.4}}') from None
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        where = f"QFORGE_{name.upper()}" if name else "The settings"
        raise CallError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None
