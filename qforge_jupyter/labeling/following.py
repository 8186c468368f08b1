"""Whether the rows that are labeled are still in the dataset, which goes on meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qforge_jupyter.errors import DataError
from qforge_jupyter.labeling.items import Items
from qforge_jupyter.store.labels import LabelTransaction, Standing
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.identities import names_of, tombstones_of
from qforge_jupyter.versions.label_keys import marks_of
from qforge_jupyter.versions.laying import lay, pick


@dataclass
class Following:
    """The newest version of a dataset as far as it was looked at.

    Parameters
    ----------
    branch
        The branch that is followed.
    head
        Its tip when it was looked at last; empty where an older version is labeled on purpose.
    n_forgettings
        How often rows had been forgotten then.

    """

    store: Store
    name: str
    dataset_id: str
    branch: str
    head: str
    n_forgettings: int

    def refuse_forgotten(self, work: LabelTransaction, items: Items, place: int) -> Standing:
        """Refuse a label of a row that somebody asked to forget; say where the dataset stands.

        Raises
        ------
        DataError
            The row was forgotten, or the dataset deleted.

        """
        standing = self.standing(work)
        if self._forgotten(standing, items, [place]):
            raise DataError(
                f"The row was forgotten in {self.name}: nothing was kept of it, go on with the next"
            )
        return standing

    def forgotten(self, work: LabelTransaction, items: Items, places: Sequence[int]) -> set[int]:
        """Name those of some rows that somebody asked to forget.

        Raises
        ------
        DataError
            The dataset was deleted.

        """
        return self._forgotten(self.standing(work), items, places)

    def standing(self, work: LabelTransaction) -> Standing:
        """Say where the dataset stands.

        Raises
        ------
        DataError
            The dataset was deleted.

        """
        standing = work.standing(self.branch)
        if standing is None:
            raise DataError(f"The dataset {self.name} was deleted meanwhile: nothing can be kept")
        return standing

    def _forgotten(self, standing: Standing, items: Items, places: Sequence[int]) -> set[int]:
        if standing.n_forgettings == self.n_forgettings or not places:
            return set()
        _, salt = self.store.forgetting.state()
        rows = items.frame[list(places)]
        named = pick(rows, items.content) if items.content else rows
        made = tombstones_of(names_of(named, items.keys), salt)
        return {
            place for place, one in zip(places, made, strict=True) if one in standing.tombstones
        }

    def gone(self, items: Items, head: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]] | None:
        """Say which rows are not in the newest version any more; None where it is the known one."""
        if not self.head or head in (self.head, ""):
            return None
        commit = self.store.commits.get(head)
        if commit is None:
            return None
        frame = lay(self.store.objects, commit).frame(items.keys or None)
        self.head = head
        return ~np.isin(items.marks, marks_of(items.names_in(frame)))
