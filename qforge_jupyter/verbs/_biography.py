"""Collecting what the store knows of one row of a dataset."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from qforge_jupyter.columns import column, frame_of
from qforge_jupyter.context import Context
from qforge_jupyter.engine.split_assignment import marks_of
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.biography import Biography
from qforge_jupyter.rules.expressions import read_filter
from qforge_jupyter.store.commits import KeptCommit
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.store.runs_over import RunOver
from qforge_jupyter.verbs._label_lines import label_lines
from qforge_jupyter.versions.biography import Life, Moment, life_of
from qforge_jupyter.versions.reading import table_of
from qforge_jupyter.versions.references import read_reference, require_dataset, resolve

#: What a call did, as people say it.
_SAID = {
    "score": "scored",
    "outliers": "searched for outliers",
    "certify": "certified",
    "split": "split",
    "export": "exported",
    "train": "trained on",
    "trial": "compared in a trial",
    "features": "made into features",
    "deduplicate": "searched for duplicates",
    "leaks": "checked for leaks",
    "approve": "lineage approved",
    "revoke": "lineage revoked",
}
#: Calls whose note says what they made.
_NOTED = {"features", "export", "unseal"}
#: Calls that say nothing of a row, or that its versions say already.
_UNSAID = {"commit", "checkout", "diff", "log", "merge", "rollback", "lineage", "why", "load"}
_UNSAID |= {"label", "adjudicate", "accept", "dashboard"}
Line = dict[str, Any]


def tell(context: Context, subject: str, *, key: str, at: int | None, where: str) -> Biography:
    """Tell the life of one row of a stored dataset.

    Parameters
    ----------
    context
        The open workspace.
    subject
        The dataset, or a version of it from which to look back.
    key
        The values of the key columns, with commas between them.
    at, where
        Position, or a rule that holds for that row only; either reads the version.

    Raises
    ------
    CallError
        There is no such dataset, no such row, or more than one.

    """
    store = context.store
    reference = read_reference(subject)
    if reference is None:
        raise CallError(f"{subject[:60]!r} is no score report and no dataset: name one of them")
    dataset = require_dataset(store, reference.dataset)
    if not dataset.keys:
        raise CallError(
            f"The rows of {dataset.name} have no keys, so none of them can be followed: "
            "commit it under another name with `by` and its key columns"
        )
    head = resolve(store, dataset, reference.ref, reference.back)
    if at is None and not where:
        wanted = _typed(dataset, head, key)
    else:
        wanted = _found(context, dataset, head, at, where)
    life = life_of(store, dataset, head, wanted)
    lines = [_told(each) for each in life.moments] + _runs(context, dataset, life, wanted)
    lines += label_lines(store, dataset, wanted)
    lines.sort(key=lambda line: line["at"])
    shown = tuple((name, str(value)) for name, value in wanted.items())
    return Biography(dataset.name, shown, pl.DataFrame(lines, schema=_SCHEMA), life.cells)


_SCHEMA: dict[str, Any] = {
    "at": pl.Datetime("us", "UTC"),
    "what": pl.String,
    "detail": pl.String,
    "by": pl.String,
    "run": pl.String,
    "tracker_run": pl.String,
    "commit": pl.String,
}


def _typed(dataset: KeptDataset, head: KeptCommit, text: str) -> dict[str, Any]:
    """Read the values of the keys as the columns' types want them."""
    given = [each.strip() for each in text.split(",")] if text.strip() else []
    if len(given) != len(dataset.keys):
        names = ", ".join(dataset.keys)
        raise CallError(
            f"A row of {dataset.name} is named by {names}, and {len(given)} values came: "
            f"write --key with a value for each, or `where` with a rule"
        )
    kinds = dict(head.columns)
    try:
        return {
            name: _value(one, kinds[name]) for name, one in zip(dataset.keys, given, strict=True)
        }
    except ValueError:
        wanted = ", ".join(f"{name}: {kinds[name]}" for name in dataset.keys)
        raise CallError(f"A key does not fit its column ({wanted}): write it as it is") from None


def _value(text: str, kind: str) -> Any:
    if kind.startswith(("Int", "UInt")):
        return int(text)
    if kind.startswith("Float"):
        return float(text)
    if kind == "Date":
        return date.fromisoformat(text)
    if kind.startswith("Datetime"):
        return datetime.fromisoformat(text)
    if kind == "Boolean":
        return text.lower() in {"true", "yes", "1"}
    return text


