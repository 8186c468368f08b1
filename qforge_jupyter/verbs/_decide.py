"""A decision about a table's lineage, with what it flows to."""

from __future__ import annotations

from collections.abc import Callable

from qforge_jupyter.context import Context
from qforge_jupyter.engine.ancestry import Ancestry
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.decision import LineageDecision, revocation
from qforge_jupyter.results.run import LineageStep
from qforge_jupyter.verbs._standing import check_reason, say


def decided(
    context: Context, subject: Table, reason: str, write: Callable[..., LineageStep]
) -> LineageDecision:
    """Write a decision and say how everything below stands from then on."""
    verb = "revoke" if write is revocation else "approve"
    check_reason(reason, verb)
    fingerprint = subject.fingerprint
    before = Ancestry(context.store.lineage.around(fingerprint))
    stood = before.standing(fingerprint)
    if verb == "approve" and stood.state == "made of revoked":
        above = before.named(stood.because)[0]
        raise CallError(
            f"{subject.name} is made of {above}, which is revoked ({stood.reason}): "
            f"approve {above} anew first"
        )
    step = write(subject.name, fingerprint, context.actor, context.clock(), reason.strip())
    after = Ancestry((*before.steps, step))
    affected = tuple(
        (after.named((each,))[0], say(after.standing(each), after))
        for each in after.descendants(fingerprint)
    )
    return LineageDecision(subject.name, context.actor, step, say(stood, before), affected)
