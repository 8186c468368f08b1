"""Files that runs have kept: tables lose the rows that are forgotten, pages go whole."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from qforge_jupyter.results.run import Artifact, RunRecord
from qforge_jupyter.store.objects import Objects
from qforge_jupyter.versions.mentions import Mentions
from qforge_jupyter.versions.numbers import Mask

#: Of tables without keys: which other table of their run has the same rows in the same order.
_TWINS = {"assignment.parquet": "rows.parquet"}
_FEATURES, _ROWS = "features-", "rows-"


@dataclass
class KeptFiles:
    """What becomes of the files of runs.

    Attributes
    ----------
    moved
        By the hash of a table that held the rows, the table without them.
    gone
        Hashes of pages and pictures that show them.

    """

    objects: Objects
    moved: dict[str, Artifact] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    _tables: dict[tuple[str, Mentions], Mask] = field(default_factory=dict, repr=False)
    _pages: dict[tuple[str, Mentions], bool] = field(default_factory=dict, repr=False)

    def look(self, record: RunRecord, mentions: Mentions, *, is_shown: bool, is_made: bool) -> bool:
        """Go through the files of a run; say whether they, or the run itself, show the rows.

        Parameters
        ----------
        record
            The run.
        mentions
            What shows the rows.
        is_shown
            Whether the run itself shows them: then its pages do, too.
        is_made
            Whether it worked on the rows or on what was made of them: then its
            pictures, which cannot be searched, may show them.

        """
        present = [each for each in record.artifacts if self.objects.has(each.sha256)]
        tables = [each for each in present if each.media_type.endswith("parquet")]
        pages = [each for each in present if each not in tables]
        shown = self._without_rows(tables, mentions)
        shown |= is_shown or any(self._shows(each, mentions) for each in pages)
        for each in pages:
            if shown or (is_made and each.media_type.startswith("image/")):
                self.gone.add(each.sha256)
        return shown

    def artifacts(self, record: RunRecord) -> tuple[Artifact, ...]:
        """Name the files of a run as they are from now on."""
        return tuple(self._now(each) for each in record.artifacts)

    def _now(self, artifact: Artifact) -> Artifact:
        made = self.moved.get(artifact.sha256)
        kept = (made.sha256, made.n_bytes) if made else (artifact.sha256, artifact.n_bytes)
        return replace(artifact, sha256=kept[0], n_bytes=kept[1])

    def _without_rows(self, tables: list[Artifact], mentions: Mentions) -> bool:
        masks = {each.name: self._mask(each, mentions) for each in tables}
        for each in tables:
            mask, twin = masks[each.name], masks.get(_twin_of(each.name))
            if twin is not None and len(twin) == len(mask):
                mask = mask | twin
            if mask.any():
                frame = self.objects.read_frame(each.sha256).filter(~mask)
                self.moved[each.sha256] = self.objects.put_frame(frame, name=each.name)
        return any(bool(mask.any()) for mask in masks.values())

    def _mask(self, table: Artifact, mentions: Mentions) -> Mask:
        key = (table.sha256, mentions)
        if key not in self._tables:
            found = mentions.rows_in(self.objects.read_frame(table.sha256))
            self._tables[key] = found if found.any() else np.zeros(len(found), np.bool_)
        return self._tables[key]

    def _shows(self, page: Artifact, mentions: Mentions) -> bool:
        key = (page.sha256, mentions)
        if key not in self._pages:
            data = self.objects.read(page.sha256)
            self._pages[key] = mentions.in_bytes(data, page.media_type)
        return self._pages[key]


def _twin_of(name: str) -> str:
    if name.startswith(_FEATURES):
        return _ROWS + name.removeprefix(_FEATURES)
    return _TWINS.get(name, "")
