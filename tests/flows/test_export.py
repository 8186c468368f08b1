"""Exports as people write them, on a real store; what the card says is what was recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pytest
import yaml

import qforge_jupyter as qf
from qforge_jupyter.errors import Stopped
from qforge_jupyter.results.export import Export
from qforge_jupyter.workspace import Workspace
from tests.flows.conftest import CALCS, CARD, Notebook

ESSENTIAL = ("Parts and columns", "Where the rows come from", "Quality", "How to load", "Licence")


@dataclass
class Halves:
    """What export asks of a split."""

    frames: dict[str, pl.DataFrame]
    sealed: tuple[str, ...] = ()
    looks: dict[str, int] = field(default_factory=dict)
    strategy: str = "random"
    seed: int = 7

    @property
    def part_names(self) -> tuple[str, ...]:
        return tuple(self.frames)

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.frames[name]


def sections(card: str) -> dict[str, str]:
    """Give the sections of a card below its header by title."""
    body = card.split("---\n", 2)[2]
    parts = re.split(r"^#+ (.*)$", body, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))


def yaml_of(card: str) -> dict:
    return yaml.safe_load(card.split("---\n", 2)[1])


def test_one_line_writes_files_that_load_as_they_were(notebook: Notebook, tmp_path: Path):
    done = notebook.run(f"%qforge export calcs to {tmp_path}/out --format jsonl,csv,hf --card")
    assert isinstance(done, Export)
    assert done.formats == ("jsonl", "csv", "huggingface")
    back = notebook.run(f"%qforge load {tmp_path}/out")
    assert back.frame.equals(CALCS)
    assert f"{CALCS.height} rows" in repr(done)


def test_the_page_says_neither_when_nor_where(notebook: Notebook, tmp_path: Path):
    one = notebook.run(f"%qforge export calcs to {tmp_path}/one --format csv --card")
    two = notebook.run(f"%qforge export calcs to {tmp_path}/two --format csv --card")
    assert repr(one) == repr(two)
    assert str(tmp_path) not in repr(one)
    for name in ("manifest.json", "README.md", "croissant.json", "data.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_body_fills_the_card(notebook: Notebook, tmp_path: Path):
    notebook.run(
        f"%%qforge export calcs to {tmp_path}/out --format parquet\n"
        "description: Energies <of> molecules\nlicence: CC-BY-4.0\n"
        "tags: [chemistry, gap]\nknown limits: gas phase\n"
    )
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "Energies &lt;of&gt; molecules" in card
    assert sections(card)["Known limits"] == "gas phase"
    header = yaml_of(card)
    assert (header["license"], header["tags"]) == ("cc-by-4.0", ["chemistry", "gap"])
    files = header["configs"][0]["data_files"]
    assert [{"split": "train", "path": "data.parquet"}] == files


def test_no_section_is_empty_and_what_is_not_recorded_is_said(tmp_path: Path):
    with qf.open(str(tmp_path / "lab"), tracker="none", progress=False) as ws:
        ws.export({"a": [1]}, to=str(tmp_path / "out"), card=True, name="t")
    found = sections((tmp_path / "out" / "README.md").read_text("utf-8"))
    assert set(ESSENTIAL) <= set(found)
    assert {"Known limits", "Citation", "Version", "Parts kept back"}.isdisjoint(found)
    # A heading straight above its parts has them as its content.
    assert [title for title, text in found.items() if not text] == []
    assert "is not recorded" in found["Where the rows come from"]
    assert "%qforge score" in found["Quality"]
    assert "No licence is recorded" in found["Licence"]


def test_the_card_says_what_the_store_knows(notebook: Notebook, tmp_path: Path):
    CALCS.write_parquet(tmp_path / "calcs.parquet")
    notebook.run(f"%qforge load {tmp_path}/calcs.parquet into stored")
    notebook.run(f"%%qforge score stored into report\n{CARD}")
    notebook.run('%qforge certify stored from report --approve-lineage --reason "reviewed it"')
    notebook.run(f"%qforge export stored to {tmp_path}/out --format parquet --card")
    found = sections((tmp_path / "out" / "README.md").read_text("utf-8"))
    assert found["Where the rows come from"].startswith("- load from file calcs.parquet")
    assert "overall 1.000" in found["Quality"]
    assert "Certified: 11 of 12 rows" in found["Quality"]
    assert "reviewed it" in found["Quality"]


def test_parts_of_a_split_are_files_and_sealed_ones_stay_back(tmp_path: Path):
    halves = Halves(
        {"train": CALCS.head(8), "test": CALCS.tail(4)}, sealed=("test",), looks={"test": 2}
    )
    with qf.open(str(tmp_path / "lab"), tracker="none", progress=False) as ws:
        done = ws.export(
            CALCS, to=str(tmp_path / "out"), format=["csv"], card=True, split=halves, name="calcs"
        )
    assert [("train", 8)] == [(name, n) for name, n, _ in done.parts]
    found = sections((tmp_path / "out" / "README.md").read_text("utf-8"))
    assert (
        "- test: sealed and not in this export; opened 2 times so far" == (found["Parts kept back"])
    )
    assert "strategy: random" in found["How the parts were made"]
    assert not list((tmp_path / "out").glob("test*"))


def test_a_split_in_a_cell_is_named(notebook: Notebook, tmp_path: Path):
    notebook.names["halves"] = Halves({"train": CALCS.head(8), "test": CALCS.tail(4)})
    done = notebook.run(f"%qforge export calcs to {tmp_path}/out --format tfrecord --split halves")
    assert {"train.tfrecord", "test.tfrecord"} == {file.path for file in done.files}
    back = notebook.run(f"%qforge load {tmp_path}/out --part test")
    assert back.frame.equals(CALCS.tail(4))


def test_an_export_is_recorded_with_its_hashes_and_gives_the_rows_no_history(tmp_path: Path):
    with qf.open(str(tmp_path / "lab"), tracker="none", progress=False) as ws:
        done = ws.export(CALCS, to=str(tmp_path / "out"), format="csv", name="calcs")
        lineage = ws.context.store.lineage
        assert lineage.history(fingerprint=done.fingerprint) == ()
        (step,) = lineage.history(dataset="export of calcs")
        (run,) = ws.context.store.runs.list(verb="export")
    assert step.inputs == (done.fingerprint,)
    assert step.parameters["files"] == {file.path: file.sha256 for file in done.files}
    assert (run.status, run.n_rows) == ("finished", 12)


def test_bad_calls_are_one_sentence(notebook: Notebook, tmp_path: Path):
    out = f"to {tmp_path}/out"
    assert "did you mean 'parquet'" in notebook.sentence(
        f"%qforge export calcs {out} --format parket"
    )
    assert "`split` wants a split" in notebook.sentence(f"%qforge export calcs {out} --split calcz")
    said = notebook.sentence(f"%qforge export calcs {out} --format arrow,croissant")
    assert "add one to --format" in said
    assert "needs `to`" in notebook.sentence("%qforge export calcs")
    notebook.run(f"%qforge export calcs {out}")
    assert "give --overwrite" in notebook.sentence(f"%qforge export calcs {out}")
    notebook.run(f"%qforge export calcs {out} --overwrite")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    said = notebook.sentence(f"%qforge export calcs to {tmp_path}/mine --overwrite")
    assert "holds files that no export wrote" in said


def test_an_interrupt_stops_and_leaves_what_was(tmp_path: Path):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with qf.open(str(tmp_path / "lab"), tracker="none", progress=False) as ws:
        ws.export(CALCS, to=str(tmp_path / "out"), name="calcs")
        before = (tmp_path / "out" / "manifest.json").read_bytes()
        stopped = Workspace(replace(ws.context, progress=stop))
        with pytest.raises(Stopped, match="the folder is as it was"):
            stopped.export(CALCS.head(1), to=str(tmp_path / "out"), overwrite=True)
        statuses = {run.status for run in ws.context.store.runs.list(verb="export")}
    assert before == (tmp_path / "out" / "manifest.json").read_bytes()
    assert {"finished", "interrupted"} == statuses
