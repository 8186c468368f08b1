"""What the page of a dashboard says of the rows that a dataset lacks."""

from __future__ import annotations

from typing import Any

from qforge_jupyter.documents.blocks import Block, Facts, Heat, Section, Text

SHOWN_CELLS = 12
_EXPECTED = (
    "Expected is what there would be if the class did not hang on the rest of the rule. A rule "
    "is listed where fewer than half of that is there, and chance does not explain it. Rows that "
    "their score rejected are not there."
)


def collect_next(found: Any) -> list[Block]:
    """Describe which rows to collect next."""
    blocks: list[Block] = []
    if found["cells"]:
        shown = found["cells"][:SHOWN_CELLS]
        blocks.append(Facts(tuple(map(_thin, shown))))
        if n_more := len(found["cells"]) + found.get("n_more", 0) - len(shown):
            blocks.append(Text(f"… and {n_more:,} more"))
        blocks.append(Text(_EXPECTED))
    elif not found["note"]:
        blocks.append(Text("No class is thin in any column that sorts the rows."))
    if found["n_rejected"]:
        blocks.append(
            Text(f"Rejected by their score, so they cover nothing: {found['n_rejected']:,}")
        )
    if found["note"]:
        blocks.append(Text(found["note"]))
    if found["square"]:
        blocks.append(_square(found["target"], found["square"]))
    return [Section("Collect these next", tuple(blocks))]


def _thin(cell: Any) -> tuple[str, str]:
    rows = f"{cell['n']:,} row{'s' * (cell['n'] != 1)}, {cell['expected']:g} expected"
    tiers = f" ({cell['tiers']})" if cell["tiers"] else ""
    return f"collect {cell['collect']:,}", f"{cell['rule']}: {rows}{tiers}"


def _square(target: str, square: Any) -> Heat:
    counts, expected = square["counts"], square["expected"]
    values = tuple(
        tuple(
            (n - wanted) / max(n, wanted) if max(n, wanted) > 0 else 0.0
            for n, wanted in zip(row, wants, strict=True)
        )
        for row, wants in zip(counts, expected, strict=True)
    )
    caption = f"Rows by {target} (down) and {square['facet']} (across); warm: fewer than expected"
    return Heat(
        tuple(square["classes"]),
        values,
        caption,
        noun="classes",
        columns=tuple(square["values"]),
        shown=tuple(map(tuple, counts)),
    )
