"""How much labelers disagree about one item: the entropy of their answers, in bits."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from qforge_jupyter.labeling.answers import is_cant_tell
from qforge_jupyter.labeling.folding import ItemState


def canonical(value: Any) -> str:
    """Write an answer so that equal answers are equal texts."""
    return json.dumps(value, sort_keys=True)


def entropy(values: Iterable[Any]) -> float:
    """Measure how far answers are from being one and the same.

    Examples
    --------
    >>> entropy(["A", "A"]), entropy(["A", "B"])
    (0.0, 1.0)

    """
    counts = Counter(canonical(each) for each in values if not is_cant_tell(each))
    n = sum(counts.values())
    return 0.0 - sum(k / n * math.log2(k / n) for k in counts.values()) + 0.0


def disagreement(state: ItemState, names: Iterable[str]) -> float:
    """Measure the disagreement about an item over some questions."""
    given = state.by_question()
    return sum(
        entropy(event.label.value for event in given.get(name, {}).values()) for name in names
    )


def votes(answers: Mapping[str, Any]) -> Counter[str]:
    """Count the answers of labelers who could tell."""
    return Counter(canonical(each) for each in answers.values() if not is_cant_tell(each))
