"""A verdict, and what followed from it, as plain values for a view.

Names and cells are cut and made visible; a view asks for columns by their place, so that no
name has to find its way back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from qforge_jupyter.documents.blocks import Overlay
from qforge_jupyter.documents.visible import make_visible
from qforge_jupyter.results.collapse import DimensionScore, Verdict
from qforge_jupyter.results.collapse_page import TONES, needed_by, stopped_after, tone_of, word_of
from qforge_jupyter.results.fixed import Fixed
from qforge_jupyter.results.localization import Localization
from qforge_jupyter.results.recommendation import Plan, Recommended
from qforge_jupyter.results.region import Region

NAME, SENTENCE = 120, 400
#: Statistics that are shown of a dimension, and columns that can be looked at.
MOST_STATISTICS, MOST_COLUMNS, MOST_REGIONS = 12, 500, 12


def described(verdict: Verdict, columns: Sequence[str]) -> dict[str, Any]:
    """Describe a verdict; ``columns`` can be asked for."""
    return {
        **_headline(verdict),
        "candidate": {"name": _name(verdict.candidate_name), "n": verdict.n_candidate},
        "reference": {"name": _name(verdict.reference_name), "n": verdict.n_reference},
        "n_columns": verdict.n_columns,
        "because": [_said(each) for each in verdict.because],
        "needed": needed_by(verdict) if verdict.n_needed else "",
        "unsettled": [_said(each) for each in verdict.unsettled],
        "interrupted": stopped_after(verdict) if verdict.is_interrupted else "",
        "statistics": _statistics(verdict, columns),
        "columns": [_name(each) for each in columns[:MOST_COLUMNS]],
        "worst": [columns.index(each.title) for each in verdict.pictures if each.title in columns],
        "copying": _copying(verdict),
        "left_out": [
            [_name(name), _said(why)] for name, why in list(verdict.left_out.items())[:MOST_COLUMNS]
        ],
        "notes": [_said(each) for each in verdict.notes],
    }


def _headline(verdict: Verdict) -> dict[str, Any]:
    return {
        "word": verdict.verdict,
        "tone": TONES[verdict.verdict],
        "said": word_of(verdict),
        "score": verdict.score,
        "low": verdict.low,
        "high": verdict.high,
        "p_value": verdict.p_value,
        "false_alarms": verdict.false_alarms,
        "dimensions": [dimension_told(each) for each in verdict.dimensions],
    }


def dimension_told(dimension: DimensionScore) -> dict[str, Any]:
    """Describe one bar."""
    return {
        "name": dimension.name,
        "question": dimension.question,
        "score": dimension.score,
        "low": dimension.low,
        "by_chance": dimension.by_chance,
        "tone": "neutral" if dimension.score is None else tone_of(dimension.score),
        "worst": _said(dimension.worst),
        "at": _name(dimension.at),
        "excess": dimension.excess,
        "least": dimension.least,
        "declined": _said(dimension.declined),
    }


def _statistics(verdict: Verdict, columns: Sequence[str]) -> list[dict[str, Any]]:
    places = {name: place for place, name in enumerate(columns)}
    wanted = [
        "dimension", "name", "at", "columns", "value", "expected", "spread", "low", "tolerance",
    ]  # fmt: skip
    ordered = verdict.statistics.sort(
        ["excess", "p_value", "name"], descending=[True, False, False]
    )
    shown = []
    counts: dict[str, int] = {}
    for line in ordered.select(*wanted, "excess", "p_value").iter_rows(named=True):
        counts[line["dimension"]] = counts.get(line["dimension"], 0) + 1
        if counts[line["dimension"]] <= MOST_STATISTICS:
            named = [places[each] for each in line["columns"] if each in places]
            shown.append(
                {**line, "name": _said(line["name"]), "at": _name(line["at"]), "columns": named}
            )
    return shown


def _copying(verdict: Verdict) -> dict[str, Any]:
    copying = verdict.copying
    return {
        "is_flagged": copying.is_flagged,
        "is_identifiable": copying.is_identifiable,
        "tolerated": copying.tolerated,
        "lines": [
            [name, share, natural, least > copying.tolerated]
            for name, share, natural, least in copying.lines
        ],
    }


def overlay_told(overlay: Overlay) -> dict[str, Any]:
    """Describe one column on both sides."""
    return {
        "column": _name(overlay.caption),
        "labels": [_name(each) for each in overlay.labels],
        "candidate": list(overlay.first),
        "reference": list(overlay.second),
    }


def localization_told(found: Localization, name: str) -> dict[str, Any]:
    """Describe which rows and regions carry the damage."""
    judged = [each for each in found.channels.to_dicts() if each["n_rows"]]
    return {
        "name": name,
        "n_unlike": found.n_unlike,
        "n_rows": found.n_rows,
        "n_suspect": found.rows.height,
        "n_missing": found.missing.height,
        "channels": [[_said(each["said"]), each["n_rows"]] for each in judged],
        "regions": _regions(found.regions),
        "missing_regions": _regions(found.missing_regions),
        "overlays": [overlay_told(each) for each in found.overlays],
        "notes": [_said(each) for each in found.notes],
    }


def _regions(regions: Iterable[Region]) -> list[dict[str, Any]]:
    return [
        {
            "rule": _said(each.rule),
            "n": each.n_candidate,
            "expected": each.expected,
            "ratio": each.ratio,
            "low": each.low,
            "high": each.high,
        }
        for each in list(regions)[:MOST_REGIONS]
    ]


def plan_told(plan: Plan, name: str) -> dict[str, Any]:
    """Describe the fixes that were tried."""
    return {
        "name": name,
        "advice": _said(plan.advice),
        "score": plan.score,
        "word": plan.word,
        "n_tried": plan.n_tried,
        "n_seen": plan.n_seen,
        "n_judging": plan.n_judging,
        "n_left": plan.n_left,
        "entries": [_entry(each) for each in plan.entries],
        "declined": [[_said(fix), _said(why)] for fix, why in plan.declined.items()],
    }


def _entry(each: Recommended) -> dict[str, Any]:
    return {
        "place": each.place,
        "name": each.name,
        "title": _said(each.title),
        "sentence": _said(each.sentence),
        "needs": _said(each.needs),
        "standing": each.standing,
        "gain": None if each.gain is None else asdict(each.gain),
        "estimated": each.estimated,
        "seconds": each.seconds,
        "n_before": each.n_before,
        "n_after": each.n_after,
        "n_changed": each.n_changed,
        "takes_rows": each.takes_rows,
        "share_copied": list(each.share_copied),
    }


def fixed_told(fixed: Fixed, after: Verdict | None, name: str, place: int) -> dict[str, Any]:
    """Describe a fix that was applied, and the check of what it gave."""
    commit = fixed.commit
    return {
        "name": name,
        "place": place,
        "title": _said(fixed.title),
        "sentence": _said(fixed.sentence),
        "gain": asdict(fixed.gain),
        "n_before": fixed.n_before,
        "n_after": fixed.frame.height,
        "n_changed": fixed.n_changed,
        "n_judging": fixed.n_judging,
        "judged_by": _name(fixed.judged_by),
        "committed": f"{commit.dataset}@{commit.branch}" if commit and commit.is_new else "",
        "after": None if after is None else _headline(after),
    }


def _name(text: str) -> str:
    return make_visible(text, NAME)


def _said(text: str) -> str:
    return make_visible(text, SENTENCE)
