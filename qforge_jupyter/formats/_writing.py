"""A folder that is written whole or not at all, whatever happens meanwhile.

Everything goes into a hidden folder beside the target, is flushed to the disk,
and takes the target's place by one rename. Where something stood, the two
change places in one step (Linux) or in two (elsewhere; the next export mends
what a crash between them left). What a killed export leaves behind is hidden,
and the next export to the same place removes it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qforge_jupyter.errors import CallError, ResourceError

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of this disk is used up",
    errno.EFBIG: "a file may not become that large here",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "the folder may not be written to",
    errno.EPERM: "the folder may not be written to",
    errno.EIO: "the disk has an error",
}


@contextmanager
def replacing(target: Path, check: Callable[[Path], None]) -> Iterator[Path]:
    """Give a folder to write into; at the end it stands where the target is.

    Parameters
    ----------
    target
        Where it is to stand.
    check
        Called with the target where something stands there; raises if that
        is to stay. It is called before the work and again after it.

    Raises
    ------
    ResourceError
        The disk is full or may not be written to; the target is untouched.

    """
    target = _resolved(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _clean(target)
        if target.exists():
            check(target)
        fresh = target.with_name(f".{target.name}.new-{secrets.token_hex(4)}")
        fresh.mkdir()
    except OSError as problem:
        raise _refused(target, problem) from None
    lock = _locked(fresh)
    try:
        yield fresh
        _flush(fresh)
        if target.exists():
            check(target)
        _put(fresh, target)
    except OSError as problem:
        raise _refused(target, problem) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _resolved(target: Path) -> Path:
    place = Path(os.path.realpath(target.expanduser()))
    if not place.name or place == Path.cwd():
        raise CallError("An export needs a folder of its own: give one, as `to exports/`")
    if place.exists() and not place.is_dir():
        raise CallError(f"{place.name!r} is a file: give a folder to export to")
    return place


def _refused(target: Path, problem: OSError) -> ResourceError:
    told = _OS_ERROR.search(str(problem))  # Polars says the number in its text only
    number = problem.errno or (int(told[1]) if told else 0)
    why = _REASONS.get(number, os.strerror(number) if number else "")
    return ResourceError(
        f"The export to {target.name!r} could not be written ({why or type(problem).__name__}): "
        "make room or give another folder; what stood there is as it was"
    )


def _locked(folder: Path) -> int | None:
    """Hold a folder, so that others see that somebody works on it."""
    try:
        import fcntl
    except ImportError:  # not POSIX: nothing is cleaned there either
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _clean(target: Path) -> None:
    """Remove what killed exports left, and give the target back if it was set aside."""
    ours = re.compile(rf"\.{re.escape(target.name)}\.(new|old)-[0-9a-f]{{8}}")
    for left in sorted(target.parent.iterdir()):
        kind = ours.fullmatch(left.name)
        lock = _locked(left) if kind and left.is_dir() and not left.is_symlink() else None
        if lock is None:
            continue
        try:
            if kind and kind[1] == "old" and not target.exists():
                left.rename(target)
            else:
                shutil.rmtree(left)
        finally:
            os.close(lock)


def _flush(folder: Path) -> None:
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            _sync(Path(place, name))
        _sync(Path(place))


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put(fresh: Path, target: Path) -> None:
    """Give the folder its place; what stood there then stands in its."""
    if not target.exists():
        fresh.rename(target)
    elif not _exchange(fresh, target):
        aside = target.with_name(f".{target.name}.old-{secrets.token_hex(4)}")
        target.rename(aside)
        try:
            fresh.rename(target)
        except OSError:
            aside.rename(target)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    with suppress(OSError):
        _sync(target.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; say whether this system can."""
    try:
        swap = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    done: int = swap(
        _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), ctypes.c_uint(_RENAME_EXCHANGE)
    )
    return done == 0
