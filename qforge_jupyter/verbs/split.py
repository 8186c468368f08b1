"""Split a table into parts and folds that stay as they are when it grows."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import Any

from qforge_jupyter.context import Context
from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.leak_checking import check_leaks
from qforge_jupyter.engine.split_growth import growth_note
from qforge_jupyter.engine.split_memory import Memory
from qforge_jupyter.engine.split_plan import SplitPlan
from qforge_jupyter.engine.splitting import SplitCase, split
from qforge_jupyter.errors import CallError, blaming
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.fingerprint import fingerprint
from qforge_jupyter.results.certificate import Certificate
from qforge_jupyter.results.score import ScoreReport
from qforge_jupyter.results.split import Split
from qforge_jupyter.store.splits import KeptSplit
from qforge_jupyter.verbs._leak_roles import roles_of
from qforge_jupyter.verbs._left_out import reasons_of
from qforge_jupyter.verbs._split_names import check_split_name, made_name

EXAMPLE = """\
%%qforge split calcs as gap-v1 by report seed 42 into split
parts: {train: 70, validation: 15, test: 15}
stratify: gap in 10 bins
group: scaffold(smiles)
only: ml_ready and quality >= 0.80
seal: test
"""

#: Beyond so many rows, near duplicates are looked for by a sample without being asked.
MOST_ROWS_COMPARED = 50_000


def run(
    context: Context,
    subject: Table,
    *,
    as_: str = "",
    by: ScoreReport | Certificate | None = None,
    body: SplitPlan | None = None,
) -> Split:
    """Assign every row to a part, to folds, or to neither with a reason.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table.
    as_
        Name under which the split is kept; split again under it, rows that
        were there stay where they are. A split of a stored dataset has a name
        of its own without being given one, made from its settings.
    by
        Scores of this table, from which `only` takes `quality` and `ml_ready`;
        without it those of the last score run.
    body
        Parts, folds, and what they have to respect.

    Raises
    ------
    DataError
        The table cannot be split so.

    """
    plan = body or SplitPlan()
    usual = _usual(context)
    name, is_made = _name(context, subject, as_, plan, usual)
    kept = _kept(context, name, plan, usual)
    case = SplitCase(
        subject,
        plan,
        context.seed,
        usual,
        reasons_of(context, subject, plan, by),
        _memory(context, kept) if kept else None,
        context.progress,
    )
    made = replace(
        split(case),
        name=name,
        has_made_name=is_made,
        id=uuid.uuid4().hex,
        fingerprint=subject.fingerprint,
        commit_id=subject.version.commit if subject.version else None,
        follows=kept.id if kept else "",
        looks=context.store.splits.looks(name) if name else {},
    )
    made = replace(made, notes=(*made.notes, *_memory_notes(made)))
    if kept and kept.fingerprint == made.fingerprint:
        # The same split of the same rows says the same.
        known = {key: kept.detail.get(key, 0) for key in ("n_moved", "n_remembered")}
        made = replace(made, **known)
    return _checked(context, replace(made, contents=_contents(made)), plan, subject)


def _name(
    context: Context, table: Table, given: str, plan: SplitPlan, usual: dict[str, float]
) -> tuple[str, bool]:
    """Give the split its name, and whether it was made: nobody names one of a kernel variable."""
    if given:
        return check_split_name(given), False
    if table.version is not None:
        shares = plan.shares(usual)
        return made_name(table.version.dataset, plan, shares, context.seed), True
    if plan.seal:
        with blaming("seal"):
            raise CallError("A part is sealed in a split with a name: write  split TABLE as NAME")
    return "", False


def _memory(context: Context, kept: KeptSplit) -> Memory:
    """Read what the splits of this name decided."""
    splits = context.store.splits
    return Memory(splits.assignment(kept), kept.edges, splits.remembered(kept))


def _memory_notes(made: Split) -> tuple[str, ...]:
    """Say under which name the split is remembered, or which rows could move since it is not."""
    if made.has_made_name:
        note = f"Kept as {made.name}: split again with these settings, every old row stays"
        return (note,)
    note = "" if made.name else growth_note(made)
    return (note,) if note else ()


def _contents(made: Split) -> dict[str, str]:
    """Fingerprint the rows of every part, so that a part is known wherever it turns up."""
    rows = {part: (made.part_of == part).fill_null(value=False) for part in made.part_names}
    return {
        part: fingerprint(made.source.filter(held)) for part, held in rows.items() if held.any()
    }


def _checked(context: Context, made: Split, plan: SplitPlan, table: Table) -> Split:
    """Look for leaks between the parts, where there are parts."""
    filled = made.part_of.drop_nulls().unique()
    if not plan.leaks or len(filled) < 2:
        return made
    case = LeakCase.of_rows(
        table.frame,
        made.part_of,
        **roles_of(plan),
        most_near_rows=MOST_ROWS_COMPARED,
        seed=context.seed,
        progress=context.progress,
    )
    report = check_leaks(case, name=made.name)
    return replace(made, leaks=report.hiding(made.sealed))


def _usual(context: Context) -> dict[str, float]:
    """Give the parts of the settings; one without a share is none."""
    settings = context.settings
    shares = {
        "train": settings.train_fraction,
        "validation": settings.validation_fraction,
        "test": settings.test_fraction,
    }
    return {name: share for name, share in shares.items() if share > 0}


def _kept(
    context: Context, name: str, plan: SplitPlan, usual: dict[str, float]
) -> KeptSplit | None:
    """Find the split of that name; it has to be the same but for its rows."""
    kept = context.store.splits.latest(name) if name else None
    if kept is None:
        return None
    asked = {**plan.described(), "seed": context.seed, "parts": _rounded(plan.shares(usual))}
    known = {**kept.plan, "seed": kept.seed, "parts": _rounded(kept.fractions)}
    if differing := _difference(json.loads(json.dumps(asked)), known):
        raise CallError(
            f"The split {name!r} is kept with other {differing!r}, and its rows do not move: "
            "take another name, or ask as before"
        )
    return kept


def _rounded(shares: dict[str, float]) -> dict[str, float]:
    """Make 33.3 percent and .333 the same."""
    return {name: round(share, 9) for name, share in shares.items()}


def _difference(asked: dict[str, Any], known: dict[str, Any]) -> str:
    """Name the first key in which two plans differ."""
    keys = sorted({*asked, *known})
    return next((key for key in keys if asked.get(key) != known.get(key)), "")
