"""Collect examples for a dataset from a log of decisions, as a funnel of what was left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from qforge_jupyter.context import Context
from qforge_jupyter.engine.collectors import (
    CollectCase,
    CollectPlan,
    any_plan,
    collector_of,
    none_forgotten,
)
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.loaded import LoadedTable
from qforge_jupyter.language.body import Body
from qforge_jupyter.language.validation import validate
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.results.chunks import in_place
from qforge_jupyter.results.harvest import Harvest
from qforge_jupyter.results.jobs import Job
from qforge_jupyter.results.progress import silent
from qforge_jupyter.results.sky_collection import SkyCollection
from qforge_jupyter.results.sky_part import SkyPart
from qforge_jupyter.results.version import Version
from qforge_jupyter.sky.cutting import cut_outs
from qforge_jupyter.sky.preprocessing import COLUMN
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.verbs import split
from qforge_jupyter.verbs._branches import branch_of
from qforge_jupyter.verbs._harvest_source import read_source
from qforge_jupyter.verbs._job_version import version_of
from qforge_jupyter.verbs._sky_parts import kept_parts
from qforge_jupyter.versions.committing import Wish, commit
from qforge_jupyter.versions.identities import are_forgotten
from qforge_jupyter.versions.reading import find_version, table_of
from qforge_jupyter.versions.references import check_dataset_name
from qforge_jupyter.versions.working import Ground

if TYPE_CHECKING:
    AnyPlan = CollectPlan
else:  # the keys of every kind of source
    AnyPlan = any_plan()

#: It may take so long that it can run as a job.
IS_LONG = True
EXAMPLE = """\
%%qforge collect golden/tiers from decisions where "outcome == 'won'" into funnel
input: [title, company_size, industry]
expected output: tier
confidence: ">= 0.8"
score: ">= 75"
"""


@dataclass(frozen=True)
class Asked:
    """What a call asks for, beside what becomes of it."""

    from_: Table | str
    where: str = ""
    by: list[str] | None = None
    query: str | None = None
    table: str | None = None
    source: str = ""
    near: bool = False
    within: float | None = None
    body: CollectPlan | None = None


def run(
    context: Context,
    subject: str,
    *,
    from_: Table | str,
    where: str = "",
    by: list[str] | None = None,
    query: str | None = None,
    table: str | None = None,
    source: str = "",
    near: bool = False,
    within: float | None = None,
    message: str = "",
    preview: bool = False,
    body: AnyPlan | None = None,
) -> Harvest | SkyCollection:
    """Make examples of the decisions that turned out well, and commit those that are new.

    Of detections in images of the sky, cut-outs are made, and parts that share no position.
    What the dataset holds already is left out, so that a second harvest brings
    only what is new; every row that is left out has a reason.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The dataset, made by the first harvest; ``name@branch`` for another branch.
    from_
        A variable, a stored dataset, a file, or a database with ``query`` or ``table``.
    where
        A rule that picks rows. Where it reads the outcome, it alone says which count.
    by
        Columns whose values name an example (first harvest only); ``source_decision_id``
        by default.
    query
        The SQL to run when the source is a database; ``:name`` is bound to its value.
    table
        The table of a database to read as a whole.
    source
        What the source is called in ``source_table``; by default the variable's, the
        table's or the file's name.
    near
        Leave out inputs that nearly repeat another one, too.
    within
        Distance up to which inputs nearly repeat each other; calibrated by default.
    message
        What was harvested and why.
    preview
        Show the funnel and commit nothing; ``--dry-run`` does not record the call, either.
    body
        Which decisions count, and what an example is made of.

    Raises
    ------
    DataError
        A column is missing, an id is null or repeats, nothing is left, or the
        examples do not fit the dataset.

    """
    asked = Asked(from_, where, by, query, table, source, near, within, body)
    found = _harvested(context, subject, asked)
    if len(context.place.into) > 1 and found.plan.split_plan is None:
        raise CallError(
            f"A harvest is one result and {len(context.place.into)} names came: keep one"
        )
    if preview:
        return replace(found.harvest, is_preview=True)
    found.plan.require(found.harvest)
    return (
        _committed(context, found, asked, message) if found.harvest.n_new else _kept(context, found)
    )


def preview(context: Context | None, subject: str, **options: Any) -> Harvest:
    """Show the funnel of a harvest; nothing is stored."""
    asked = {name: each for name, each in options.items() if name in Asked.__dataclass_fields__}
    return replace(_harvested(context, subject, Asked(**asked)).harvest, is_preview=True)


def reopen(context: Context, job: Job) -> tuple[LoadedTable, tuple[SkyPart, ...]]:
    """Give what a job collected, read anew: the dataset, and its parts where it has some."""
    name, branch = branch_of(job.subject)
    found = find_version(context.store, f"{name}@{branch}")
    if found is None:
        raise CallError(f"There is no dataset {name[:60]!r} any more: collect it again")
    dataset, tip, reference = found
    made = version_of(context.store, tip, job)
    ref = reference.ref if made.id == tip.id else ""
    table = LoadedTable.of(table_of(context.store, dataset, made, ref))
    is_parted = COLUMN in table.frame.columns
    return table, kept_parts(context, name, made.id) if is_parted else ()


@dataclass(frozen=True)
class Found:
    """A harvest, what it was read from, and the version that it stands on."""

    harvest: Harvest
    source: Table
    branch: str
    keys: tuple[str, ...]
    held: Table | None
    plan: CollectPlan


def _harvested(context: Context | None, subject: str, asked: Asked) -> Found:
    """Read the source and the dataset, and make examples."""
    name, branch = branch_of(subject)
    check_dataset_name(name)
    given = asked.body.model_dump(exclude_unset=True) if asked.body else {}
    kind = collector_of(given)
    plan = validate(kind.Plan, Body(given, ""), where="collect")
    plan.check()
    dataset, held = _held(context, name, branch)
    progress = context.progress if context else silent
    read = read_source(
        asked.from_, query=asked.query, table=asked.table, values=plan.values, progress=progress
    )
    by = tuple(dict.fromkeys(asked.by or ()))
    if dataset is not None and by and by != dataset.keys:
        now = ", ".join(dataset.keys) or "their whole content"
        raise CallError(
            f"The rows of {name} are known by {now}, and that cannot be changed: "
            "leave `by` away, or collect into a dataset with another name"
        )
    case = CollectCase(
        read,
        plan,
        name,
        dataset.keys if dataset else by or kind.KEYS,
        asked.source or read.name,
        held.frame if held else None,
        asked.where,
        asked.near or asked.within is not None,
        asked.within,
        _forgotten_of(context, dataset),
        seed=context.seed if context else 42,
        progress=progress,
    )
    if plan.pictures is None:
        return Found(kind.collect(case), read, branch, case.keys, held, plan)
    folders = _folders(context, name, plan.pictures, read.folder)
    pictures = Pictures(folders)
    cutting = replace(
        case,
        read_cutouts=lambda wanted, size: cut_outs(wanted, size, pictures),
        stamp_of=pictures.stamp,
        chunk=context.chunk if context else in_place,
    )
    made = replace(kind.collect(cutting), folders=folders)
    return Found(made, read, branch, case.keys, held, plan)


def _folders(context: Context | None, dataset: str, named: str, source: str) -> tuple[str, ...]:
    """Name where images may lie, the most likely first."""
    known = context.store.lineage.folders(dataset) if context else ()
    places = (named, source, *known, ".")
    return tuple(dict.fromkeys(str(Path(each).resolve()) for each in places if each))


def _held(
    context: Context | None, name: str, branch: str
) -> tuple[KeptDataset | None, Table | None]:
    """Read the tip of the branch, where there is such a dataset."""
    found = find_version(context.store, f"{name}@{branch}") if context else None
    if context is None or found is None:
        return None, None
    dataset, version, reference = found
    return dataset, table_of(context.store, dataset, version, reference.ref)


def _forgotten_of(context: Context | None, dataset: KeptDataset | None) -> Any:
    if context is None or dataset is None:
        return none_forgotten
    return lambda added: are_forgotten(context.store, dataset, added)


def _committed(context: Context, found: Found, asked: Asked, message: str) -> Harvest:
    """Draft the version in which the new examples stand under the others."""
    harvest, held = found.harvest, found.held
    frame = harvest.examples if held is None else _under(held.frame, harvest.examples)
    version = held.version if held else None
    wish = Wish(
        harvest.dataset,
        Table.of_frame(harvest.dataset, frame, found.source.origin, _folder(found)),
        context.actor,
        context.clock(),
        message or f"{harvest.n_new:,} examples of {harvest.source}",
        found.branch,
        found.keys if held is None else tuple(asked.by) if asked.by else None,
        Ground(version.commit) if version else None,
        seen=context.working.seen(harvest.dataset),
    )
    done = replace(
        harvest,
        origin=found.source.origin,
        source_fingerprint=found.source.fingerprint,
        before=(held.fingerprint, str(version)) if held and version else ("", ""),
        commit=commit(context.store, wish),
    )
    if done.commit is None:
        return done
    made = Version(done.dataset, done.commit.commit, found.branch, done.commit.keys, found.branch)
    return _parted(context, replace(found, harvest=done), frame, made)


def _kept(context: Context, found: Found) -> Harvest:
    """Give a harvest that brings nothing new: where it has parts, with these as they are."""
    held = found.held
    if held is None or held.version is None:
        return found.harvest
    return _parted(context, found, held.frame, held.version)


def _parted(context: Context, found: Found, frame: pl.DataFrame, version: Version) -> Harvest:
    """Split all rows of a dataset; those that were there before stay in their parts."""
    if (body := found.plan.split_plan) is None:
        return found.harvest
    table = Table(found.harvest.dataset, frame.lazy(), version=version)
    table.__dict__["frame"] = frame
    return found.plan.parted(found.harvest, frame, split.run(context, table, body=body))


def _folder(found: Found) -> str:
    """Name the folder that pictures of the rows lie in."""
    named = found.plan.pictures
    return str(Path(named).resolve()) if named else found.source.folder


def _under(held: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Lay new examples under the others; what one of them lacks is null."""
    columns = [*held.columns, *(name for name in new.columns if name not in held.schema)]
    both = pl.concat([held, new], how="diagonal")
    return pl.DataFrame([both.get_column(name) for name in columns])
