"""A process that holds a store: ``holder.py TARGET OBJECTS``, until its input ends."""

from __future__ import annotations

import sys

from qforge_jupyter.store import open_store


def main(target: str, objects: str) -> None:
    """Take the write lock, say so, and wait."""
    with open_store(target, actor="bob", objects=objects) as store:
        database = store._database
        with database.writing() as session:
            database.lock(session)
            print("held", flush=True)  # noqa: T201 — the parent waits for it
            sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
