"""Show where labelers disagree, and settle it."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.labeling.adjudicating import (
    Settlement,
    by_answer,
    by_majority,
    by_table,
    changes_for,
    open_cases,
    side_by_side,
)
from qforge_jupyter.labeling.deciding import Decision
from qforge_jupyter.labeling.kept import KeptLabels, kept_labels
from qforge_jupyter.results.disagreements import Disagreements

EXAMPLE = """\
%qforge adjudicate golden/contact-tier by majority into cases
"""
#: Options that may hold a row's key or an answer about it, so no record keeps them.
UNRECORDED = frozenset({"key", "answer"})


def run(
    context: Context,
    subject: Table,
    *,
    by: str = "",
    key: str = "",
    answer: str = "",
    question: str = "",
    settled: Table | None = None,
) -> Disagreements:
    """List the open disagreements; with `by`, `key` or `settled`, settle them first.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The dataset.
    by
        `majority` settles every case in which one answer has more labelers than any other.
    key
        The key of one row, several values with commas between them; `answer` settles it.
    answer
        The answer that is right.
    question
        Which question, where several were asked.
    settled
        A table with the keys, `question`, and the right answer in a column `take`.

    Raises
    ------
    CallError
        Nobody labeled the dataset, or there is no such row, question or answer.

    """
    kept = kept_labels(context.store, subject)
    cases = open_cases(kept)
    if question:
        kept.question(question)
        cases = [one for one in cases if one.question == question]
    found = _settled(kept, cases, by, key, answer, question, settled)
    done = {(one.item, one.question) for one in found}
    left = [one for one in cases if (one.item, one.question) not in done]
    version = subject.version
    commit = version.commit if version else ""
    made = changes_for(kept, found, context.actor, context.clock(), commit)
    return Disagreements(kept.dataset.name, side_by_side(kept, left), len(found), made)


def _settled(
    kept: KeptLabels,
    cases: list[Decision],
    by: str,
    key: str,
    answer: str,
    question: str,
    settled: Table | None,
) -> list[Settlement]:
    if sum(map(bool, (by, key or answer, settled))) > 1:
        raise CallError("There are several ways to settle: keep one of by, --key and --settled")
    if by and by != "majority":
        raise CallError(f"Disagreements are settled by majority, and {by[:40]!r} came")
    if bool(key) != bool(answer):
        raise CallError("A case is settled with both, --key and --answer")
    if by:
        return by_majority(cases)
    if key:
        return by_answer(kept, key, question, answer)
    return by_table(kept, settled.frame) if settled else []
