"""What was read from the rules of another tool."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ImportedRules:
    """Rules of another tool, said in ours.

    Parameters
    ----------
    required
        Columns that must exist and hold no null.
    optional
        Columns that are known and may be missing or hold nulls.
    ranges
        Column to the text of a range.
    values
        Column to the values it may hold.
    patterns
        Column to a regular expression that is searched for in each text.
    rules
        Name to a rule in our language.
    unique_by
        Columns that together name a row.
    skipped
        What has no equivalent here, each with the reason.

    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    ranges: dict[str, str] = field(default_factory=dict)
    values: dict[str, tuple[object, ...]] = field(default_factory=dict)
    patterns: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    unique_by: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
