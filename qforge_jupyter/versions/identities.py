"""What names a row for good: its keys, or its whole content; and tombstones of such names."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence

import polars as pl

from qforge_jupyter.errors import DataError
from qforge_jupyter.frames.cell_hash import struct_cells
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.laying import pick

_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def names_of(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Give what names each row, in types that a key keeps when its column is retyped.

    Parameters
    ----------
    frame
        With the key columns; every column counts where there are no keys.
    keys
        Columns whose values name a row.

    Examples
    --------
    >>> names_of(pl.DataFrame({"id": [7], "x": [0.5]}), ["id"]).row(0)
    (7,)

    """
    if not keys:
        first, second = struct_cells(frame)
        return pl.DataFrame({"k0": first, "k1": second})
    columns = [_as_name(each) for each in pick(frame, keys)]
    return pl.DataFrame([each.alias(f"k{place}") for place, each in enumerate(columns)])


def naming_columns(store: Store, dataset: KeptDataset, columns: Sequence[str]) -> list[str]:
    """Name the columns by which rows are known: the keys, or all that labelers do not answer.

    A row without keys is known by its content, and stays the same row when it is labeled.
    """
    if dataset.keys:
        return list(dataset.keys)
    return content_columns(columns, store.labels.asked(dataset.id))


def content_columns(columns: Sequence[str], asked: Collection[str]) -> list[str]:
    """Leave out what labelers are asked; every column counts where nothing else is left.

    Examples
    --------
    >>> content_columns(["text", "tier"], {"tier"}), content_columns(["tier"], {"tier"})
    (['text'], ['tier'])

    """
    return [name for name in columns if name not in asked] or list(columns)


def _as_name(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, _TEXTS):
        return column.cast(pl.String)
    return column.cast(pl.Int128) if column.dtype.is_integer() else column


def tombstones_of(names: pl.DataFrame, salt: str) -> tuple[str, ...]:
    """Make an id of each name, from which the name cannot be read without the salt.

    Examples
    --------
    >>> names = names_of(pl.DataFrame({"id": [7, 8]}), ["id"])
    >>> [len(each) for each in tombstones_of(names, "00")]
    [32, 32]

    """
    secret = bytes.fromhex(salt)
    texts = ("\0".join(f"{len(str(one))}:{one}" for one in row) for row in names.iter_rows())
    return tuple(
        hmac.new(secret, text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()[:32]
        for text in texts
    )


def are_forgotten(store: Store, dataset: KeptDataset, added: pl.DataFrame) -> pl.Series:
    """Say of new rows which have the keys, or the content, of one that was forgotten."""
    if not dataset.tombstones or not added.height:
        return pl.repeat(value=False, n=added.height, eager=True)
    _, salt = store.forgetting.state()
    columns = naming_columns(store, dataset, added.columns)
    made = tombstones_of(names_of(pick(added, columns), dataset.keys), salt)
    return pl.Series([each in dataset.tombstones for each in made], dtype=pl.Boolean)


def refuse_forgotten(store: Store, dataset: KeptDataset, added: pl.DataFrame) -> None:
    """Refuse new rows that somebody asked to forget.

    Raises
    ------
    DataError
        A row has the keys, or the content, of a forgotten one.

    """
    if n_back := int(are_forgotten(store, dataset, added).sum()):
        raise DataError(
            f"{n_back:,} of the new rows of {dataset.name} were forgotten and would come back: "
            "check the dataset out again, or, with a new consent, give them other keys"
        )
