"""Every leak check over the parts of a data set (Q8)."""

from __future__ import annotations

from qforge_jupyter.engine.leak_case import LeakCase
from qforge_jupyter.engine.leaks import LEAKS
from qforge_jupyter.results.leaks import LeakReport


def check_leaks(case: LeakCase, *, name: str = "") -> LeakReport:
    """Ask every check of the family and put a certificate together.

    Parameters
    ----------
    case
        The parts and what is known of their columns.
    name
        What was split; the parts' names by default.

    Examples
    --------
    >>> import polars as pl
    >>> train = pl.DataFrame({"x": [1.0, 2.0, 3.0]})
    >>> report = check_leaks(LeakCase.of_parts({"train": train, "test": train.head(1)}))
    >>> report.verdict, str(report.leaks[0].examples[0])
    ('1 leak found (1 high)', 'train 0 – test 0')

    """
    outcomes = tuple(module.find(case) for module in LEAKS.members().values())
    sizes = tuple((part, int((case.part == index).sum())) for index, part in enumerate(case.names))
    notes = case.notes
    if case.columns is None and case.identifiers:
        shown = ", ".join(case.identifiers[:10])
        notes = (*notes, f"Taken for ids, so no features: {shown}.")
    return LeakReport(
        name=name or ", ".join(case.names),
        parts=sizes,
        outcomes=outcomes,
        target=case.target or "",
        notes=notes,
        seed=case.seed,
    )
