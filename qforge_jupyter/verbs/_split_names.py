"""Names of splits: the one that was given, or one made from the dataset and the settings."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.errors import CallError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LONGEST, N_DIGITS = 64, 8


def check_split_name(name: str) -> str:
    """Refuse a name that could not be written in a cell.

    Raises
    ------
    CallError
        It is too long, or has signs that mean something else.

    """
    if not _NAME.fullmatch(name):
        raise CallError(
            "A split is named with 1 to 64 letters, digits, dots, dashes and underscores: as gap-v1"
        )
    return name


def made_name(dataset: str, plan: SplitPlan, shares: Mapping[str, float], seed: int) -> str:
    """Name a split of a stored dataset by what decides it; equal settings give an equal name.

    Examples
    --------
    >>> shares = {"train": 0.8, "test": 0.2}
    >>> made_name("golden/tiers", SplitPlan(stratify=["label"]), shares, 42)[:-8]
    'golden-tiers.stratified-'

    """
    settings = {
        "dataset": dataset,
        "plan": plan.described(),
        "parts": [[name, round(share, 9)] for name, share in shares.items()],
        "seed": seed,
    }
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    tail = f".{plan.strategy}-{digest[:N_DIGITS]}"
    head = re.sub(r"[^A-Za-z0-9._-]", "-", dataset).lstrip("._-") or "data"
    return head[: LONGEST - len(tail)] + tail
