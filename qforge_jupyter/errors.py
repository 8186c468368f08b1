"""Every error that a user can meet, one tree in five categories.

::

    QForgeError
    ├── DataError          what came in is not what was wanted
    │   ├── CallError      ... in the call itself: verb, option, body, name
    │   ├── FormatError    ... in a file or a source
    │   ├── RuleError      ... in a rule, a range or a unit
    │   ├── SealedError    ... the part of a split is sealed, and no reason was given
    │   └── QualityError   a gate said no; carries the result it judged
    ├── ModelError         a model or a calculation could not do its work
    ├── ResourceError      memory, disk, network, database, a package
    │   ├── MissingPackage ... an optional package is not installed
    │   ├── StoreError     ... the store refused or is damaged
    │   │   ├── StoreBusy  ... another process holds it; trying again helps
    │   │   ├── RefMoved   ... a branch or a tag stands elsewhere by now
    │   │   └── JobLost    ... another process runs the job by now
    │   ├── TrackerError   ... MLflow cannot be reached
    │   └── JobFailed      what ran in the background failed; it says why
    ├── TimeoutExceeded    it took longer than it was allowed to
    └── InternalError      a fault of ours

An error is one sentence: what came, what was wanted, what to do. It never
holds the user's data and never a secret.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

Category = Literal["data", "model", "resource", "timeout", "internal"]


class QForgeError(Exception):
    """Root of every error raised on purpose.

    Parameters
    ----------
    message
        One sentence: what came, what was wanted, what to do.
    line
        Line of the cell (1 is the header) in which the cause stands.
    column
        Column in that line, counted from 0.

    """

    category: ClassVar[Category] = "internal"
    #: Trying the same call again may succeed.
    is_transient: ClassVar[bool] = False

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        #: Path of the body's key that is at fault, as in ``("rules", "gap agrees")``.
        self.key: tuple[str, ...] = ()
        #: How often the work was tried before it was given up.
        self.attempts = 1


class DataError(QForgeError):
    """What came in is not what was wanted."""

    category = "data"


class CallError(DataError):
    """The call itself is wrong: a verb, an option, a body key, a name."""


class FormatError(DataError):
    """A file or a source is not what it says, or cannot be read."""


class RuleError(DataError):
    """A rule, a range, a gate or a unit cannot be understood or applied."""


class SealedError(DataError):
    """A sealed part of a split was asked for without a reason to open it."""


class QualityError(DataError):
    """A gate said no.

    The judged result is in ``result``, so that it is recorded and can be
    looked at although the call failed.
    """

    def __init__(self, message: str, *, result: Any = None) -> None:
        super().__init__(message)
        self.result = result


class ModelError(QForgeError):
    """A model or a calculation could not do its work."""

    category = "model"


class ResourceError(QForgeError):
    """Memory, disk, network, a database or a package is missing."""

    category = "resource"


class MissingPackage(ResourceError):
    """An optional package is not installed.

    Parameters
    ----------
    package
        Its name on PyPI.
    purpose
        What it is needed for, as in "to read FITS tables".
    extra
        The extra of ``qforge-jupyter`` that brings it, if there is one.

    """

    def __init__(self, package: str, purpose: str, extra: str | None = None) -> None:
        target = f"'qforge-jupyter[{extra}]'" if extra else package
        super().__init__(
            f"The package {package!r} is needed {purpose} and is not installed: "
            f"run  pip install {target}"
        )
        self.package = package


class StoreError(ResourceError):
    """The store refused, is damaged, or is of another version."""


class StoreBusy(StoreError):
    """Another process holds the store; trying again helps."""

    is_transient = True


class RefMoved(StoreError):
    """A branch or a tag stands elsewhere than it did when the work began."""


class JobLost(StoreError):
    """A job is run by another process than the one that works on it."""


class TrackerError(ResourceError):
    """The tracker cannot be reached; nothing is lost, ``sync`` sends later."""

    is_transient = True


class JobFailed(ResourceError):
    """A job failed; what its call still gave is in ``result``."""

    result: Any = None


class TimeoutExceeded(QForgeError):
    """The work took longer than it was allowed to."""

    category = "timeout"


class Stopped(KeyboardInterrupt):
    """The user stopped long work; what was done is in ``result``."""

    def __init__(self, message: str, *, result: Any = None) -> None:
        super().__init__(message)
        self.result = result


@contextmanager
def telling_when_stopped(sentence: str) -> Iterator[None]:
    """Say what became of the work inside when the user stops it.

    A `Stopped` from deeper down knows more and goes through.

    Examples
    --------
    >>> try:
    ...     with telling_when_stopped("stopped while reading; nothing was kept"):
    ...         raise KeyboardInterrupt
    ... except Stopped as stop:
    ...     print(stop)
    stopped while reading; nothing was kept

    """
    try:
        yield
    except Stopped:
        raise
    except KeyboardInterrupt:
        raise Stopped(sentence) from None


class InternalError(QForgeError):
    """A fault of ours."""


@contextmanager
def blaming(*key: str) -> Iterator[None]:
    """Say which key of a body is at fault when the work inside fails.

    Examples
    --------
    >>> try:
    ...     with blaming("rules", "gap agrees"):
    ...         raise RuleError("No column named 'gpa'")
    ... except RuleError as problem:
    ...     print(problem.key)
    ('rules', 'gap agrees')

    """
    try:
        yield
    except QForgeError as problem:
        problem.key = problem.key or key
        raise


def told(problem: Exception) -> QForgeError:
    """Say what nobody foresaw in a sentence; ``--debug`` shows all of it."""
    if isinstance(problem, MemoryError):
        return ResourceError("The memory is not enough for this: take fewer rows or columns")
    if isinstance(problem, OSError):
        why = problem.strerror or type(problem).__name__
        return ResourceError(f"The system refused: {why.lower()}; --debug shows where")
    kind = type(problem).__name__
    return InternalError(f"Q-Forge met a fault of its own ({kind}): --debug shows where")


def category_of(error: BaseException) -> Category:
    """Sort any exception into one of the five categories.

    Examples
    --------
    >>> category_of(FormatError("not a CSV"))
    'data'
    >>> category_of(MemoryError())
    'resource'

    """
    if isinstance(error, QForgeError):
        return error.category
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, MemoryError | OSError):
        return "resource"
    return "internal"


def meant(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, and of the others nothing.

    Examples
    --------
    >>> meant("calc.csv", ["calcs.csv", "letters.txt"]), meant("zzz", ["letters.txt"])
    (": did you mean 'calcs.csv'?", '')
    >>> meant("ID", ["id", "x"])
    ": did you mean 'id'?"

    """
    names = sorted(set(known))
    # The same letters in another case are nearer than anything else.
    close = [each for each in names if each.casefold() == name.casefold()]
    close = close or difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f": did you mean {close[0]!r}?" if close else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or which there are.

    The answer starts with a colon, so that it ends a sentence.

    Examples
    --------
    >>> nearest("golde", ["golden", "table"])
    ": did you mean 'golden'?"
    >>> nearest("zzz", ["golden", "table"])
    ': there are golden, table'
    >>> nearest("zzz", [])
    ': there are none'

    """
    names = sorted(set(known))
    if hint := meant(name, names):
        return hint
    if not names:
        return ": there are none"
    shown = ", ".join(names[:12])
    return f": there are {shown}" + (f" and {len(names) - 12} more" if len(names) > 12 else "")