def _found(
    context: Context, dataset: KeptDataset, head: KeptCommit, at: int | None, where: str
) -> dict[str, Any]:
    table = table_of(context.store, dataset, head)
    keys = [column(name) for name in dataset.keys]
    if where:
        rows = table.lazy.filter(read_filter(where, table.schema)).select(keys).collect()
        if rows.height != 1:
            raise CallError(
                f"The rule holds for {rows.height:,} rows of {dataset.name}, and one is wanted: "
                "make it narrower, or use --key"
            )
        return rows.row(0, named=True)
    if at is None or not 0 <= at < head.n_rows:
        raise CallError(
            f"Row {at} was asked for and {dataset.name} has rows 0 to {head.n_rows - 1}"
        )
    return table.lazy.slice(at, 1).select(keys).collect().row(0, named=True)


def _told(moment: Moment) -> Line:
    cells = "; ".join(f"{name}: {_said(old)} → {_said(new)}" for name, old, new in moment.cells[:8])
    more = f" and {len(moment.cells) - 8} more" if len(moment.cells) > 8 else ""
    detail = " · ".join(one for one in (cells + more, moment.message) if one)
    return {
        "at": moment.at,
        "what": moment.what,
        "detail": detail,
        "by": moment.by,
        "run": None,
        "tracker_run": None,
        "commit": moment.commit,
    }


def _said(value: str | None) -> str:
    return "(missing)" if value is None else value[:60]


def _runs(context: Context, dataset: KeptDataset, life: Life, key: dict[str, Any]) -> list[Line]:
    """Tell what was done with the versions in which the row stood."""
    found = []
    parts: set[str] = set()
    for run in context.store.runs.over(life.holding):
        if run.verb in _UNSAID or run.status not in ("finished", "refused"):
            continue
        detail = _detail(context, run, dataset, key, parts)
        if detail is None:
            continue
        found.append(
            {
                "at": run.started_at,
                "what": _SAID.get(run.verb, run.verb),
                "detail": detail,
                "by": run.actor,
                "run": run.id,
                "tracker_run": run.tracker_run_id or None,
                "commit": None,
            }
        )
    return found


def _detail(
    context: Context, run: RunOver, dataset: KeptDataset, key: dict[str, Any], parts: set[str]
) -> str | None:
    """Say what a call made of this very row, where that can be known; None where it left it out.

    The parts in which splits have put the row are gathered on the way.
    """
    if run.verb == "split":
        return _part(context, run, dataset, key, parts)
    if run.verb == "train":
        return _use(context, run, key)
    if run.verb == "export" and not _is_written(context, run, parts):
        return None
    flags = context.store.findings.naming(run.id, ", ".join(map(str, key.values())))
    flagged = "; ".join(f"flagged: {each.kind} {each.column}".strip() for each in flags[:4])
    whole = ", ".join(f"{name} {value:.3f}" for name, value in run.headline)
    note = run.note if run.verb in _NOTED else ""
    return " · ".join(one for one in (whole, flagged, note) if one)


def _part(
    context: Context, run: RunOver, dataset: KeptDataset, key: dict[str, Any], parts: set[str]
) -> str:
    sha256 = run.files.get("assignment")
    if sha256 is None:
        return ""
    frame = frame_of(pl.Series(name, [one]) for name, one in key.items())
    first, second = marks_of(Table.of_frame("row", frame), list(dataset.keys))
    lines = (
        context.store.objects.look_into(sha256)
        .filter((pl.col("mark_a") == int(first[0])) & (pl.col("mark_b") == int(second[0])))
        .collect()
    )
    named = "" if run.note.startswith(f"{dataset.name}@") else run.note
    if not lines.height:
        return named
    row = lines.row(0, named=True)
    parts.add(row["part"])
    folds = [f"fold {n}" for name, n in row.items() if name.startswith("fold_") and n is not None]
    where = " · ".join(filter(None, (row["part"], *folds[:1]))) or "left out"
    said = f"{named}: {where}" if named else where
    return said + (f" ({row['reason']})" if row["reason"] else "")


def _is_written(context: Context, run: RunOver, parts: set[str]) -> bool:
    """Say whether an export wrote the row: a sealed part stays back."""
    report = context.store.runs.get(run.id).report or {}
    written = {each["name"] for each in report.get("parts", ())}
    return "data" in written or bool(written & parts)


def _use(context: Context, run: RunOver, key: dict[str, Any]) -> str | None:
    """Say in which part a model met the row, by the rows that are kept beside it."""
    same = pl.all_horizontal(column(name).eq_missing(pl.lit(one)) for name, one in key.items())
    for name, sha256 in sorted(run.files.items()):
        if name.startswith("rows-"):
            rows = context.store.objects.look_into(sha256)
            if rows.filter(same).head(1).collect().height:
                return f"{run.note}: {name.removeprefix('rows-')}"
    return None
