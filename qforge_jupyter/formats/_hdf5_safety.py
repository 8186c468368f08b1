"""What an HDF5 file from outside must not contain before anything of it is read."""

from __future__ import annotations

from typing import Any

from qforge_jupyter.errors import FormatError

#: A data set may declare this much, or this many times what it stores.
MAX_DECLARED_BYTES = 4 * 2**30
MAX_DECLARED_RATIO = 1000
MAX_OBJECTS = 100_000


def safe_datasets(file: Any, label: str) -> dict[str, Any]:
    """Give every data set by path, after refusing those that reach outside.

    Raises
    ------
    FormatError
        The file has external links, external storage, virtual data sets, or a
        data set that declares far more than it stores.

    """
    import h5py

    found: dict[str, Any] = {}
    pending, seen = [("", file["/"])], {_address(file["/"])}
    while pending:
        prefix, group = pending.pop()
        for name in group:
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise FormatError(
                    f"{label} links to another file, which is never followed: save it as one file"
                )
            if isinstance(link, h5py.SoftLink):
                continue
            member = group[name]
            if _address(member) in seen:
                continue
            seen.add(_address(member))
            if len(seen) > MAX_OBJECTS:
                raise FormatError(
                    f"{label} holds more than {MAX_OBJECTS:,} objects: save the table alone"
                )
            path = f"{prefix}/{name}"
            if isinstance(member, h5py.Group):
                pending.append((path, member))
            elif isinstance(member, h5py.Dataset):
                _refuse_outside(member, label)
                found[path] = member
    return dict(sorted(found.items()))


def _address(member: Any) -> tuple[int, int]:
    import h5py

    info = h5py.h5o.get_info(member.id)
    return int(info.fileno), int(info.addr)


def _refuse_outside(dataset: Any, label: str) -> None:
    if dataset.is_virtual:
        raise FormatError(
            f"{label} holds a virtual data set, which reads other files: save it with its own data"
        )
    if dataset.external:
        raise FormatError(
            f"{label} keeps data in other files, which are never read: save it as one file"
        )
    if dataset.shape is None:
        return
    n_declared = int(dataset.size) * int(dataset.dtype.itemsize)
    n_stored = int(dataset.id.get_storage_size())
    if n_declared > MAX_DECLARED_BYTES and n_declared > MAX_DECLARED_RATIO * max(n_stored, 1):
        raise FormatError(
            f"{label} declares {n_declared:,} bytes and stores {n_stored:,}, "
            "which looks like a bomb: save it again"
        )
