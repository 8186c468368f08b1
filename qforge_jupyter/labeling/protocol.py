"""What a view asks of a sitting, as JSON: one request, one reply, and never an exception."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qforge_jupyter.errors import DataError, QForgeError, nearest
from qforge_jupyter.labeling.drafts import read_draft
from qforge_jupyter.labeling.mapping import choose, chosen, map_of
from qforge_jupyter.labeling.sitting import Sitting
from qforge_jupyter.labeling.submission import Submission

N_FIRST = 3
Request = Mapping[str, Any]
Reply = dict[str, Any]


@dataclass(frozen=True)
class Handler:
    """Answers the requests of one sitting's views.

    A request has an ``id`` and a ``kind``; its reply has the same ``id`` and ``ok``, or
    ``error`` with one sentence. Safe to be called from any thread.

    """

    sitting: Sitting = field(repr=False)

    def handle(self, request: Request) -> Reply:
        """Answer one request; whatever goes wrong becomes one sentence.

        Parameters
        ----------
        request
            ``{id, kind, …}``.

        """
        asked = request if isinstance(request, Mapping) else {}
        reply: Reply = {"id": asked.get("id")}
        try:
            kind = asked.get("kind")
            answer = KINDS.get(kind) if isinstance(kind, str) else None
            if answer is None:
                raise DataError(f"No request {str(kind)[:40]!r}{nearest(str(kind), KINDS)}")  # noqa: TRY301 — told like every other
            return {**reply, "ok": True, **answer(self.sitting, asked)}
        except QForgeError as problem:
            return {**reply, "error": problem.message, "category": problem.category}
        except Exception as problem:  # noqa: BLE001 — a view must hear of it, whatever it is
            kind = type(problem).__name__
            return {
                **reply,
                "error": f"Q-Forge met a fault of its own ({kind}): nothing of the request is kept",
                "category": "internal",
            }

    __call__ = handle


def _hello(sitting: Sitting, request: Request) -> Reply:
    plan = sitting.plan
    with sitting.lock:
        drafts = sitting.drafts()
        resumed_at, items = _first(sitting, drafts, _whole(request, "n", N_FIRST))
        return {
            "questions": [one.payload() for one in plan.questions],
            "conditions": [one.payload() for one in plan.conditions],
            "show": sitting.showing.payload(),
            "keys": plan.actions,
            "labeler": sitting.labeler,
            "type": plan.type,
            "blind": plan.is_blind,
            "items": _filled(sitting, items),
            "resumed_at": resumed_at,
            "drafts": [draft for _, draft in drafts],
            "chosen": chosen(sitting),
            "progress": sitting.progress(),
        }


def _first(
    sitting: Sitting, drafts: list[tuple[int, Reply]], n: int
) -> tuple[int, list[dict[str, Any]]]:
    """Begin with what was half answered last, else with what waits."""
    begun = [place for place, _ in drafts[:1]]
    waiting = sitting.current(begun)
    at = waiting["position"] if waiting else len(sitting.given)
    items = sitting.items(at - 1, n) if waiting else []
    revised = [place for place in begun if place in sitting.given]
    if not revised or (resumed_at := sitting.given.index(revised[0])) == at:
        return at, items
    return resumed_at, [sitting.item(resumed_at), *items]


def _map(sitting: Sitting, request: Request) -> Reply:  # noqa: ARG001 — all have one shape
    sitting.refresh()
    return map_of(sitting)


def _choose(sitting: Sitting, request: Request) -> Reply:
    with sitting.lock:
        choose(sitting, request.get("within"))
        items = sitting.items(len(sitting.given) - 1, _whole(request, "n", N_FIRST))
        return {
            "items": _filled(sitting, items),
            "resumed_at": items[0]["position"] if items else len(sitting.given),
            "chosen": chosen(sitting),
            "progress": sitting.progress(),
        }


def _draft(sitting: Sitting, request: Request) -> Reply:
    sitting.keep_draft(_text(request, "key"), read_draft(request, sitting.plan))
    return {}


def _next(sitting: Sitting, request: Request) -> Reply:
    items = sitting.items(_whole(request, "after", -1), _whole(request, "n", 1))
    return {"items": _filled(sitting, items), "progress": sitting.progress()}


def _filled(sitting: Sitting, items: list[Reply]) -> list[Reply]:
    """Let a view begin with the answer that is proposed, where none was given."""
    if sitting.showing.renderer == "map":  # on which an item with an answer counts as done
        return items
    return [{**one, "mine": one["mine"] or one.get("suggested", {})} for one in items]


def _submit(sitting: Sitting, request: Request) -> Reply:
    answers = request.get("answers")
    if not isinstance(answers, Mapping):
        raise DataError("A submission wants its answers by question, and none came")
    return sitting.submit(
        Submission(
            _text(request, "submission"),
            _text(request, "key"),
            answers,
            request.get("confidence"),
            request.get("note") or "",
            request.get("latency_ms"),
            str(request.get("shown_at") or ""),
            str(request.get("answered_at") or ""),
            str(request.get("batch") or ""),
        )
    )


def _skip(sitting: Sitting, request: Request) -> Reply:
    reason = str(request.get("reason") or "")
    return sitting.skip(_text(request, "submission"), _text(request, "key"), reason)


def _undo(sitting: Sitting, request: Request) -> Reply:
    return sitting.undo(_text(request, "submission"))


def _redo(sitting: Sitting, request: Request) -> Reply:
    return sitting.redo(_text(request, "submission"))


def _back(sitting: Sitting, request: Request) -> Reply:
    return {"item": sitting.item(_whole(request, "position", -1))}


def _progress(sitting: Sitting, request: Request) -> Reply:  # noqa: ARG001 — all have one shape
    sitting.refresh()
    return {"progress": sitting.progress()}


def _asked(sitting: Sitting, request: Request) -> Reply:
    answers = request.get("answers")
    given = dict(answers) if isinstance(answers, Mapping) else {}
    return {"asked": [one.name for one in sitting.plan.asked(given)]}


KINDS: dict[str, Callable[[Sitting, Request], Reply]] = {
    "hello": _hello,
    "next": _next,
    "submit": _submit,
    "skip": _skip,
    "undo": _undo,
    "redo": _redo,
    "back": _back,
    "progress": _progress,
    "asked": _asked,
    "map": _map,
    "choose": _choose,
    "draft": _draft,
}


def _whole(request: Request, name: str, default: int) -> int:
    value = request.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise DataError(f"{name!r} of a request has to be a whole number")
    return value


def _text(request: Request, name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str):
        raise DataError(f"{name!r} of a request has to be a text")
    return value
