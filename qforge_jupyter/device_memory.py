"""Work on a device in batches that fit its memory, answered by smaller ones where they do not.

Nothing here computes in bfloat16 or TF32, and whoever borrows a device gets full single
precision, whatever was chosen for the session: of a number they keep 8 or 11 bits, so a sum
would miss that of the CPU by more than rounding, and a count would be wrong from 257 or 2,049 on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from qforge_jupyter.errors import ResourceError

if TYPE_CHECKING:
    import torch

T = TypeVar("T")
U = TypeVar("U")
#: Bytes of a batch on the CPU, whose memory others share; of a device's free ones a half.
MOST_ON_CPU = 1 << 28
SHARE_OF_FREE = 0.5
#: How torch's allocators and numpy say that there is no more memory, where no type says it.
SAID = ("out of memory", "can't allocate memory", "ALLOC_FAILED")


@dataclass
class DeviceMemory:
    """Memory of a device that work may take.

    Parameters
    ----------
    device
        As torch names it.
    most
        Bytes that a batch may take; halved where a batch did not fit.

    """

    device: str
    most: int

    def batches(
        self, work: Callable[[slice], T], n: int, bytes_each: int, *, start: int = 0
    ) -> Iterator[T]:
        """Do work on rows, as many at once as fit.

        Parameters
        ----------
        work
            Called with the next rows, and called again with fewer of them where memory did not
            reach: it may change nothing before it returns.
        n
            Rows.
        bytes_each
            What work takes for each of them, about.
        start
            The first of them.

        Raises
        ------
        ResourceError
            A single row does not fit.

        Examples
        --------
        >>> memory = DeviceMemory("cpu", most=24)
        >>> list(memory.batches(lambda rows: sum(range(8)[rows]), 8, bytes_each=8))
        [3, 12, 13]

        """
        end = start + n
        while start < end:
            size = self._size(end - start, bytes_each)
            done = self._tried(work, slice(start, start + size))
            if done:
                yield done[0]
                start += size
            else:
                self._halved(size, bytes_each)

    def whole(self, work: Callable[[int], T], n: int, bytes_each: int) -> T:
        """Do a work that goes over all rows itself, from its start again where it did not fit.

        Parameters
        ----------
        work
            Called with how many rows to take at once; it may change nothing before it returns.
        n, bytes_each
            As in `batches`.

        Raises
        ------
        ResourceError
            A single row does not fit.

        Examples
        --------
        >>> DeviceMemory("cpu", most=24).whole(lambda at_once: at_once, 8, bytes_each=8)
        3

        """
        size = self._size(n, bytes_each)
        while not (done := self._tried(work, size)):
            size = self._halved(size, bytes_each)
        return done[0]

    def _size(self, n: int, bytes_each: int) -> int:
        return max(1, min(self.most // max(1, bytes_each), n))

    def _halved(self, size: int, bytes_each: int) -> int:
        if size == 1:
            raise ResourceError(_lacking(self.device))
        give_back(self.device)
        self.most = size // 2 * max(1, bytes_each)
        return size // 2

    @staticmethod
    def _tried(work: Callable[[U], T], given: U) -> tuple[T, ...]:
        # The error holds what was computed before it, so it may not outlive this call.
        try:
            return (work(given),)
        except (MemoryError, RuntimeError) as problem:
            if not is_out_of_memory(problem):
                raise
            return ()


@contextmanager
def borrowed(device: str) -> Iterator[DeviceMemory]:
    """Borrow the memory of a device that is free, and give it back.

    Raises
    ------
    ResourceError
        The device had not enough of it.

    Examples
    --------
    >>> with borrowed("cpu") as memory:
    ...     memory.most
    268435456

    """
    try:
        with _full_precision():
            yield DeviceMemory(device, _free(device))
    except (MemoryError, RuntimeError) as problem:
        if not is_out_of_memory(problem):
            raise
        raise ResourceError(_lacking(device)) from None
    finally:
        give_back(device)


def is_out_of_memory(problem: BaseException) -> bool:
    """Say whether an error means that memory did not reach.

    Examples
    --------
    >>> is_out_of_memory(MemoryError()), is_out_of_memory(RuntimeError("shapes differ"))
    (True, False)

    """
    import torch

    if isinstance(problem, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(problem, RuntimeError) and any(each in str(problem) for each in SAID)


def give_back(device: str) -> None:
    """Give the device's memory that nothing holds any more back to others.

    Examples
    --------
    >>> give_back("cpu")

    """
    import torch

    if device.startswith("cuda"):
        with torch.cuda.device(device):
            torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()


def give_back_all() -> None:
    """Give back what nothing holds any more on whatever devices are in use.

    Examples
    --------
    >>> give_back_all()

    """
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()  # nothing where torch has not used it yet
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def widest(device: str) -> torch.dtype:
    """Give the type of number that sums are added up in: Apple's devices have no double one.

    Examples
    --------
    >>> widest("cpu"), widest("mps")
    (torch.float64, torch.float32)

    """
    import torch

    return torch.float32 if device == "mps" else torch.float64


def _free(device: str) -> int:
    import torch

    if not device.startswith("cuda"):
        return MOST_ON_CPU
    give_back(device)
    return max(1, int(torch.cuda.mem_get_info(device)[0] * SHARE_OF_FREE))


@contextmanager
def _full_precision() -> Iterator[None]:
    import torch

    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _lacking(device: str) -> str:
    other = "" if device == "cpu" else ", or leave --device away for the CPU"
    return (
        f"The device {device!r} has too little free memory for this, however small the batches: "
        f"close what holds it{other}"
    )
