"""A process in which somebody labels until nothing is left, or until it is killed.

    labeler.py TARGET FOLDER NAME OVERLAP

It waits for a line, and prints the key of every item that it was given and, after the
answer was acknowledged, its submission.
"""

from __future__ import annotations

import sys
import uuid

import qforge_jupyter as qf


def main(target: str, folder: str, name: str, overlap: str) -> None:
    """Label."""
    with qf.open(target, tracker="none", folder=folder, actor=name) as workspace:
        labeling = workspace.label(
            "contacts", overlap=overlap, **{"choose tier": ["A", "B"], "rate sure": "0 .. 1"}
        )
        print("open", flush=True)  # noqa: T201 — the parent reads it
        sys.stdin.readline()
        while (item := labeling.next()) is not None:
            print("given", item.key, flush=True)  # noqa: T201
            submission = uuid.uuid4().hex
            labeling.answer(item, tier="A", sure=0.5, submission=submission)
            print("saved", submission, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
