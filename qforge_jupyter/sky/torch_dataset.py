"""Cut-outs as a torch Dataset: read file by file, cached, and sent to workers.

Imported only where tensors are asked for: torch is at the top because a class that spawned
workers unpickle has to be found in its module.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset, Sampler

from qforge_jupyter.errors import CallError, FormatError
from qforge_jupyter.pictures import Pictures
from qforge_jupyter.sky.cutting import CutOut, Wanted, cut_outs
from qforge_jupyter.sky.masks import mask_of
from qforge_jupyter.sky.measuring import digest_of
from qforge_jupyter.sky.preprocessing import Preprocessing, tensor_of

#: So many bytes of cut-outs are kept in the memory of a process.
MEMORY_BYTES = 256 * 2**20
#: Cut-outs of so many files are mixed with each other.
_FILES_MIXED = 8
Stack = tuple[NDArray[Any], NDArray[np.uint8] | None]


@dataclass(frozen=True)
class Detections:
    """What a training needs of the rows: plain values, quick to send to a worker.

    Parameters
    ----------
    wanted
        What to cut out, one a row; their ``row`` is the place in the part.
    digests
        Of the pixels that were collected.
    labels
        Marks of each row, to make masks of; None for no masks.
    classes
        Labels that become 1, 2 … in a mask; every mark becomes 1 without them.
    targets
        A number to learn for each row, if one is.

    """

    wanted: tuple[Wanted, ...]
    digests: tuple[str, ...]
    labels: tuple[Any, ...] | None = field(default=None, repr=False)
    classes: tuple[str, ...] = ()
    targets: tuple[int | float, ...] | None = field(default=None, repr=False)


class CutOutDataset(Dataset[Any]):
    """A map-style Dataset: ``image``, or ``(image, mask)``, ``(image, target)`` or all three.

    An image is float32 of shape (1, size, size); a mask is int64 of shape (size, size). The
    cut-outs of a file are made together when the first of them is asked for, and kept: in the
    folder of the cache, which all workers and later runs share, or in memory up to 256 MB.

    Parameters
    ----------
    detections
        The rows.
    preprocessing
        That of the dataset.
    folders
        Where images may lie.
    cache
        A folder; none when empty.

    """

    def __init__(
        self,
        detections: Detections,
        preprocessing: Preprocessing,
        folders: Sequence[str],
        cache: str = "",
    ) -> None:
        self.detections, self.preprocessing = detections, preprocessing
        self.folders, self.cache = tuple(folders), cache
        groups: dict[tuple[str, str], list[int]] = {}
        for place, one in enumerate(detections.wanted):
            groups.setdefault((one.path, str(one.hdu)), []).append(place)
        self.groups = tuple(map(tuple, groups.values()))
        self._place = {
            row: (number, at)
            for number, rows in enumerate(self.groups)
            for at, row in enumerate(rows)
        }
        self._held: OrderedDict[int, Stack] = OrderedDict()

    def __len__(self) -> int:
        return len(self.detections.wanted)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_held": OrderedDict()}

    def __getitem__(self, index: int) -> Any:
        """Give one item; a negative index counts from the end."""
        row = range(len(self))[index]
        number, at = self._place[row]
        images, masks = self._stack(number)
        item: list[Any] = [tensor_of(images[at])]
        if masks is not None:
            item.append(torch.from_numpy(np.array(masks[at], dtype=np.int64)))
        if self.detections.targets is not None:
            item.append(torch.tensor(self.detections.targets[row]))
        return tuple(item) if len(item) > 1 else item[0]

    def _stack(self, number: int) -> Stack:
        """Give the arrays of one file's cut-outs."""
        if number in self._held:
            self._held.move_to_end(number)
            return self._held[number]
        found = self._cached(number) if self.cache else self._cut(number)
        self._held[number] = found
        while len(self._held) > 1 and _bytes(self._held.values()) > MEMORY_BYTES:
            self._held.popitem(last=False)
        return found

    def _cached(self, number: int) -> Stack:
        places = [
            Path(self.cache) / f"{self._key(number)}-{what}.npy" for what in ("image", "mask")
        ]
        wanted = places[: 1 if self.detections.labels is None else 2]
        if not all(each.exists() for each in wanted):
            arrays = [each for each in self._cut(number) if each is not None]
            for place, array in zip(wanted, arrays, strict=True):
                _write(place, array)
        held = [np.load(each, mmap_mode="r", allow_pickle=False) for each in wanted]
        return held[0], held[1] if len(held) > 1 else None

    def _key(self, number: int) -> str:
        """Name what the arrays are made of: places, pixels, marks and preprocessing."""
        known = self.detections
        rows = self.groups[number]
        made_of = [
            self.preprocessing.record,
            [known.digests[row] for row in rows],
            None if known.labels is None else [str(known.labels[row]) for row in rows],
            known.classes,
        ]
        return hashlib.blake2b(json.dumps(made_of).encode(), digest_size=16).hexdigest()

    def _cut(self, number: int) -> Stack:
        """Cut the detections of one file out.

        Raises
        ------
        FormatError
            An image is not there any more, or holds other pixels than were collected.

        """
        rows = self.groups[number]
        size = self.preprocessing.size
        images = np.empty((len(rows), size, size), dtype=self.preprocessing.dtype)
        known = self.detections
        masks = None if known.labels is None else np.empty(images.shape, dtype=np.uint8)
        at = {row: place for place, row in enumerate(rows)}
        asked = [known.wanted[row] for row in rows]
        for cut in cut_outs(asked, size, Pictures(self.folders)):
            if not isinstance(cut, CutOut):
                raise FormatError(
                    f"A cut-out of the dataset cannot be read any more ({cut[1].message}): bring "
                    "its image back, or say where it is with folder="
                )
            row = cut.wanted.row
            if digest_of(cut) != known.digests[row]:
                raise FormatError(
                    "An image holds other pixels than when it was collected: bring the old one "
                    "back, or collect the dataset again"
                )
            images[at[row]] = self.preprocessing.apply(
                cut.pixels, cut.inside, is_whole=cut.is_whole
            )
            if masks is not None and known.labels is not None:
                masks[at[row]] = mask_of(known.labels[row], cut, known.classes)
        return images, masks


