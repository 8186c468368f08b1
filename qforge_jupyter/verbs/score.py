"""Score a table row by row and as a whole."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pydantic import ValidationError

from qforge_jupyter.context import Context
from qforge_jupyter.engine.case import Case
from qforge_jupyter.engine.readiness import refuse_if
from qforge_jupyter.engine.scorecard import Scorecard
from qforge_jupyter.engine.scorecards import SCORECARDS
from qforge_jupyter.engine.scoring import score
from qforge_jupyter.errors import CallError, QualityError, blaming, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.results.imported_rules import ImportedRules
from qforge_jupyter.results.score import ScoreReport
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._rules_from import card_of, not_imported, read_rules
from qforge_jupyter.verbs._standing import standing_of

#: It may take so long that it can run as a job.
IS_LONG = True
EXAMPLE = """\
%%qforge score calcs by xtb-gfn2 into report
ranges:
  gap: 0 .. 20 eV
rules:
  gap agrees: gap == lumo - homo within 0.01 eV
ml ready: overall >= 0.80 and completeness >= 0.70 and no failed rule and lineage approved
"""


def run(
    context: Context,
    subject: Table,
    *,
    by: str | None = None,
    rules_from: object | None = None,
    body: Scorecard | None = None,
) -> ScoreReport:
    """Score every row under a scorecard.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table to score.
    by
        A ready scorecard, as ``xtb-gfn2``; ``table`` proposes rules from the
        data. Without it and without a body, ``table`` is taken.
    rules_from
        Rules written for another tool, to lay under the body: a file of Great
        Expectations, pointblank or frictionless, or a pandera schema.
    body
        What to require; laid over the named card.

    Raises
    ------
    QualityError
        The body's ``refuse if`` holds; the report is kept and in the error.

    """
    imported = read_rules(rules_from) if rules_from is not None else None
    with telling_when_stopped("stopped before the table was scored; nothing was kept"):
        card = make_card(context.settings, subject, by, imported, body)
        case = Case(
            subject,
            card,
            is_lineage_approved=standing_of(context, subject.fingerprint).is_approved,
            seed=context.seed,
            device=context.device,
            progress=context.progress,
        )
        report = replace(score(case), fingerprint=subject.fingerprint, order=subject.order)
    report = replace(report, notes=report.notes + not_imported(imported))
    with blaming("refuse_if"):
        reason = refuse_if(card.refuse_if, report.scores) if card.refuse_if else ""
    if reason:
        raise QualityError(f"{subject.name} is refused: {reason}", result=report)
    return report


def rehearse(
    settings: Settings,
    subject: Table,
    *,
    by: str | None = None,
    rules_from: object | None = None,
    body: Scorecard | None = None,
) -> None:
    """Compile the whole card and score no rows under it."""
    imported = read_rules(rules_from) if rules_from is not None else None
    nothing = subject.without_rows()
    card = make_card(settings, nothing, by, imported, body)
    report = score(Case(nothing, card))
    with blaming("refuse_if"):
        if card.refuse_if:
            refuse_if(card.refuse_if, report.scores)


def _usual(settings: Settings) -> Scorecard:
    """Make the card that the settings give."""
    overall, fields = (
        format(Decimal(repr(share)), "f")
        for share in (settings.quality_score_threshold, settings.quality_minimum_fields)
    )
    ready = (
        f"overall >= {overall} and completeness >= {fields} "
        "and no failed check and no undocumented outlier and lineage approved"
    )
    if not settings.quality_weights:
        return Scorecard(ml_ready=ready)
    try:
        return Scorecard(ml_ready=ready, weights=settings.quality_weights)
    except ValidationError as problem:
        said = problem.errors(include_input=False, include_url=False)[0]["msg"]
        raise CallError(f"QFORGE_QUALITY_WEIGHTS: {said.removeprefix('Value error, ')}") from None


def make_card(
    settings: Settings,
    table: Table,
    by: str | None,
    imported: ImportedRules | None,
    body: Scorecard | None,
) -> Scorecard:
    """Put the card together: defaults < settings < named card < rules < body."""
    card = _usual(settings)
    named = by or ("table" if body is None and imported is None else None)
    if named:
        card = SCORECARDS.get(named).build(table).over(card)
    if imported is not None:
        card = card_of(imported).over(card)
    card = body.over(card) if body else card
    if card.outliers.threshold is None:
        thresholds = {
            "iqr": settings.outlier_iqr_multiplier,
            "z": settings.outlier_z_score_threshold,
        }
        threshold = thresholds.get(card.outliers.method)
        outliers = card.outliers.model_copy(update={"threshold": threshold})
        card = card.model_copy(update={"outliers": outliers})
    return card
