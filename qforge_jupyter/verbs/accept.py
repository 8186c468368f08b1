"""Write the accepted labels into the dataset's next version."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError, QualityError
from qforge_jupyter.frames import Table
from qforge_jupyter.labeling.accepting import Accepted, accept
from qforge_jupyter.labeling.deciding import By
from qforge_jupyter.labeling.kept import kept_labels
from qforge_jupyter.results.acceptance import Acceptance
from qforge_jupyter.versions.committing import Wish, commit
from qforge_jupyter.versions.references import resolve

EXAMPLE = """\
%qforge accept golden/contact-tier by majority -m "500 contacts, two labelers"
"""


def run(
    context: Context,
    subject: Table,
    *,
    by: By = "unanimous",
    leave_open: bool = False,
    message: str = "",
) -> Acceptance:
    """Commit what labelers agree on, or what was settled, as a column a question.

    An answer of an item that was rejected, or that fewer labelers gave than the session
    asked for, stays out. What validations found is written into the columns
    ``validation_status``, ``validated_by`` and ``validated_at`` where the dataset has them.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The dataset, at its newest version.
    by
        Whether all have to say the same, the majority is enough, or the likeliest answer
        by how reliable the labelers are (Dawid and Skene).
    leave_open
        Leave the cells of open disagreements as they are.
    message
        What was labeled and why.

    Raises
    ------
    QualityError
        Labelers disagree and nobody settled it.

    """
    kept = kept_labels(context.store, subject)
    version = subject.version
    branch = version.branch if version else ""
    if version is None or resolve(context.store, kept.dataset, branch).id != version.commit:
        raise CallError(
            f"{subject.name} is an older version, and labels go into the newest: "
            f"write {kept.dataset.name}"
        )
    accepted = accept(kept, by)
    _check(accepted, kept.dataset.name, leave_open=leave_open)
    said = message or f"labels of {', '.join(accepted.labelers) or kept.dataset.name}"
    table = Table.of_frame(kept.dataset.name, accepted.frame, f"labels of {kept.dataset.name}")
    about = (context.actor, context.clock(), said, branch)
    is_aligned = not kept.dataset.keys  # a row that has no key is found by its place
    wish = Wish(kept.dataset.name, table, *about, is_aligned=is_aligned)
    counts = tuple((name, dict(each)) for name, each in accepted.counts.items())
    return Acceptance(
        kept.dataset.name,
        by,
        counts,
        accepted.labelers,
        accepted.sessions,
        commit(context.store, wish),
        subject.fingerprint,
        accepted.n_repeating,
        accepted.n_judged,
    )


def _check(accepted: Accepted, name: str, *, leave_open: bool) -> None:
    n = accepted.n_open
    if n and not leave_open:
        cases = "disagreement is" if n == 1 else "disagreements are"
        raise QualityError(
            f"{n:,} {cases} open in {name}: settle them with `%qforge adjudicate {name}`, "
            "or accept the others with --leave-open"
        )
    if not accepted.n_accepted and not accepted.n_judged:
        raise CallError(
            f"No label of {name} can be accepted yet: `progress` and `adjudicate` say what is "
            "missing"
        )
