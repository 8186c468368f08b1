"""Which process runs a job, and whether it still lives."""

from __future__ import annotations

import os
import platform
import uuid


def new_owner() -> str:
    """Name this process and one crew in it, so that no other has the name.

    Examples
    --------
    >>> is_gone(new_owner())
    False

    """
    return f"{platform.node()}:{os.getpid()}:{_began(os.getpid())}:{uuid.uuid4().hex[:12]}"


def is_gone(owner: str) -> bool | None:
    """Say whether the process has ended; None of one on another machine.

    Examples
    --------
    >>> is_gone("elsewhere:1:2:abc") is None
    True

    """
    host, pid, began, _ = ["", "", "", "", *owner.rsplit(":", 3)][-4:]
    if host != platform.node() or not pid.isdigit():
        return None
    return _began(int(pid)) != began


def _began(pid: int) -> str:
    """Give the moment at which a process began, which its number alone does not tell."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        return f"{process.create_time():.2f}"
    except psutil.Error:
        return ""
