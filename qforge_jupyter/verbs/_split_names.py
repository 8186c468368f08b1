"""The name of a split that was given none: made from the dataset and the settings."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from qforge_jupyter.engine.split_plan import SplitPlan

LONGEST, N_DIGITS = 64, 8


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
