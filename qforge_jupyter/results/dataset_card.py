"""A dataset card: what a dataset is, as Markdown under the header that Hugging Face reads.

A section that has nothing to say is left out; where readers expect one, it
says what was not recorded and how to record it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qforge_jupyter.results.run import LineageStep

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))
_MORE = ((10**7, "1M<n<10M"), (10**8, "10M<n<100M"), (10**9, "100M<n<1B"))


@dataclass(frozen=True)
class PartFacts:
    """One part: its rows, and a line for each column (name, type, nulls, what else)."""

    name: str
    n_rows: int
    fingerprint: str
    columns: tuple[tuple[str, str, int, str], ...]


@dataclass(frozen=True)
class CardFacts:
    """Everything that a card says.

    Parameters
    ----------
    told
        What people say of the dataset: ``description``, ``owner``, ``tags``,
        ``licence``, ``known limits``, ``citation``.
    steps
        How the rows came about.
    quality
        Lines on the latest score, the certificate and the approval.
    split
        Lines on how the parts were made and whether they leak.
    versions
        Lines on the stored version.
    sealed
        Parts that were kept back, and how often each was opened.

    """

    name: str
    parts: tuple[PartFacts, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[LineageStep, ...] = ()
    quality: tuple[str, ...] = ()
    split: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    sealed: tuple[tuple[str, int], ...] = ()
    snippets: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Rows of all parts."""
        return sum(part.n_rows for part in self.parts)


def write_card(facts: CardFacts, data_files: Sequence[tuple[str, str]]) -> str:
    """Write a card.

    Parameters
    ----------
    facts
        What it says.
    data_files
        Split and path of each file that `datasets` reads, from the card's folder.

    Examples
    --------
    >>> card = write_card(CardFacts("calcs"), [("train", "train.parquet")])
    >>> card.splitlines()[-3:]
    ['## Licence', '', 'No licence is recorded: give `licence:` in the body of `export`.']

    """
    sections = [
        ("", _what(facts)),
        ("Parts and columns", _parts(facts)),
        ("How the parts were made", _bullets(facts.split)),
        ("Parts kept back", _sealed(facts)),
        ("Where the rows come from", _provenance(facts)),
        ("Quality", _quality(facts)),
        ("Version", _bullets(facts.versions)),
        ("How to load", _loading(facts)),
        ("Known limits", _said(facts, "known limits")),
        ("Citation", _said(facts, "citation")),
        ("Licence", _said(facts, "licence") or [_missing("licence")]),
    ]
    lines = [*header(facts, data_files), f"# {_safe(facts.name)}"]
    for title, body in sections:
        if body:
            lines += [*(["", f"## {title}"] if title else []), "", *body]
    return "\n".join(lines) + "\n"


def header(facts: CardFacts, data_files: Sequence[tuple[str, str]]) -> list[str]:
    """Write the YAML that Hugging Face reads: where the files of each split are."""
    import yaml

    content: dict[str, Any] = {"pretty_name": facts.name}
    if facts.parts:
        sizes = (*_SIZES, *_MORE, (float("inf"), "n>1B"))
        content["size_categories"] = [next(name for n, name in sizes if facts.n_rows < n)]
    if facts.told.get("licence"):
        content["license"] = str(facts.told["licence"]).lower()
    if facts.told.get("tags"):
        content["tags"] = [str(tag) for tag in facts.told["tags"]]
    if data_files:
        files = [{"split": split, "path": path} for split, path in data_files]
        content["configs"] = [{"config_name": "default", "data_files": files}]
    # Where a sign breaks lines in YAML and not here, it is escaped, as all beyond ASCII then is.
    is_plain = not any(sign in repr(content) for sign in ("\\x85", "\\u2028", "\\u2029"))
    text = yaml.safe_dump(content, sort_keys=True, allow_unicode=is_plain)
    return ["---", text.rstrip(), "---", ""]


def _what(facts: CardFacts) -> list[str]:
    lines = _said(facts, "description") or [_missing("description")]
    if facts.told.get("owner"):
        lines += ["", f"Owner: {_safe(str(facts.told['owner']))}"]
    return lines


def _missing(key: str) -> str:
    return f"No {key} is recorded: give `{key}:` in the body of `export`."


def _said(facts: CardFacts, key: str) -> list[str]:
    text = str(facts.told.get(key) or "").strip()
    return [_safe(line) for line in text.splitlines()]


def _parts(facts: CardFacts) -> list[str]:
    lines = ["| part | rows | fingerprint |", "|---|---|---|"]
    lines += [f"| {_safe(p.name)} | {p.n_rows:,} | `{p.fingerprint}` |" for p in facts.parts]
    for part in facts.parts:
        lines += ["", f"### {_safe(part.name)}", "", "| column | type | nulls | values |"]
        lines += ["|---|---|---|---|"]
        lines += [
            f"| {_safe(name)} | {_safe(dtype)} | {n_null:,} | {about} |"
            for name, dtype, n_null, about in part.columns
        ]
    return lines if facts.parts else []


def _sealed(facts: CardFacts) -> list[str]:
    return [
        f"- {_safe(name)}: sealed and not in this export; opened {n_looks:,} times so far"
        for name, n_looks in facts.sealed
    ]


def _provenance(facts: CardFacts) -> list[str]:
    lines: list[str] = []
    for step in facts.steps:
        software = ", ".join(f"{name} {version}" for name, version in sorted(step.software.items()))
        said = f"- {_safe(step.method or 'made')} from {_safe(step.source)}"
        line = said + (f" with {_safe(software)}" if software else "")
        if line not in lines:
            lines.append(line)
    return lines or [
        "Where the rows come from is not recorded: `%qforge load` and `%qforge calculate` do so."
    ]


def _quality(facts: CardFacts) -> list[str]:
    missing = "They were not scored: `%qforge score` does, and `%qforge certify` says which to use."
    return _bullets(facts.quality) or [missing]


def _loading(facts: CardFacts) -> list[str]:
    lines = []
    for kind, code in facts.snippets.items():
        lines += [f"{kind}:", "", "```python", code, "```", ""]
    return [*lines, "Q-Forge reads the whole folder with every type as it was."] if lines else []


def _bullets(lines: Sequence[str]) -> list[str]:
    return [f"- {_safe(line)}" for line in lines]


def _safe(text: str) -> str:
    """Take from a text what Markdown or a browser would act on."""
    plain = " ".join(text.split())
    for mark in "\\`*_[]<>|#":
        plain = plain.replace(
            mark, f"\\{mark}" if mark not in "<>" else {"<": "&lt;", ">": "&gt;"}[mark]
        )
    return plain
