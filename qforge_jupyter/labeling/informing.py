"""The door for scores that were computed elsewhere: which item to ask of first.

Whoever computes them (a model's uncertainty, a quality score, suspected label
errors) gives a table of key columns and one column of numbers.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qforge_jupyter.errors import DataError
from qforge_jupyter.labeling.items import Items
from qforge_jupyter.versions.label_keys import item_keys

#: What the column of numbers is looked for under, where there are several.
USUAL = ("score", "informativeness", "priority", "quality", "overall")


def aligned(items: Items, scores: pl.DataFrame) -> NDArray[np.float64]:
    """Give the score of every item in the order of the rows; NaN where there is none.

    Parameters
    ----------
    items
        The rows that are labeled.
    scores
        Their key columns and a column of numbers; or, of rows without keys, as many lines
        as there are rows, in their order.

    Raises
    ------
    DataError
        A key column or the numbers are missing.

    Examples
    --------
    >>> items = Items(pl.DataFrame({"id": ["a", "b"]}), ("id",))
    >>> aligned(items, pl.DataFrame({"id": ["b"], "score": [0.5]})).tolist()
    [nan, 0.5]

    """
    missing = [key for key in items.keys if key not in scores.columns]
    if missing:
        raise DataError(f"The scores have no column {missing[0]!r}, by which rows are known")
    values = _values(items, scores)
    if not items.keys:
        if scores.height != items.frame.height:
            raise DataError(
                f"{scores.height:,} scores came for {items.frame.height:,} rows without keys: "
                "give one a row, in their order"
            )
        return _highest(items, values)
    found = np.full(items.frame.height, np.nan)
    places = items.places(item_keys(scores, items.keys))
    found[places[places >= 0]] = values[places >= 0]
    return found


def _highest(items: Items, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give rows of one content, which are one item, the highest of their scores."""
    highest = np.full(values.size, -np.inf)
    np.maximum.at(highest, items.first_of, np.nan_to_num(values, nan=-np.inf))
    found = highest[items.first_of]
    return np.where(found > -np.inf, found, np.nan)


def _values(items: Items, scores: pl.DataFrame) -> NDArray[np.float64]:
    numeric = [
        name for name, kind in scores.schema.items() if kind.is_numeric() and name not in items.keys
    ]
    usual = [name for name in USUAL if name in numeric]
    if len(numeric) != 1 and not usual:
        raise DataError(
            f"The scores have {len(numeric)} columns of numbers, and one is wanted: "
            f"call it {USUAL[0]!r}"
        )
    name = usual[0] if usual else numeric[0]
    return scores.get_column(name).cast(pl.Float64).fill_null(np.nan).to_numpy().copy()
