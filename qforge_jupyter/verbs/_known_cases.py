"""What a check is like: cases that ship, and those of the workspace."""

from __future__ import annotations

from dataclasses import replace

from qforge_jupyter.context import Context
from qforge_jupyter.engine.collapse.signatures.nearest import Nearest
from qforge_jupyter.engine.collapse.signatures.reference import reference
from qforge_jupyter.engine.collapse.signatures.voting import VOTERS, vote
from qforge_jupyter.results.collapse import Verdict
from qforge_jupyter.results.signatures import KnownCase, Likeness, Signature


def with_likeness(context: Context, verdict: Verdict) -> Verdict:
    """Add what the damage of a check that is done looks like; a fit candidate has none."""
    verdict = replace(verdict, run_id=context.run_id)
    if verdict.signature is None or verdict.verdict != "collapsed":
        return verdict
    return replace(verdict, looks_like=likenesses(named_cases(context, verdict, VOTERS)))


def likenesses(cases: list[KnownCase]) -> tuple[Likeness, ...]:
    """Let cases with a mode vote."""
    shipped, named = (
        [(each.mode, each.similarity) for each in cases if (each.origin == "remembered") is own]
        for own in (False, True)
    )
    return vote(shipped, named)


def named_cases(context: Context, verdict: Verdict, top: int) -> list[KnownCase]:
    """Find the nearest cases whose mode is known: those that ship, and remembered ones."""
    signature = verdict.signature
    if signature is None:
        return []
    known = reference()
    if signature.layout != known.layout:
        return _of_workspace(context, verdict, signature, top, is_named=True)
    found = [
        KnownCase(known.modes[at], similarity, known.tables[at], "reference")
        for at, similarity in known.index.search(signature.values, top)
    ]
    found += _of_workspace(context, verdict, signature, top, is_named=True)
    return sorted(found, key=lambda each: -each.similarity)[:top]


def past_checks(context: Context, verdict: Verdict, top: int) -> list[KnownCase]:
    """Find the nearest checks of the workspace, whether their mode is known or not."""
    if verdict.signature is None:
        return []
    return _of_workspace(context, verdict, verdict.signature, top, is_named=False)


def _of_workspace(
    context: Context, verdict: Verdict, signature: Signature, top: int, *, is_named: bool
) -> list[KnownCase]:
    kept, known = context.store.signatures, reference()
    index = kept.index(signature.layout, lambda: Nearest(known.metric), is_named=is_named)
    # One more, since the check itself is among them once it is kept.
    near = index.search(signature.values, top + 1)
    rows = kept.get([at for at, _ in near])
    helped = kept.helped([each.fingerprint for each in rows.values()])
    return [
        KnownCase(
            row.mode,
            similarity,
            str(row.about.get("candidate", "")),
            "remembered" if row.mode else "check",
            str(row.about.get("verdict", "")),
            row.about.get("score"),
            row.made_at,
            row.run_id,
            row.note,
            helped.get(row.fingerprint, ""),
        )
        for at, similarity in near
        if (row := rows.get(at)) is not None and at != verdict.run_id
    ][:top]
