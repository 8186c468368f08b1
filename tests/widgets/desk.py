"""A small real handler: items in memory, every submission on disk before its reply."""

import json
import os
import threading
from pathlib import Path

KEYS = {"undo": "z", "redo": "r", "skip": "s", "back": "b", "can't tell": "x", "note": "n"}


def question(name, kind, answers=(), **more: object):
    offered = [{"answer": each, "key": str(n + 1)} for n, each in enumerate(answers)]
    given = {"low": None, "high": None, "is_needed": kind in ("choose", "rate", "number")}
    return {"name": name, "kind": kind, "answers": offered, **given, **more}


class Desk:
    """Keeps events in a file of JSON lines, so that another kernel goes on where this one died."""

    def __init__(self, path, rows, questions, show, **more: object) -> None:
        self.path = Path(path)
        self.rows = rows
        self.questions = questions
        self.show = {"template": "", "files": [], **show}
        self.conditions = list(more.get("conditions", ()))
        self.keys = KEYS
        self.labeler = more.get("labeler", "alice")
        self.lock = threading.RLock()
        self.threads = set()
        self.events = []
        if self.path.exists():
            self.events = [json.loads(line) for line in self.path.read_text().splitlines()]

    def handle(self, request):
        with self.lock:
            self.threads.add(threading.current_thread().name)
            answer = getattr(self, f"_{request.get('kind')}", None)
            if answer is None:
                return {"id": request.get("id"), "error": "No such request: ask for another"}
            try:
                return {"id": request.get("id"), "ok": True, **answer(request)}
            except ValueError as problem:
                return {"id": request.get("id"), "error": str(problem)}

    __call__ = handle

    @property
    def standing(self):
        """Events that nothing took back, the last one at the end."""
        done, _ = self._turned()
        return [each for each in self.events if each["submission"] in done]

    def _turned(self):
        """Name the submissions that stand, and those taken back; the last one at the end."""
        done, undone = [], []
        for each in self.events:
            if each["kind"] == "undo":
                undone.append(done.pop())
            elif each["kind"] == "redo":
                done.append(undone.pop())
            else:
                done.append(each["submission"])
                undone.clear()
        return done, undone

    @property
    def labels(self):
        return {each["key"]: each["answers"] for each in self.standing if each["kind"] == "submit"}

    def _hello(self, request):
        handled = {each["key"] for each in self.standing}
        at = next((n for n, row in enumerate(self.rows) if row["key"] not in handled), None)
        start = len(self.rows) if at is None else at
        return {
            "questions": self.questions,
            "conditions": self.conditions,
            "show": self.show,
            "keys": self.keys,
            "labeler": self.labeler,
            "type": "initial",
            "resumed_at": start,
            "items": self._items(start, request.get("n", 3)),
            "progress": self._counts(),
        }

    def _next(self, request):
        items = self._items(request["after"] + 1, request.get("n", 1))
        return {"items": items, "progress": self._counts()}

    def _back(self, request):
        return {"item": self._item(request["position"])}

    def _progress(self, _request):
        return {"progress": self._counts()}

    def _asked(self, _request):
        return {"asked": [each["name"] for each in self.questions]}

    def _submit(self, request):
        names = {each["name"] for each in self.questions}
        if not set(request["answers"]) <= names:
            raise ValueError("No such question is asked")
        if request["answers"].get("tier") == "refused":
            raise ValueError("The answer 'refused' is none: choose another")
        names = ("key", "answers", "confidence", "note", "latency_ms", "shown_at", "answered_at")
        self._keep("submit", request, {each: request[each] for each in names if each in request})
        return {"saved": request["submission"], "progress": self._counts()}

    def _skip(self, request):
        self._keep("skip", request, {"key": request["key"], "reason": request.get("reason", "")})
        return {"saved": request["submission"], "progress": self._counts()}

    def _undo(self, request):
        if not self.standing:
            raise ValueError("There is nothing to undo: this session kept nothing that stands")
        last = self.standing[-1]
        self._keep("undo", request, {"key": last["key"], "target": last["submission"]})
        at = next(n for n, row in enumerate(self.rows) if row["key"] == last["key"])
        return {"item": self._item(at), "progress": self._counts()}

    def _redo(self, request):
        _, undone = self._turned()
        if not undone:
            raise ValueError("There is nothing to bring back: the last step was no undo")
        last = next(each for each in self.events if each["submission"] == undone[-1])
        self._keep("redo", request, {"key": last["key"], "target": last["submission"]})
        at = next(n for n, row in enumerate(self.rows) if row["key"] == last["key"])
        return {"item": self._item(at), "progress": self._counts()}

    def _keep(self, kind, request, body):
        if any(each["submission"] == request["submission"] for each in self.events):
            return
        event = {"kind": kind, "submission": request["submission"], **body}
        with self.path.open("a") as file:
            file.write(json.dumps(event) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.events.append(event)

    def _items(self, start, n):
        return [self._item(at) for at in range(start, min(start + n, len(self.rows)))]

    def _item(self, at):
        row = self.rows[at]
        return {
            "key": row["key"],
            "position": at,
            "fields": {name: value for name, value in row.items() if name != "key"},
            "mine": self.labels.get(row["key"], {}),
            "claimed": True,
        }

    def _counts(self):
        n_skipped = sum(each["kind"] == "skip" for each in self.standing)
        n_done = len(self.labels)
        n_left = len(self.rows) - n_done - n_skipped
        return {
            "n_items": len(self.rows),
            "n_done": n_done,
            "n_left": n_left,
            "n_skipped": n_skipped,
            "n_mine": n_done,
            "gold": None,
        }
