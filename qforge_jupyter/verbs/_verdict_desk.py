"""Answers the views of a verdict: columns, rows to look at, fixes, and what they gain."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from keyword import iskeyword
from typing import Any

import polars as pl

from qforge_jupyter.columns import column
from qforge_jupyter.context import Context
from qforge_jupyter.engine.collapse.localizing.overlaying import overlay_of
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.collapse import Verdict
from qforge_jupyter.results.fixed import Fixed
from qforge_jupyter.results.localization import Localization
from qforge_jupyter.results.progress import Progress, noted
from qforge_jupyter.results.recommendation import Plan
from qforge_jupyter.verbs import VERBS, invoke
from qforge_jupyter.verbs._background import Job
from qforge_jupyter.verbs._verdict_rows import Page, page_told
from qforge_jupyter.verbs._verdict_view import (
    MOST_COLUMNS,
    described,
    fixed_told,
    localization_told,
    overlay_told,
    plan_told,
)
from qforge_jupyter.verbs.check import CheckBody

#: Rows of each side that a picture of a column is drawn from.
DRAWN_ROWS = 200_000
NAMES = {"localize": "culprits", "recommend": "plan"}
FIX_STAGES = {"fix, ": (0.0, 0.5), "check, ": (0.5, 1.0)}
Bind = Callable[[str, Any], str]


class VerdictDesk:
    """What the views of one verdict can ask; may be asked from any thread.

    Parameters
    ----------
    context
        The open workspace: what is asked for is done there and recorded as any call.
    verdict
        What a check gave.
    bind
        Gives a result a name among the person's variables; the wanted one where it is free.

    """

    def __init__(self, context: Context, verdict: Verdict, bind: Bind) -> None:
        self._context = replace(context, say=_say_nothing)
        self._verdict = verdict
        self._bind = bind
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._names: dict[str, str] = {}
        self._localization: Localization | None = None
        self._plan: Plan | None = None
        self._fixed: dict[str, Any] | None = None

    def handle(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request: ``{kind, …} -> {ok: True, …}``.

        Raises
        ------
        CallError
            It asks for what there is not.

        """
        asked = dict(request)
        kinds: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "hello": self._hello,
            "column": self._column,
            "start": self._start,
            "job": self._told,
            "stop": self._stop,
            "rows": self._rows,
        }
        answer = kinds.get(str(asked.get("kind")))
        if answer is None:
            raise CallError("A verdict was asked what it does not know: run the cell again")
        return {"ok": True, **answer(asked)}

    def wait(self, limit_s: float = 600.0) -> None:
        """Wait for the work that goes on."""
        if self._job is not None:
            self._job.wait(limit_s)

    def _hello(self, _asked: dict[str, Any]) -> dict[str, Any]:
        told = described(self._verdict, self._columns)
        is_live = isinstance(self._verdict.candidate, Table)
        return {"verdict": told, "has_tables": is_live, **self._found()}

    def _found(self) -> dict[str, Any]:
        """Tell what was found so far; other views may have asked for it."""
        found, plan = self._localization, self._plan
        return {
            "localization": None
            if found is None
            else localization_told(found, self._names["localize"]),
            "plan": None if plan is None else plan_told(plan, self._names["recommend"]),
            "fixed": self._fixed,
            "job": self._job.told() if self._job else None,
        }

    @property
    def _columns(self) -> list[str]:
        """Name the columns that can be looked at: those compared, in their order."""
        sides = self._sides()
        if sides is None:
            return []
        plan = self._verdict.plan
        aside = (plan.get("groups", ""), plan.get("order", ""))
        left = {*self._verdict.left_out, *plan.get("ignore", ()), *aside}
        return [name for name in sides[1].columns if name in sides[0].schema and name not in left][
            :MOST_COLUMNS
        ]

    def _sides(self) -> tuple[Table, Table] | None:
        candidate, reference = self._verdict.candidate, self._verdict.reference
        if isinstance(candidate, Table) and isinstance(reference, Table):
            return candidate, reference
        return None

    def _tables(self) -> tuple[Table, Table]:
        sides = self._sides()
        if sides is None:
            raise CallError("The verdict holds its tables no longer: check them again")
        return sides

    def _column(self, asked: dict[str, Any]) -> dict[str, Any]:
        sides, names = self._tables(), self._columns
        place = asked.get("at")
        if not isinstance(place, int) or not 0 <= place < len(names):
            raise CallError("There is no such column: run the cell again")
        name = names[place]
        frames = [_drawn(side, name) for side in sides]
        said = (sides[0].name, sides[1].name)
        return {"at": place, "overlay": overlay_told(overlay_of(name, frames[0], frames[1], said))}

    def _rows(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self._localization is None:
            raise CallError("No rows were looked for yet: look for them first")
        name = self._names["localize"]
        return page_told(self._localization, name, self._tables(), Page.of(asked))

    def _start(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            if self._job is not None and self._job.is_running:
                raise CallError(
                    f"`{self._job.name}` is at work on this verdict: wait for it, or stop it"
                )
            self._tables()
            self._job = self._begun(asked)
        return {"job": self._job.told()}

    def _begun(self, asked: dict[str, Any]) -> Job:
        work = str(asked.get("work"))
        if work in NAMES:
            verb = work
            stages = VERBS.get(verb).STAGES
            return Job(verb, lambda progress: self._follow(verb, progress), self._keep, stages)
        if work == "fix" and self._plan is not None:
            place, name = asked.get("place"), str(asked.get("name") or "trial")
            if not isinstance(place, int) or not 0 <= place < len(self._plan.entries):
                raise CallError("There is no such fix in the plan: look for fixes again")
            if not name.isidentifier() or iskeyword(name) or name.startswith("_"):
                raise CallError(f"{name[:40]!r} is no name for a table: write one like trial")
            chosen = place
            return Job(
                "fix", lambda progress: self._apply(chosen, name, progress), _nothing, FIX_STAGES
            )
        raise CallError("There is nothing of that kind to do: run the cell again")

    def _told(self, _asked: dict[str, Any]) -> dict[str, Any]:
        job = self._job
        if job is None:
            return {"job": None}
        told = job.told()
        if job.problem is not None:
            self._job = None
            raise job.problem
        return {"job": told} if told["state"] == "running" else self._found()

    def _stop(self, _asked: dict[str, Any]) -> dict[str, Any]:
        if self._job is not None:
            self._job.stop()
        return {"job": self._job.told() if self._job else None}

    def _follow(self, verb: str, progress: Progress) -> Any:
        return invoke(replace(self._context, progress=progress), verb, self._verdict, options={})

    def _keep(self, result: Any) -> None:
        if isinstance(result, Localization):
            self._names["localize"] = self._bind(NAMES["localize"], result)
            self._localization = result
        elif isinstance(result, Plan):
            self._names["recommend"] = self._bind(NAMES["recommend"], result)
            self._plan, self._fixed = result, None

    def _apply(self, place: int, name: str, progress: Progress) -> None:
        """Apply a fix as its cell would, and check what it gives on rows it has not seen."""
        assert self._plan is not None  # noqa: S101 — looked at before the job began
        context = replace(self._context, progress=noted(progress, "fix, "))
        candidate, _ = self._tables()
        fixed: Fixed = invoke(
            context,
            "fix",
            candidate,
            options={"with_": self._plan.entries[place], "as_": name},
            subject_name=candidate.name,
        )
        kept = self._bind(name, fixed)
        self._fixed = fixed_told(fixed, None, kept, place)
        after: Verdict = invoke(
            replace(context, progress=noted(progress, "check, ")),
            "check",
            Table.of_frame(kept, fixed.frame),
            options={"against": Table.of_frame(fixed.judged_by, fixed.held_out)},
            body=self._body(),
            subject_name=kept,
        )
        self._fixed = fixed_told(fixed, after, kept, place)

    def _body(self) -> CheckBody:
        # Fixes are judged without the order of the rows, which some of them change.
        known = CheckBody.model_fields.keys() - {"order"}
        return CheckBody.model_validate({
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self._verdict.plan.items()
            if name in known
        })  # fmt: skip


def _drawn(side: Table, name: str) -> pl.DataFrame:
    every = max(1, side.n_rows // DRAWN_ROWS)
    return side.lazy.select(column(name)).gather_every(every).collect()


def _nothing(_result: Any) -> None:
    """Keep nothing: what was found is kept on the way."""


def _say_nothing(_text: str) -> None:
    """Keep outputs of a thread out of whatever cell runs."""