class FileOrder(Sampler[int]):
    """An order in which the cut-outs of a few files are mixed, so that each is read once.

    Parameters
    ----------
    dataset
        The cut-outs.
    seed
        Of the first epoch; every further epoch is mixed otherwise.

    """

    def __init__(self, dataset: CutOutDataset, seed: int = 42) -> None:
        self.dataset, self.seed, self.epoch = dataset, seed, 0

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[int]:
        random = np.random.default_rng([self.seed, self.epoch])
        self.epoch += 1
        groups = [
            self.dataset.groups[each] for each in random.permutation(len(self.dataset.groups))
        ]
        for start in range(0, len(groups), _FILES_MIXED):
            rows = [row for group in groups[start : start + _FILES_MIXED] for row in group]
            yield from (rows[each] for each in random.permutation(len(rows)))


def loader_of(
    dataset: CutOutDataset,
    *,
    batch_size: int = 64,
    shuffle: bool = True,
    workers: int = 0,
    seed: int = 42,
) -> DataLoader[Any]:
    """Make a DataLoader; its workers are spawned, and share the cache where there is one.

    Raises
    ------
    CallError
        A number is out of range.

    """
    if batch_size < 1 or workers < 0:
        raise CallError("A batch has at least one cut-out, and workers are 0 or more")
    return DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=FileOrder(dataset, seed) if shuffle else None,
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
        persistent_workers=workers > 0,
    )


def _bytes(stacks: Any) -> int:
    return sum(each.nbytes for stack in stacks for each in stack if each is not None)


def _write(place: Path, array: NDArray[Any]) -> None:
    """Write a file that is whole or not there, whoever else writes it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as stream:
        np.save(stream, array, allow_pickle=False)
    Path(stream.name).replace(place)
