"""One thread for work on small matrices: many threads would wait for each other, not work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Let BLAS, OpenMP and torch use one thread inside.

    Examples
    --------
    >>> with one_thread():
    ...     pass

    """
    # Only pools that are there can be limited, so those that work brings come first.
    import faiss  # noqa: F401
    import sklearn.ensemble  # noqa: F401
    import torch
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)
