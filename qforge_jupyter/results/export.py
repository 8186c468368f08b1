"""What exporting a table gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Section, Text
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import Event, LineageStep, Metric

#: How a program that knows nothing of this one reads each format.
SNIPPETS = {
    "arrow": 'polars.read_ipc("{path}")',
    "croissant": 'mlcroissant.Dataset("{path}").records("records/{part}")',
    "csv": 'polars.read_csv("{path}")',
    "huggingface": 'datasets.load_dataset("hf")  # or datasets.load_from_disk("hf")',
    "jsonl": 'polars.read_ndjson("{path}", infer_schema_length=None)',
    "parquet": 'polars.read_parquet("{path}")',
    "tfrecord": 'tensorflow.data.TFRecordDataset("{path}")',
}
#: The one way that gives every type back.
LOAD_ALL = "%qforge load FOLDER into table    (one part: --part NAME)"


@dataclass(frozen=True)
class ExportedFile:
    """One file of an export.

    Parameters
    ----------
    path
        Its name within the folder.
    format
        What it is: a format, ``card``, or ``description`` of other files.
    part
        The part whose rows it holds; None where it holds none.

    """

    path: str
    format: str
    part: str | None
    n_rows: int | None
    n_bytes: int
    sha256: str


def snippets(files: Sequence[ExportedFile], *, has_croissant: bool = False) -> dict[str, str]:
    """Say how each format of an export is read by programs that know nothing of it."""
    rows = [file for file in files if file.part is not None]
    first = {file.format: file for file in reversed(rows)}
    shown = {
        kind: SNIPPETS[kind].format(path=file.path, part=file.part)
        for kind, file in sorted(first.items())
    }
    if has_croissant or any(file.path == "croissant.json" for file in files):
        part = rows[0].part
        shown["croissant"] = SNIPPETS["croissant"].format(path="croissant.json", part=part)
    return shown


@dataclass(frozen=True, repr=False, eq=False)
class Export(Result):
    """The files of an export.

    Attributes
    ----------
    files
        Name, format, part, rows, bytes and SHA-256 of each.
    folder
        Where they lie.

    """

    kind: ClassVar[str] = "export"

    name: str
    fingerprint: str
    folder: str
    parts: tuple[tuple[str, int, str], ...]
    columns: tuple[tuple[str, str], ...]
    formats: tuple[str, ...]
    files: tuple[ExportedFile, ...]
    #: SHA-256 of the manifest, which names that of every other file.
    manifest: str
    software: dict[str, str]
    #: Sealed parts of the split, which are not written.
    sealed: tuple[str, ...] = ()
    #: Columns, and fields of structs, that Croissant has no words for.
    undescribed: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        """Rows of all parts."""
        return sum(n for _, n, _ in self.parts)

    @property
    def n_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.n_bytes for file in self.files)

    def snippets(self) -> dict[str, str]:
        """Say how each format is read."""
        return snippets(self.files)

    def document(self) -> Document:
        """List the files, and say how to load each."""
        held = [file for file in self.files if file.part is not None]
        rows = tuple(
            (file.path, file.part or "", file.n_rows, file.n_bytes, file.sha256[:12])
            for file in held
        )
        beside = [file.path for file in self.files if file.part is None]
        parts = tuple((f"rows of {name}", n) for name, n, _ in self.parts)
        blocks: list[Block] = [
            Facts(
                (
                    ("files", len(self.files)),
                    ("bytes of rows", sum(file.n_bytes for file in held)),
                    *parts[:12],
                )
            ),
            Grid(
                ("file", "part", "rows", "bytes", "SHA-256"),
                rows[:60],
                n_more=max(0, len(rows) - 60),
            ),
            Section(
                "How to load", (Grid(("format", "in Python"), tuple(self.snippets().items())),)
            ),
            Text(f"With every type as it was: {LOAD_ALL}"),
        ]
        if beside:
            blocks.insert(2, Text(f"Beside them: {', '.join(beside[:20])}."))
        if self.undescribed:
            shown = ", ".join(self.undescribed[:12])
            n_more = len(self.undescribed) - 12
            rest = f" and {n_more:,} more" if n_more > 0 else ""
            said = f"Not described in croissant.json, for it has no type for them: {shown}{rest}."
            blocks.insert(2, Text(said, "caution"))
        if self.sealed:
            blocks.insert(1, Text(f"Not written, because sealed: {', '.join(self.sealed)}."))
        verdict = f"{self.n_rows:,} rows × {len(self.columns)} columns in {', '.join(self.formats)}"
        return Document(f"Export of {self.name}", verdict, "neutral", tuple(blocks))

    def payload(self) -> dict[str, Any]:
        """Give the files as JSON."""
        return {
            "name": self.name,
            "formats": list(self.formats),
            "parts": [{"name": name, "n_rows": n} for name, n, _ in self.parts],
            "files": [_told(file) for file in self.files],
            "schema": [list(pair) for pair in self.columns],
            "undescribed": list(self.undescribed),
        }

    def identity(self) -> dict[str, Any]:
        """Which content was exported, and where to."""
        beside = {file.path: file.sha256 for file in self.files if file.part is None}
        return {"fingerprint": self.fingerprint, "folder": self.folder, "beside": beside}

    def metrics(self) -> tuple[Metric, ...]:
        """Rows, files and bytes."""
        return (
            Metric("n_rows", float(self.n_rows)),
            Metric("n_files", float(len(self.files))),
            Metric("n_bytes", float(self.n_bytes), unit="B"),
        )

    def lineage(self) -> tuple[LineageStep, ...]:
        """Say what the files were made from; the rows themselves gain no history by it."""
        return (
            LineageStep(
                f"export of {self.name}",
                self.manifest[:32],
                self.name,
                "export",
                parameters={
                    "formats": list(self.formats),
                    "parts": {part: fingerprint for part, _, fingerprint in self.parts},
                    "files": {file.path: file.sha256 for file in self.files},
                },
                software=self.software,
                inputs=(self.fingerprint,),
            ),
        )

    def events(self, actor: str) -> tuple[Event, ...]:
        """Remember who gave the data out."""
        after = {"formats": list(self.formats), "n_rows": self.n_rows, "n_files": len(self.files)}
        return (Event(actor, "export", f"dataset/{self.fingerprint}", None, after),)


def _told(file: ExportedFile) -> dict[str, Any]:
    """Describe a file; what a card weighs hangs on who exported which version when."""
    if file.part is not None:
        return dict(vars(file))
    return {"path": file.path, "format": file.format}
