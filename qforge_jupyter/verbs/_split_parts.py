"""``NAME/PART`` as a subject: the rows of a part of a kept split."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError, nearest
from qforge_jupyter.frames import Table
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.run import Event
from qforge_jupyter.results.split import sealed
from qforge_jupyter.store.splits import LOOK
from qforge_jupyter.verbs._kept_splits import rows_and_places
from qforge_jupyter.versions.references import read_reference


def find_part(
    context: Context, text: str, unseal: str = "", *, is_counted: bool = True
) -> Table | None:
    """Give the rows of a part; every look at a sealed one is written down first.

    Parameters
    ----------
    context
        The open workspace.
    text
        What stands for a table, as ``gap-v1/test``.
    unseal
        Why a sealed part is opened.
    is_counted
        Whether the look is written down; not where nothing will be done with the rows.

    Returns
    -------
    Table or None
        None where no split has that name.

    Raises
    ------
    SealedError
        The part is sealed and no reason is given.
    CallError
        The split has no such part.

    """
    name, _, part = text.partition("/")
    kept = context.store.splits.latest(name) if part else None
    if kept is None:
        return None
    if part not in kept.fractions:
        raise CallError(f"No part named {part[:60]!r} in {name}{nearest(part, kept.fractions)}")
    if part in kept.sealed and not unseal.strip():
        raise sealed(name, part)
    rows, places = rows_and_places(context, kept)
    is_here = (places["part"] == part).fill_null(value=False)
    frame = rows.filter(is_here).collect()
    if part in kept.sealed and is_counted:
        after = {"reason": redact(unseal.strip())[:2000], "split": kept.id}
        said = Event(context.actor, LOOK, f"split/{name}/{part}", after=after)
        context.store.events.record(said)
    return Table.of_frame(text, frame, f"part {part} of the split {name}")


def is_part(context: Context, text: str) -> bool:
    """Say whether a text names a part of a kept split, sealed or not."""
    name, _, part = text.partition("/")
    kept = context.store.splits.latest(name) if part else None
    return kept is not None and part in kept.fractions


def refuse_part(context: Context, text: str, instead: str) -> None:
    """Say of a part of a split what takes its place where a dataset is wanted.

    Raises
    ------
    CallError
        It is a part of a split, and no dataset is called so.

    """
    reference = read_reference(text)
    if reference and context.store.datasets.find(reference.dataset) is None:
        name, _, part = text.partition("/")
        kept = context.store.splits.latest(name) if part else None
        if kept is not None and part in kept.fractions:
            raise CallError(
                f"{text[:60]!r} is a part of the split {name} of {kept.table} and no dataset: "
                f"{instead}"
            )


def parts_known(context: Context) -> tuple[str, ...]:
    """Name every part of every kept split, for an error to name the nearest."""
    names = {each.name: each for each in reversed(context.store.splits.list())}
    return tuple(f"{name}/{part}" for name, each in names.items() for part in each.fractions)
