"""Write docs/reference.md from the code: ``python tools/reference.py``.

A test compares the file with what this writes, so the reference is always
that of the code.
"""

from __future__ import annotations

from pathlib import Path

import qforge_jupyter as qf
from qforge_jupyter.engine.scorecards import SCORECARDS
from qforge_jupyter.settings import Settings
from qforge_jupyter.verbs import VERBS, purpose_of, signature_of
from qforge_jupyter.verbs.help import describe

TARGET = Path(__file__).resolve().parent.parent / "docs" / "reference.md"


def write() -> str:
    """Give the reference as Markdown."""
    parts = [
        "# Reference\n",
        "Written from the code by `tools/reference.py`; a test holds it to the code.\n",
        "Every verb also takes `--dry-run`, `--as-python`, `--seed N`, `--device NAME`,",
        "`--quiet` and `--debug`, and `into NAME` binds what it returns.",
        "Long ones run in the background with `--job`, `--job=NAME`, `--every LENGTH`,",
        "`--fresh-within LENGTH` and `--tries N`: see [jobs](jobs.md).\n",
    ]
    for verb in VERBS.names():
        parts += _verb(verb)
    parts += ["## Scorecards\n", "| card | for |", "|---|---|"]
    parts += [f"| `{name}` | {purpose_of(card)} |" for name, card in SCORECARDS.members().items()]
    parts += [
        "",
        *_python(),
        "## Settings\n",
        "| variable | default | what it says |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        parts.append(f"| `QFORGE_{name.upper()}` | `{field.default!r}` | {field.description} |")
    return "\n".join(parts) + "\n"


def _verb(verb: str) -> list[str]:
    module = VERBS.get(verb)
    shown = describe(verb)
    parts = [f"## {verb}\n", f"{purpose_of(module)}\n", "```", module.EXAMPLE.strip(), "```\n"]
    if signature_of(verb).subject is not None:
        parts.append(f"Subject: {shown.subject}\n")
    if shown.options:
        parts += ["| option | takes | what it says |", "|---|---|---|"]
        parts += [f"| `{name}` | {takes} | {says} |" for name, takes, says in shown.options]
        parts.append("")
    if shown.keys:
        parts += ["| key of the body | what it says |", "|---|---|"]
        parts += [f"| `{name}` | {says} |" for name, says in shown.keys]
        parts.append("")
    return [part.replace("|", "|") for part in parts]


def _python() -> list[str]:
    """List the public names, each with its first line."""
    parts = ["## In Python\n", "`import qforge_jupyter as qf`; each is loaded on first use.\n"]
    parts += ["| name | what it does |", "|---|---|"]
    for name in qf.__all__:
        if not name.startswith("_"):
            said = (getattr(qf, name).__doc__ or "").strip().split("\n", 1)[0]
            parts.append(f"| `qf.{name}` | {said} |")
    return [*parts, ""]


if __name__ == "__main__":
    TARGET.write_text(write(), encoding="utf-8")
    print(f"wrote {TARGET.name}")
