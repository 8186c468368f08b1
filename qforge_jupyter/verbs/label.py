"""Label the rows of a dataset: every answer is kept before the next is asked."""

from __future__ import annotations

import re
from dataclasses import replace

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError, blaming
from qforge_jupyter.frames import Table
from qforge_jupyter.labeling.desk import Desk
from qforge_jupyter.labeling.opening import Wanted, open_sitting
from qforge_jupyter.labeling.plan import LabelPlan
from qforge_jupyter.labeling.showing import read_showing
from qforge_jupyter.labeling.statuses import where_schema
from qforge_jupyter.labeling.suggested import plan_from
from qforge_jupyter.results.changes import Change, NewDataset, NewSession
from qforge_jupyter.results.commit import CommitReport
from qforge_jupyter.results.labeling import Labeling
from qforge_jupyter.results.suggestions import Suggestions
from qforge_jupyter.rules.expressions import read_filter
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs._scores_of import scores_of
from qforge_jupyter.versions.committing import Wish, commit
from qforge_jupyter.versions.references import check_dataset_name, require_dataset

EXAMPLE = """\
%%qforge label golden/contact-tier as alice where "status = 'pending'" top 50
show: "**{title}** at a {company_size} {industry} company"
choose tier: {a: A, b: B, c: C}
rate sureness: 0 .. 1
order: most informative first
overlap: 2 labelers
"""

_LABELER = re.compile(r"[^\W_][\w.@+-]{0,63}")


def run(
    context: Context,
    subject: Table,
    *,
    as_: str = "",
    by: list[str] | None = None,
    where: str = "",
    top: int | None = None,
    scores: Table | None = None,
    from_: Suggestions | None = None,
    body: LabelPlan | None = None,
) -> Labeling:
    """Sit down to label; the same call goes on where the labeler stopped.

    Parameters
    ----------
    context
        The open workspace.
    subject
        A stored dataset, or a variable, which is first committed as a dataset of its
        name. Rows of a dataset without keys are known by their content: one that
        changes is another row, and its labels stay with what it was.
    as_
        Who labels; who works in this workspace when nothing is said.
    by
        Of a variable: the columns whose values name a row.
    where
        Which rows, as a rule; beside the columns it may ask `label_status` (pending,
        labeled, validated, rejected), `label_by`, `label_at`, `n_labelers`, and
        `status` where the dataset has no such column.
    top
        So many rows at most, the first in the order.
    scores
        Keys and a number for each row, for `lowest score first` and `most informative
        first`.
    from_
        What `suggest` found: its rows, the most urgent first. Where the body asks nothing, it
        is asked for the label that was suggested, and suspected labels are corrected.
    body
        What is asked, and how.

    Raises
    ------
    DataError
        Nothing is asked, or what is asked does not fit the rows.

    """
    plan = _plan(body, from_)
    labeler = _labeler(as_ or context.actor)
    _check_top(top)
    report: CommitReport | None = None
    if subject.version is None:
        wanted, report = _committed(context, subject, by, plan, labeler)
    else:
        wanted = _stored(context, subject, by, plan, labeler)
    table = _scores(context, subject, plan, scores)
    wanted = replace(
        wanted,
        where=where,
        top=top,
        scores=table.frame if table else None,
        suggestions=from_,
        seed=context.seed,
    )
    sitting, is_new = open_sitting(context.store, wanted, context.clock)
    made: tuple[Change, ...] = (NewSession(sitting.queue.session),) if is_new else ()
    return Labeling(
        wanted.dataset,
        labeler,
        plan.type,
        tuple((one.name, one.kind, one.said) for one in plan.questions),
        plan.n_labelers,
        plan.queued,
        Desk(sitting),
        _note(plan, table is not None or from_ is not None),
        (*(report.changes() if report else ()), *made),
        report.lineage() if report else (),
        report.stands_on() if report else (),
        context.store.lineage.folders(wanted.dataset) or ((subject.folder,) if report else ()),
    )


