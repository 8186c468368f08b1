"""List the predictions that are kept, by structure and model, or delete them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.engine.structures.canonical import canonical
from qforge_jupyter.engine.structures.structure import check_structure
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.kept_listing import KeptListing
from qforge_jupyter.store.predictions import KeptPrediction
from qforge_jupyter.verbs._structures import structures_in

EXAMPLE = """\
%qforge predictions structures with baseline --latest
"""


def run(
    context: Context,
    subject: object = None,
    *,
    with_: str | None = None,
    column: str | None = None,
    latest: bool = False,
    delete: bool = False,
    reason: str = "",
) -> KeptListing:
    """Show the history of each structure, the latest first; ``frame`` holds every value.

    Parameters
    ----------
    context
        The open workspace.
    subject
        Structures, as `predict` takes them; without them all that is kept.
    with_
        Only those of this model.
    column
        The column with the structures.
    latest
        Only the latest of each structure and model.
    delete
        Take them away: those that you predicted, or any for one of the
        setting ``admins``.
    reason
        Why they are deleted; the audit log keeps it.

    Raises
    ------
    CallError
        A prediction is somebody else's, or there is no reason.

    """
    hashes = None if subject is None else _hashes(context, subject, column)
    kept = list(context.store.predictions.list(structures=hashes, model=with_))
    if latest:
        kept = _latest(kept)
    if not delete:
        return KeptListing(_frame(kept), len(kept))
    if not reason.strip():
        raise CallError("Deletion needs a reason, which the audit log keeps: add --reason TEXT")
    others = sum(each.owner != context.actor for each in kept)
    if others and context.actor not in context.settings.admins:
        raise CallError(
            f"{others} of these {len(kept)} predictions are another person's: name your own "
            "structures, or ask one of the admins"
        )
    if not kept:
        raise CallError("No prediction of that kind is kept, so there is nothing to delete")
    return KeptListing(_frame(kept), len(kept), tuple(each.id for each in kept), reason.strip())


def _hashes(context: Context, subject: object, column: str | None) -> list[str]:
    structures = structures_in(context, subject, column)
    readable = (each for each in structures if check_structure(each) is None)
    return list(dict.fromkeys(canonical(each).hash for each in readable))


def _latest(kept: Sequence[KeptPrediction]) -> list[KeptPrediction]:
    """Keep the first of each structure and model; the latest come first."""
    first: dict[tuple[str, str], KeptPrediction] = {}
    for each in kept:
        first.setdefault((each.structure_hash, each.model), each)
    return list(first.values())


def _frame(kept: Sequence[KeptPrediction]) -> pl.DataFrame:
    rows = [
        (
            each.structure_hash,
            each.model,
            each.version,
            ", ".join(f"{key} {value}" for key, value in each.parameters.items()),
            name,
            value,
            each.owner,
            each.made_at,
        )
        for each in kept
        for name, value in each.values.items()
        if isinstance(value, int | float)
    ]
    schema: dict[str, type[pl.DataType] | pl.DataType] = {
        "structure_hash": pl.String,
        "model": pl.String,
        "version": pl.String,
        "parameters": pl.String,
        "property": pl.String,
        "value": pl.Float64,
        "by": pl.String,
        "at": pl.Datetime("us", "UTC"),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
