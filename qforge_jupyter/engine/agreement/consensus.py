"""What labelers say together: a label for each item, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from qforge_jupyter.engine.agreement.patterns import CELLS_AT_MOST
from qforge_jupyter.engine.agreement.ratings import Floats, Ratings
from qforge_jupyter.errors import DataError

#: Two labels whose probabilities differ by less are tied.
TIED = 1e-9


@dataclass(frozen=True)
class Consensus:
    """Labels for items, and what is known of the labelers.

    Parameters
    ----------
    method
        ``majority``, ``dawid-skene`` or ``one-coin``.
    posteriors
        One row an item, one column a category: the probability that it is the
        true one; for the majority its share of the item's ratings.
    priors
        How frequent the categories are.
    quality
        For each labeler the probability of a right answer to a random item.
    confusion
        For each labeler, true category and given category a probability.
    log_likelihoods
        After each iteration.
    is_converged
        Whether the last iteration changed next to nothing.

    """

    method: str
    posteriors: Floats = field(repr=False)
    priors: Floats = field(repr=False)
    quality: Floats = field(repr=False)
    confusion: Floats | None = field(default=None, repr=False)
    log_likelihoods: tuple[float, ...] = field(default=(), repr=False)
    is_converged: bool = True

    @property
    def n_iterations(self) -> int:
        """Iterations made."""
        return len(self.log_likelihoods)

    def labels(self, ratings: Ratings) -> pl.DataFrame:
        """Give each item its label; a tie stays open and has none.

        Returns
        -------
        polars.DataFrame
            item, label, posterior (of the label, or of each of those tied),
            n_ratings, is_open.

        """
        best = self.posteriors.argmax(axis=1)
        height = self.posteriors[np.arange(len(best)), best]
        is_open = (self.posteriors >= height[:, None] - TIED).sum(axis=1) > 1
        labels = ratings.scale.names.gather(best)
        return pl.DataFrame(
            {
                "item": ratings.item_names,
                "label": labels,
                "posterior": height,
                "n_ratings": np.bincount(ratings.items, minlength=ratings.n_items),
                "is_open": is_open,
            }
        ).with_columns(pl.when(~pl.col("is_open")).then("label").alias("label"))

    def confusions(self, ratings: Ratings) -> pl.DataFrame:
        """Give the confusion of each labeler as rows: labeler, true, given, probability."""
        names = ratings.scale.names.cast(pl.String)
        labelers = ratings.labeler_names.cast(pl.String)
        if self.confusion is None:
            schema = dict.fromkeys(("labeler", "true", "given"), pl.String)
            return pl.DataFrame(schema={**schema, "probability": pl.Float64})
        n, q, _ = self.confusion.shape
        return pl.DataFrame(
            {
                "labeler": labelers.gather(np.repeat(np.arange(n), q * q)),
                "true": names.gather(np.tile(np.repeat(np.arange(q), q), n)),
                "given": names.gather(np.tile(np.arange(q), n * q)),
                "probability": self.confusion.ravel(),
            }
        )


def vote_shares(ratings: Ratings) -> Floats:
    """Give the share of each category among the ratings of each item.

    Raises
    ------
    DataError
        There are too many different values.

    """
    n_categories = ratings.n_categories
    if ratings.n_items * n_categories > CELLS_AT_MOST:
        raise DataError(
            f"There are {n_categories:,} different values for {ratings.n_items:,} items, too many "
            "to choose among: round them, or put them into classes"
        )
    cells = ratings.items * n_categories + ratings.categories
    counts = np.bincount(cells, minlength=ratings.n_items * n_categories)
    counts = counts.reshape(ratings.n_items, n_categories)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))
