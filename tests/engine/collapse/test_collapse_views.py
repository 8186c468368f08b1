"""Statistics read under many dealings are the same, however many dealings are read at a time."""

import numpy as np
import pytest

from qforge_jupyter.engine.collapse.case import CollapseCase
from qforge_jupyter.engine.collapse.dimensions import COLLAPSE_DIMENSIONS
from qforge_jupyter.engine.collapse.preparing import prepare
from qforge_jupyter.engine.collapse.readings import joined
from qforge_jupyter.engine.collapse.views import View, dealings, sides
from qforge_jupyter.frames import Table
from tests.engine.collapse.collapse_tables import halves


def read(prepared, dealt, size):
    """Give the values of each statistic, read under so many dealings at a time."""
    found = {}
    for start in range(0, len(dealt), size):
        some = dealt[start : start + size]
        is_real = np.arange(start, start + len(some)) == 0
        view = View(
            prepared.encoder,
            prepared.kept,
            *sides(prepared.sums, some),
            some,
            is_real,
            prepared.neighborhood,
            prepared.ranked,
        )
        for name, module in COLLAPSE_DIMENSIONS.members().items():
            for each in module.read(view):
                found.setdefault((name, each.name), []).append(each)
    return {name: joined(parts).values for name, parts in found.items()}


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes"])
def test_the_number_at_a_time_changes_nothing(name):
    candidate, reference = halves(name, 1_000)
    first = candidate.columns[0]
    stripped = candidate.filter(candidate[first] < candidate[first].quantile(0.7))
    case = CollapseCase(Table.of_frame("synth", stripped), Table.of_frame("real", reference))
    prepared = prepare(case)
    dealt = dealings(prepared.n_own, len(prepared.sums.n), 30, case.seed)
    at_once, by_ones = (read(prepared, dealt, size) for size in (31, 1))
    assert at_once.keys() == by_ones.keys()
    for statistic, values in at_once.items():
        assert pytest.approx(values, rel=1e-6, abs=1e-9) == by_ones[statistic], statistic
