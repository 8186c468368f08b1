"""The page of a feature set: names, correlations, redundancies, problems, changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from qforge_jupyter.documents.blocks import Block, Document, Facts, Grid, Heat, Section, Text, Tone
from qforge_jupyter.results.feature_arrays import columns_of
from qforge_jupyter.results.feature_problems import WITHOUT, problem_grids

if TYPE_CHECKING:
    from qforge_jupyter.results.features import FeatureSet

N_SHOWN = 30


def features_document(made: FeatureSet) -> Document:
    """Lay the page out."""
    blocks: list[Block] = [_facts(made)]
    if made.problems.height:
        counts, rows = problem_grids(made.problems)
        blocks += [counts, Section("Which rows, and why", (rows,), is_open=False)]
    if made.parent:
        blocks.append(_difference(made))
    if made.redundant:
        blocks.append(_redundant(made))
    if len(made.numbers) > 1:
        blocks.append(Heat(made.numbers, made.correlation, "Pearson's r of every pair"))
    blocks.append(Section("Features", (_grid(made),), is_open=False))
    said, tone = _verdict(made)
    verdict = f"{made.version} is registered already" if made.is_known else said
    return Document(f"Features {made.name} {made.version}", verdict, tone, tuple(blocks))


def _facts(made: FeatureSet) -> Facts:
    n_numbers = len(columns_of(made.frame.schema))
    facts: list[tuple[str, Any]] = [("version", made.version), ("features", len(made.names))]
    if n_numbers > len(made.names):
        facts.append(("numbers a row", n_numbers))
    facts.append(("rows", made.frame.height))
    facts += [("made with", f"{name} {said}") for name, said in made.software.items()]
    if made.parent:
        facts.append(("parent", made.parent))
    return Facts(tuple(facts))


def _verdict(made: FeatureSet) -> tuple[str, Tone]:
    n_bare = made.problems.filter(pl.col("kind").is_in(WITHOUT))["row"].n_unique()
    n = len(made.redundant)
    said = f"{n} redundant {'pair' if n == 1 else 'pairs'}" if n else "no redundant pair"
    if not n_bare:
        return said, "caution" if n else "good"
    without = f"{n_bare:,} of {made.frame.height:,} rows have no features of a molecule"
    return f"{without}; {said}", "bad" if n_bare == made.frame.height else "caution"


def _difference(made: FeatureSet) -> Text:
    kinds = (("added", made.added), ("removed", made.removed), ("computed anew", made.changed))
    said = [f"{kind}: {_listed(names)}" for kind, names in kinds if names]
    told = "; ".join([*said, *made.redefined]) or "the same features of other rows"
    return Text(f"Against {made.parent}: {told}.")


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - N_SHOWN} more" if len(names) > N_SHOWN else ""
    return ", ".join(names[:N_SHOWN]) + more


def _redundant(made: FeatureSet) -> Grid:
    rows = tuple(
        (each.first, each.second, round(each.r, 3), each.proposal)
        for each in made.redundant[:N_SHOWN]
    )
    n_more = len(made.redundant) - len(rows)
    columns = ("feature", "and", "r", "proposal")
    return Grid(columns, rows, "pairs with |r| above 0.95", n_more=n_more)


def _grid(made: FeatureSet) -> Grid:
    rows = tuple(
        (name, _maker(made, name), made.frame.get_column(name).null_count())
        for name in made.names[:100]
    )
    n_more = len(made.names) - len(rows)
    return Grid(("feature", "made by", "missing"), rows, n_more=n_more)


def _maker(made: FeatureSet, name: str) -> str:
    if name in made.formulas:
        return made.formulas[name]
    return "a column" if name in made.columns_taken else "the molecule"
