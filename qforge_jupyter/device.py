"""Which device does the work: named as torch names it, and there."""

from __future__ import annotations

import re

from qforge_jupyter.errors import CallError, ResourceError


def check_device(name: str) -> str:
    """Give the device's name back if there is such a device here.

    Raises
    ------
    CallError
        It is no device's name.
    ResourceError
        This machine has none.

    Examples
    --------
    >>> check_device("cpu")
    'cpu'

    """
    if name == "cpu":
        return name
    if not re.fullmatch(r"mps|cuda(:\d{1,3})?", name):
        raise CallError(f"The device {name[:40]!r} is not known: write cpu, cuda, cuda:1 or mps")
    import torch

    if name == "mps":
        is_there = torch.backends.mps.is_available()
    else:
        number = int(name.partition(":")[2] or 0)
        is_there = torch.cuda.is_available() and number < torch.cuda.device_count()
    if not is_there:
        raise ResourceError(f"This machine has no device {name!r}: leave --device away for the CPU")
    return name
