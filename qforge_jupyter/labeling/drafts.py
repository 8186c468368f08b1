"""What is half answered: kept, so that neither a reload nor a killed kernel takes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from qforge_jupyter.errors import DataError
from qforge_jupyter.labeling.plan import LabelPlan

#: Characters of one draft as JSON; a painted mask of a large picture has some 100,000.
LONGEST = 4_000_000


def read_draft(written: Mapping[str, Any], plan: LabelPlan) -> dict[str, Any]:
    """Read a draft as a view sends it; whether its answers are answers is asked at the end.

    Raises
    ------
    DataError
        It answers what is not asked, or is too long.

    Examples
    --------
    >>> plan = LabelPlan.model_validate({"choose tier": {"a": "A"}})
    >>> read_draft({"answers": {"tier": "A"}, "note": "?", "more": 1}, plan)
    {'answers': {'tier': 'A'}, 'note': '?', 'confidence': None, 'at': 0}

    """
    answers, note, confidence, at = map(written.get, ("answers", "note", "confidence", "at"))
    names = {one.name for one in plan.questions}
    if not isinstance(answers, Mapping) or not names.issuperset(answers):
        raise DataError("A draft wants answers to the questions that are asked, by their names")
    draft = {
        "answers": dict(answers),
        "note": note if isinstance(note, str) else "",
        "confidence": confidence if isinstance(confidence, int | float) else None,
        "at": at if isinstance(at, int | float) else 0,
    }
    if len(json.dumps(draft, default=str)) > LONGEST:
        raise DataError(f"A draft has at most {LONGEST:,} characters: save the item to keep it")
    return draft
