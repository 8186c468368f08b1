"""Whether the lineage of a table is approved: the store's steps, judged by the engine."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.engine.ancestry import Ancestry, Standing
from qforge_jupyter.errors import CallError


def standing_of(context: Context, fingerprint: str) -> Standing:
    """Say how the content stands, given all that it was made of."""
    return Ancestry(context.store.lineage.above(fingerprint)).standing(fingerprint)


def say(standing: Standing, ancestry: Ancestry) -> str:
    """Say in a few words how content stands, and what decides it."""
    names = ", ".join(ancestry.named(standing.because)[:3])
    if standing.state == "made of revoked":
        return f"made of {names}, which is revoked"
    if standing.state == "open":
        return "not approved" if not names else f"not approved: nobody approved {names}"
    return standing.state


def check_reason(reason: str, verb: str) -> None:
    """Demand a reason: a decision without one is worth nothing later.

    Raises
    ------
    CallError
        There is none.

    """
    if not reason.strip():
        raise CallError(f'`{verb}` needs a reason that others can read: add --reason "…"')
