"""Regular expressions, checked before they touch a row."""

from __future__ import annotations

import polars as pl

from qforge_jupyter.errors import RuleError

LONGEST_PATTERN = 500


def check_pattern(pattern: str, *, place: int | None = None) -> str:
    """Give the pattern back if Polars' linear-time engine accepts it.

    Parameters
    ----------
    pattern
        A regular expression; it is searched for anywhere in a text unless
        ``^`` and ``$`` tie it to the ends.
    place
        Offset of the pattern in the rule, for the error.

    Raises
    ------
    RuleError
        It is too long, does not parse, compiles to more than the engine's
        10 MB, or uses look-around or back-references, which have no linear
        time.

    Examples
    --------
    >>> check_pattern("^[A-Z]{14}-[A-Z]{10}-[A-Z]$")
    '^[A-Z]{14}-[A-Z]{10}-[A-Z]$'

    """
    if len(pattern) > LONGEST_PATTERN:
        raise RuleError(
            f"A pattern of {len(pattern):,} characters is too long: "
            f"at most {LONGEST_PATTERN} are read",
            column=place,
        )
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.PolarsError as error:
        why = _reason(str(error))
        raise RuleError(f"The pattern {pattern!r} cannot be used: {why}", column=place) from None
    return pattern


def _reason(message: str) -> str:
    if "size limit" in message:
        return "it compiles to more than 10 MB, use smaller repetitions"
    if "look-around" in message or "backreferences" in message:
        return "look-around and back-references are not supported"
    lines = [line.strip() for line in message.splitlines()]
    said = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return said[0] if said else "it is no regular expression"
