"""Train the same model on two versions of a dataset, and say which one is better to train on."""

from __future__ import annotations

from dataclasses import replace

from qforge_jupyter.context import Context
from qforge_jupyter.engine.ab_training import Trial, try_both
from qforge_jupyter.frames import Table
from qforge_jupyter.results.ab import TrialReport

USES = ("scikit-learn",)
EXAMPLE = """\
%qforge trial cleaned against raw by id --target gap --model ridge
"""


def run(
    context: Context,
    subject: Table,
    *,
    against: Table,
    target: str,
    model: str = "ridge",
    by: list[str] | None = None,
    folds: int = 5,
) -> TrialReport:
    """Compare two versions by what they teach, on the rows that both share.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The candidate.
    against
        The reference.
    target
        The column to predict.
    model
        ``ridge``, ``random-forest`` or ``hist-gradient-boosting``.
    by
        Columns that name a row in both; else a stored version's own keys, else
        the content of the row.
    folds
        In how many folds the rows are tested.

    Raises
    ------
    DataError
        The versions share too few rows.

    """
    report = try_both(
        Trial(
            subject,
            against,
            target,
            model,
            tuple(by) if by else _keys_of(subject, against),
            folds,
            context.seed,
            context.progress,
        )
    )
    return replace(report, candidate=_shown(subject), reference=_shown(against))


def _shown(table: Table) -> str:
    return table.version.shown if table.version else table.name


def _keys_of(subject: Table, against: Table) -> tuple[str, ...]:
    versions = (subject.version, against.version)
    keys = {version.keys if version else () for version in versions}
    return keys.pop() if len(keys) == 1 else ()