def rehearse(
    settings: Settings,  # noqa: ARG001 — every verb has one shape
    subject: Table,
    *,
    as_: str = "",
    by: list[str] | None = None,
    where: str = "",
    top: int | None = None,
    scores: Table | None = None,  # noqa: ARG001 — read when there is work to do
    from_: Suggestions | None = None,
    body: LabelPlan | None = None,
) -> None:
    """Read the questions, and look whether their columns are there."""
    plan = _plan(body, from_)
    if as_:
        _labeler(as_)
    _check_top(top)
    if subject.version is None:
        _keys(subject, by)
    read_showing(plan, subject.schema)
    if where:
        with blaming("where"):
            read_filter(where, where_schema(subject.schema))


def _plan(body: LabelPlan | None, found: Suggestions | None) -> LabelPlan:
    plan = body or LabelPlan.model_validate({})
    if found is not None:
        with blaming("from"):
            plan = plan_from(plan, found)
    plan.check()
    return plan


def _labeler(name: str) -> str:
    if not _LABELER.fullmatch(name):
        raise CallError(
            "A labeler is named with letters, digits and . _ - @, as in alice, and "
            f"{name[:60]!r} is not"
        )
    return name


def _check_top(top: int | None) -> None:
    if top is not None and top < 1:
        raise CallError(f"`top` is {top} and must be at least 1")


def _keys(subject: Table, by: list[str] | None) -> tuple[str, ...]:
    if not by:
        raise CallError(
            f"{subject.name} is no stored dataset, so it is committed as one before it is labeled, "
            "and its rows need a name: write  by KEY  with the columns that name a row"
        )
    return tuple(by)


def _stored(
    context: Context, subject: Table, by: list[str] | None, plan: LabelPlan, labeler: str
) -> Wanted:
    version = subject.version
    if version is None:
        raise CallError(f"{subject.name} is no stored dataset")
    dataset = require_dataset(context.store, version.dataset)
    if by and tuple(by) != dataset.keys:
        now = ", ".join(dataset.keys) or "their whole content"
        raise CallError(f"The rows of {dataset.name} are known by {now}: leave `by` away")
    heads = {
        each.name: each.head for each in context.store.refs.of(dataset.id) if each.kind == "branch"
    }
    head = heads.get(version.branch, "")
    return Wanted(
        dataset.name,
        dataset.id,
        version.commit,
        version.branch,
        head if head == version.commit else "",
        dataset.n_forgettings,
        subject.frame,
        dataset.keys,
        plan,
        labeler,
    )


def _committed(
    context: Context, subject: Table, by: list[str] | None, plan: LabelPlan, labeler: str
) -> tuple[Wanted, CommitReport]:
    """Draft the variable as a dataset of its name; it is kept in the transaction of the call."""
    keys = _keys(subject, by)
    name = check_dataset_name(subject.name)
    if context.store.datasets.find(name) is not None:
        raise CallError(
            f"There is a dataset {name!r} already: label that, or commit the variable to it first"
        )
    wish = Wish(
        name, subject, context.actor, context.clock(), f"{name} as it was labeled first", keys=keys
    )
    report = commit(context.store, wish)
    new = next(each for each in report.made if isinstance(each, NewDataset))
    wanted = Wanted(
        name,
        new.id,
        report.commit,
        report.branch,
        report.commit,
        0,
        subject.frame,
        keys,
        plan,
        labeler,
    )
    return wanted, report


def _scores(
    context: Context, subject: Table, plan: LabelPlan, scores: Table | None
) -> Table | None:
    """Give what tells the order: the table that came, or the last scores of these rows."""
    if scores is not None or plan.order != "lowest score first":
        return scores
    with blaming("order"):
        quality = scores_of(context, subject, None).select("quality")
    keys = subject.version.keys if subject.version else ()
    return Table.of_frame("scores", subject.frame.select(keys).hstack(quality))


def _note(plan: LabelPlan, is_informed: bool) -> str:
    if plan.order != "most informative first" or is_informed:
        return ""
    return (
        "No scores came that say which item is most informative, so those come first on whose "
        "answers labelers disagree most: give a table of keys and numbers with --scores."
    )
