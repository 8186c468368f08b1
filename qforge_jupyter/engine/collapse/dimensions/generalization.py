"""Generalization gap: what is learned from the candidate holds on the reference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qforge_jupyter.engine.collapse.neighborhood import Neighborhood
from qforge_jupyter.engine.collapse.readings import Reading
from qforge_jupyter.engine.collapse.telling_apart import Ranked
from qforge_jupyter.engine.collapse.views import View
from qforge_jupyter.results.uncertainty import NotApplicable

QUESTION = "Would what is learned from the candidate hold on the reference?"

Floats = NDArray[np.float64]
#: Neighbors that are asked for their side.
ASKED = 10
#: Loss beyond the reference's: nats for classes, parts of the variance for numbers.
TOLERATED_LOSS = 0.06


def read(view: View) -> list[Reading] | NotApplicable:
    """Read what leaves, neighbors and a classifier say of the joint distribution."""
    readings = _learned(view)
    if view.neighborhood is not None:
        readings += _neighbors(view.neighborhood, view.dealt)
    if view.ranked is not None:
        readings.append(_told_apart(view.ranked, view))
    if view.foretold is not None:
        gaps = view.foretold.gaps(view.dealt)
        name = "loss of the target, foretold"
        readings.append(Reading(name, gaps, TOLERATED_LOSS, "signed", is_sole=True))
    return readings


def _learned(view: View) -> list[Reading]:
    """Error added where leaves of the candidate, not of the reference, predict each feature."""
    both = (view.candidate, view.reference)
    deep = view.candidate.leaf_features.shape[1]
    counts = [each.leaf_counts[:, :deep, :, None] for each in both]
    # Half a row of the overall mean keeps empty leaves from saying anything.
    means = [
        (each.leaf_features + 5 * each.features[:, None, None, :]) / (n + 5)
        for each, n in zip(both, counts, strict=True)
    ]
    weights = counts[1] / np.maximum(counts[1].sum(2, keepdims=True), 1)
    variance = view.pooled_features[1] ** 2
    added = (weights * (means[0] - means[1]) ** 2).sum(2).mean(1) / variance
    readings = [Reading("error added by what was learned", np.sqrt(added.mean(1)), 0.10)]
    own = [i for i, (name, _) in enumerate(view.names) if name == view.target]
    if own:
        of_target = np.sqrt(added[:, own].mean(1))
        readings.append(Reading("error added for the target", of_target, 0.12))
    return readings


def _neighbors(neighborhood: Neighborhood, dealt: Floats) -> list[Reading]:
    own, others = neighborhood.sides(dealt)
    asked = others[:, :, :ASKED]
    share = own.mean(1)
    alike = (asked.mean(2) * own).sum(1) / np.maximum(own.sum(1), 1)
    none = (~asked.any(2) & ~own).sum(1) / np.maximum((~own).sum(1), 1)
    alone = (asked.all(2) & own).sum(1) / np.maximum(own.sum(1), 1)
    return [
        Reading("rows among their own kind", alike - share, 0.06, "signed", "high"),
        Reading("voids: reference rows without candidates near", none, 0.04, "signed", "high"),
        Reading("candidates without reference rows near", alone, 0.04, "signed", "high"),
    ]


def _told_apart(ranked: Ranked, view: View) -> Reading:
    first, second = ranked.areas(view.dealt)
    # Of what came both folds, of the null one (see `telling_apart`); 1/2 is no difference.
    values = np.where(view.is_real, (first + second) / 2, first) - 0.5
    return Reading("told apart by a classifier (AUC - 1/2)", values, 0.12, "signed", "high")
