"""Shares with exact bounds, areas under curves, and the threshold that flatters a rival most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, rankdata


@dataclass(frozen=True, slots=True)
class Share:
    """Some of all, with the Clopper–Pearson bounds of 95 %."""

    some: int
    all: int

    @property
    def value(self) -> float:
        """The share; not a number of nothing."""
        return self.some / self.all if self.all else float("nan")

    @property
    def low(self) -> float:
        """Lower bound."""
        return float(beta.ppf(0.025, self.some, self.all - self.some + 1)) if self.some else 0.0

    @property
    def high(self) -> float:
        """Upper bound."""
        has_room = self.some < self.all
        return float(beta.ppf(0.975, self.some + 1, self.all - self.some)) if has_room else 1.0

    def __str__(self) -> str:
        if not self.all:
            return "no cases"
        return f"{self.some}/{self.all} = {self.value:.1%} [{self.low:.1%}, {self.high:.1%}]"


def auroc(negative: np.ndarray, positive: np.ndarray) -> float:
    """Chance that a positive is more suspicious than a negative; ties count half."""
    if not len(negative) or not len(positive):
        return float("nan")
    ranks = rankdata(np.concatenate([negative, positive]))[len(negative) :]
    return float(
        (ranks.sum() - len(positive) * (len(positive) + 1) / 2) / len(negative) / len(positive)
    )


def best_threshold(negative: np.ndarray, positive: np.ndarray) -> float:
    """The threshold with the least sum of both error rates on these very cases."""
    candidates = np.unique(np.concatenate([negative, positive]))
    alarms = 1 - np.searchsorted(np.sort(negative), candidates, side="left") / max(1, len(negative))
    misses = np.searchsorted(np.sort(positive), candidates, side="left") / max(1, len(positive))
    return float(candidates[np.argmin(alarms + misses)]) if len(candidates) else float("nan")
