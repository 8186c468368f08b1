"""Agreement on each label."""

from __future__ import annotations

import numpy as np
import polars as pl

from qforge_jupyter.engine.agreement.fleiss import category_kappa
from qforge_jupyter.engine.agreement.patterns import Patterns
from qforge_jupyter.engine.agreement.scales import Scale

#: So many labels are judged, those given most often.
LABELS_AT_MOST = 100

SCHEMA = {
    "label": pl.String,
    "n_ratings": pl.Int64,
    "share": pl.Float64,
    "specific": pl.Float64,
    "kappa": pl.Float64,
    "reason": pl.String,
}


def categories_of(patterns: Patterns | None, scale: Scale) -> pl.DataFrame:
    """Say of each label how often one who gave it is confirmed by another labeler.

    Specific agreement is that share: Σ n(n - 1) / Σ n(m - 1) over items with m
    ratings, n of them this label (D. V. Cicchetti & A. R. Feinstein, Journal of
    Clinical Epidemiology 43, 551, 1990, for two raters; J. L. Fleiss, Statistical
    Methods for Rates and Proportions, 2nd ed. 1981, ch. 13). The kappa is Fleiss'
    of the label against all others.

    Parameters
    ----------
    patterns
        The patterns of answers; None where there are too many values to count.
    scale
        What the categories are.

    Returns
    -------
    polars.DataFrame
        label, n_ratings, share of all ratings, specific agreement, kappa, and why
        there is none.

    """
    if patterns is None:
        return pl.DataFrame(schema=SCHEMA)
    totals = patterns.n_items @ patterns.counts
    labels = scale.names.cast(pl.String).to_list()
    shown = np.sort(np.argsort(-totals, kind="stable")[:LABELS_AT_MOST])
    lines = []
    for category in shown.tolist():
        given = patterns.counts[:, category]
        confirmed = patterns.n_items @ (given * (given - 1))
        asked = patterns.n_items @ (given * (patterns.n_ratings - 1))
        kappa = category_kappa(patterns, category) if asked else np.nan
        reason = "" if np.isfinite(kappa) else "no other label was given"
        lines.append(
            (
                labels[category],
                int(totals[category]),
                float(totals[category] / totals.sum()),
                float(confirmed / asked) if asked else None,
                float(kappa) if np.isfinite(kappa) else None,
                reason if asked else "nobody else rated an item that has it",
            )
        )
    return pl.DataFrame(lines, schema=SCHEMA, orient="row")
