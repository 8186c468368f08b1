"""What the first use of MLflow costs in a new workspace: a copy, or all migrations."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from qforge_jupyter.tracking._template import place_database


def test_a_copied_database_is_at_least_ten_times_faster_than_a_migrated_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    started = time.perf_counter()
    place_database(tmp_path / "migrated.db")
    migrated = time.perf_counter() - started
    copied = []
    for n in range(5):
        started = time.perf_counter()
        place_database(tmp_path / f"copy {n}.db")
        copied.append(time.perf_counter() - started)
    print(
        f"\nMLflow database, migrated in a process of its own: {migrated:.2f} s; "
        f"copied: {min(copied):.4f} s; ratio {migrated / min(copied):.0f}"
    )
    assert migrated > 10 * min(copied)
