"""Give the damage that a check found a name, by which later checks are told."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.redaction import redact
from qforge_jupyter.results.changes import NameSignature
from qforge_jupyter.results.collapse import Verdict
from qforge_jupyter.results.matched import Remembered
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._known_cases import likenesses, named_cases

EXAMPLE = """\
%qforge remember verdict as "label flips from vendor X"
"""
#: Characters of a name and of a note.
LONGEST, LONGEST_NOTE = 80, 500


def run(context: Context, subject: Verdict, *, as_: str, note: str = "") -> Remembered:
    """Remember a check under the name of what went wrong.

    Later checks that look like it say so, and `match` lists it; a second name replaces the
    first.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The verdict of a check that found damage.
    as_
        What the damage is called.
    note
        What else is good to know: whose fault it was, what helped.

    """
    mode = _require(subject, as_, note)
    if subject.signature is None:
        raise CallError(f"The verdict on {subject.candidate_name} has no signature: check again")
    before = likenesses(named_cases(context, subject, 10))
    kept = subject.kept_signature(subject.signature)
    change = NameSignature(kept, redact(mode), redact(note.strip()))
    return Remembered(
        subject.candidate_name,
        change.mode,
        change.note,
        before[0].mode if before else "",
        change,
    )


def rehearse(
    settings: Settings,  # noqa: ARG001 — every verb's rehearsal is given them
    subject: Verdict,
    *,
    as_: str,
    note: str = "",
) -> None:
    """Check the name."""
    _require(subject, as_, note)


def _require(subject: Verdict, mode: str, note: str) -> str:
    name = " ".join(mode.split())
    if not name or len(name) > LONGEST:
        raise CallError(
            f"The name has {len(name)} characters, wanted 1 to {LONGEST}: "
            'say what went wrong, as in  as "label flips from vendor X"'
        )
    if not (name.isprintable() and note.replace("\n", " ").isprintable()):
        raise CallError(
            "The name or the note holds characters that cannot be shown: leave them out"
        )
    if len(note) > LONGEST_NOTE:
        raise CallError(f"The note has {len(note)} characters, wanted at most {LONGEST_NOTE}")
    if subject.verdict != "collapsed":
        raise CallError(
            f"{subject.candidate_name} is {subject.verdict}: only damage that a check found "
            "can be named"
        )
    return name
