"""Measure how far labelers agree, and make labels of what they said."""

from __future__ import annotations

from typing import Literal

from qforge_jupyter.columns import column as exact
from qforge_jupyter.context import Context
from qforge_jupyter.engine.agreement.bootstrap import Resampling
from qforge_jupyter.engine.agreement.levels import Level
from qforge_jupyter.engine.agreement.measuring import Aggregate, Asked, measure_agreement
from qforge_jupyter.engine.agreement.ratings import Roles
from qforge_jupyter.errors import telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.results.agreement import AgreementReport
from qforge_jupyter.settings import Settings

EXAMPLE = """\
%qforge agreement ratings by item --labeler annotator --value label into report
"""


def run(
    context: Context,
    subject: Table,
    *,
    by: str = "item",
    labeler: str = "labeler",
    value: str = "value",
    question: str | None = None,
    time: str | None = None,
    level: Level | None = None,
    categories: list[str] | None = None,
    repeats: Literal["last", "refuse"] = "last",
    aggregate: Aggregate | None = None,
    windows: int = 10,
    interval: Literal["bca", "percentile", "none"] = "bca",
    confidence: float = 0.95,
    resamples: int = 1000,
) -> AgreementReport:
    """Measure agreement over a long table: one row for each rating.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The table of ratings.
    by
        The column that names the item.
    labeler
        The column that names who rated.
    value
        The column of the rating.
    question
        The column that names what was asked; each question is measured by itself.
    time
        The column that says when; gives agreement over time.
    level
        What values mean; interval for numbers and times, else nominal, by default.
    categories
        All answers that could be given, in their order.
    repeats
        Where a labeler rated an item twice: the last counts, or it is refused.
    aggregate
        Make labels: by majority, Dawid and Skene, or one number a labeler.
    windows
        How many windows of equally many items there are over time.
    interval
        How intervals are found; drawn over items.
    confidence
        Nominal coverage of the intervals.
    resamples
        How many resamples are drawn.

    """
    roles = Roles(by, labeler, value, question, time)
    resampling = Resampling(interval, confidence, resamples, context.seed)
    asked = Asked(level, categories, repeats, windows, aggregate, resampling)
    asked.check(subject.schema, roles)
    with telling_when_stopped("stopped while measuring agreement; nothing was recorded"):
        frame = subject.lazy.select(exact(name) for name in roles.named.values()).collect()
        return measure_agreement(frame, roles, asked, name=subject.name, progress=context.progress)


def rehearse(
    settings: Settings,
    subject: Table,
    *,
    by: str = "item",
    labeler: str = "labeler",
    value: str = "value",
    question: str | None = None,
    time: str | None = None,
    level: Level | None = None,
    categories: list[str] | None = None,
    repeats: Literal["last", "refuse"] = "last",
    aggregate: Aggregate | None = None,
    windows: int = 10,
    interval: Literal["bca", "percentile", "none"] = "bca",
    confidence: float = 0.95,
    resamples: int = 1000,
) -> None:
    """Check the columns, the level and the numbers."""
    resampling = Resampling(interval, confidence, resamples, settings.dataset_random_seed)
    asked = Asked(level, categories, repeats, windows, aggregate, resampling)
    asked.check(subject.schema, Roles(by, labeler, value, question, time))
