"""What a text means that is no variable: a stored version, or two of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qforge_jupyter.context import Context
from qforge_jupyter.errors import CallError
from qforge_jupyter.frames import Table
from qforge_jupyter.frames.span import Span
from qforge_jupyter.results.parted import Parted
from qforge_jupyter.results.split import Split
from qforge_jupyter.store.datasets import KeptDataset
from qforge_jupyter.verbs._kept_splits import kept_split
from qforge_jupyter.verbs._split_parts import find_part, is_part
from qforge_jupyter.versions.laying import Known
from qforge_jupyter.versions.reading import open_version
from qforge_jupyter.versions.references import read_reference, require_dataset

#: How the variable is called in which a dataset is worked on.
WORKING = "working"
Variables = Callable[[str], Table | None]


def no_variables(name: str) -> Table | None:  # noqa: ARG001 — a script has none
    """Find no variable, whatever it is called."""
    return None


@dataclass(frozen=True)
class Stored:
    """The stored datasets as a call sees them.

    Parameters
    ----------
    open
        Opens the workspace, if it is not open yet.
    variable
        Gives the table that a variable of the kernel holds.

    """

    open: Callable[[], Context]
    variable: Variables = no_variables
    #: Why a sealed part is opened; without a reason it stays closed.
    unseal: str = ""
    #: Whether nothing will be done, so that no look at a sealed part is counted.
    is_rehearsal: bool = False

    def dataset(self, text: str) -> KeptDataset | None:
        """Find the dataset that a text starts from, if there is one."""
        reference = read_reference(text)
        if reference is None:
            return None
        return self.open().store.datasets.find(reference.dataset)

    def names(self, text: str) -> bool:
        """Say whether a text names a stored dataset, or a part of a kept split."""
        return self.dataset(text) is not None or is_part(self.open(), text)

    def table(self, text: str) -> Table | None:
        """Read the version, or the part of a split, that a text names; None for any other.

        Raises
        ------
        CallError
            There is such a dataset, but no such version of it.

        """
        dataset = self.dataset(text)
        if dataset is None:
            return find_part(self.open(), text, self.unseal, is_counted=not self.is_rehearsal)
        if text == f"{dataset.name}@{WORKING}":
            return self.working(dataset)
        if is_part(self.open(), text):
            raise CallError(
                f"{text[:60]!r} is a stored dataset and a part of a split: write "
                f"{dataset.name}@HEAD for the dataset, or split again under another name"
            )
        return open_version(self.open().store, text)

    def result(self, text: str, wanted: tuple[type, ...]) -> Any:
        """Find the stored result that a name means: a split; None for any other."""
        if Split not in wanted and Parted not in wanted:
            return None
        return kept_split(self.open(), text)

    def working(self, dataset: KeptDataset) -> Table:
        """Give the variable in which a dataset is worked on.

        Raises
        ------
        CallError
            Nothing of it was taken out into a variable of this kernel.

        """
        name = self.open().working.variable(dataset.name)
        found = self.variable(name) if name else None
        if found is None:
            raise CallError(
                f"{dataset.name} is not worked on in this kernel: take it out with "
                f"`%qforge checkout {dataset.name} into NAME`, or name the variable"
            )
        return found

    def span(self, text: str) -> Span:
        """Find the two states that ``NAME A..B`` or ``A..B`` means.

        Raises
        ------
        CallError
            One of them is not there.

        """
        if " " in text and ".." not in text:
            self._sides(text)
        name, _, sides = text.rpartition(" ") if ".." in text else (text, "", "")
        if not name:
            before, after = self._sides(text)
            at, _, _ = before.partition("@")
            if at != before and self.dataset(after) is None and self.variable(after) is None:
                after = f"{at}@{after or 'HEAD'}"  # as in golden/tiers@v1..v2
            tables = self._either(before), self._either(after)
            return Span(tables[0].name, *tables, self._keys(before, tables[0]))
        dataset = require_dataset(self.open().store, name)
        is_worked_on = self.open().working.variable(name) is not None
        usual = f"HEAD..{WORKING}" if is_worked_on else "HEAD~1..HEAD"
        before, after = self._sides(sides or usual)
        before = before or f"{after}~1"
        known: Known = {}
        old, new = (self._side(dataset, each, known) for each in (before, after or "HEAD"))
        return Span(name, old, new, dataset.keys)

    def _keys(self, text: str, table: Table) -> tuple[str, ...]:
        """Give the keys of a version, or of the dataset that a variable is a change of."""
        if table.version is not None:
            return table.version.keys
        named = self.open().working.dataset(text)
        dataset = self.open().store.datasets.find(named) if named else None
        has_keys = dataset is not None and all(key in table.columns for key in dataset.keys)
        return dataset.keys if dataset is not None and has_keys else ()

    def _sides(self, text: str) -> tuple[str, str]:
        before, dots, after = text.partition("..")
        if not dots or after.startswith("."):
            raise CallError(
                f"Two states are wanted and {text[:60]!r} came: write them as A..B, "
                "as in HEAD~1..HEAD"
            )
        return before.strip(), after.strip()

    def _side(self, dataset: KeptDataset, text: str, known: Known) -> Table:
        if text == WORKING:
            return self.working(dataset)
        found = self.variable(text)
        refs = {each.name for each in self.open().store.refs.of(dataset.id)}
        if found is not None and text not in refs:
            return found
        table = open_version(self.open().store, f"{dataset.name}@{text}", known=known)
        if table is None:
            raise CallError(f"{text[:60]!r} is no version of {dataset.name}: write a tag or HEAD~1")
        return table

    def _either(self, text: str) -> Table:
        found = self.variable(text) or self.table(text)
        if found is None:
            raise CallError(f"There is no table {text[:60]!r}: name a variable or a stored version")
        return found
