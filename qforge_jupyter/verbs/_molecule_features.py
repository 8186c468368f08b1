"""Features of molecules: what a body says of them, and what of them is known already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import polars as pl
import polars.selectors as cs
from pydantic import BaseModel, ConfigDict, Field

from qforge_jupyter.context import Context
from qforge_jupyter.engine.chemistry.fingerprints import looks_like_smiles
from qforge_jupyter.engine.chemistry.molecule_plan import MoleculePlan
from qforge_jupyter.engine.chemistry.molecules import SMILES_COLUMNS
from qforge_jupyter.engine.featurizing import featurize, software
from qforge_jupyter.errors import CallError, DataError, nearest, telling_when_stopped
from qforge_jupyter.frames import Table
from qforge_jupyter.results.feature_problems import PROBLEM
from qforge_jupyter.results.features import FeatureSet
from qforge_jupyter.store.feature_sets import KeptFeatureSet


class FingerprintBody(BaseModel):
    """A fingerprint and its settings; those of its kind are allowed."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(description="morgan, maccs, rdkit, atom-pair or topological-torsion.")
    radius: int = Field(2, description="Of Morgan environments, in bonds.")
    longest: int = Field(7, description="Bonds of the longest path of the RDKit fingerprint.")
    bits: int = Field(2048, description="Width that it is folded to.")
    counts: bool = Field(False, description="How often each pattern occurs, not only whether.")
    chirality: bool = Field(False, description="Tell stereoisomers apart.")


class MoleculeBody(BaseModel):
    """Which features of molecules."""

    descriptors: list[str] = Field([], description="RDKit's descriptors by name, or `all`.")
    fingerprint: str | FingerprintBody | None = Field(
        None, description="Its kind, or `{kind: morgan, radius: 2, bits: 2048, counts: no}`."
    )
    smiles: str = Field("", description="The column of SMILES; found by its name without.")
    mixtures: Literal["whole", "largest", "none"] = Field(
        "whole", description="Of salts and solvates: the whole, the largest molecule, or none."
    )
    most_atoms: int = Field(
        1_000, ge=1, description="Heavy atoms of the largest molecule that is described."
    )

    @property
    def is_of_molecules(self) -> bool:
        """Whether any feature is made of molecules."""
        return bool(self.descriptors or self.fingerprint)


def plan_of(body: MoleculeBody, subject: Table) -> tuple[MoleculePlan | None, str]:
    """Give what the body asks of molecules, and the column that holds them.

    Raises
    ------
    CallError
        No such descriptor, fingerprint, setting or column.
    DataError
        The column holds no text.

    """
    if not body.is_of_molecules:
        return None, ""
    asked: list[tuple[str, dict[str, Any]]] = []
    if body.descriptors:
        asked.append(("rdkit-descriptors", {"names": tuple(body.descriptors)}))
    if isinstance(body.fingerprint, FingerprintBody):
        given = body.fingerprint.model_dump(exclude_unset=True)
        asked.append((_kind(given.pop("kind")), given))
    elif body.fingerprint:
        asked.append((_kind(body.fingerprint), {}))
    plan = MoleculePlan.of(asked, mixtures=body.mixtures, most_atoms=body.most_atoms)
    return plan, _column(body.smiles, subject)


def _kind(written: str) -> str:
    return written.strip().lower().replace(" ", "-").replace("_", "-")


def _column(named: str, subject: Table) -> str:
    if named and named not in subject.schema:
        raise CallError(f"No column {named[:60]!r} of SMILES{nearest(named, subject.columns)}")
    found = named or next((name for name in SMILES_COLUMNS if name in subject.schema), "")
    if not found:
        texts = [name for name, dtype in subject.schema.items() if dtype == pl.String]
        head = subject.lazy.select(cs.by_name(texts)).head(200).collect()
        found = next((name for name in texts if looks_like_smiles(name, head.get_column(name))), "")
    if not found:
        raise CallError("No column looks like SMILES: name it, as  smiles: COLUMN")
    if not isinstance(subject.schema[found], pl.String | pl.Categorical | pl.Enum):
        raise DataError(f"The column {found!r} is {subject.schema[found]} and SMILES are text")
    return found


def with_molecules(
    context: Context,
    subject: Table,
    made: FeatureSet,
    plan: MoleculePlan,
    column: str,
    limit_s: float,
) -> FeatureSet:
    """Add the features of molecules; those that a former version holds are taken from it."""
    made = replace(made, software=software(), molecules={"column": column, **plan.definition()})
    smiles = subject.frame.get_column(column).cast(pl.String)
    known = _known(context, made, list(plan.columns()), smiles)
    is_new = known.get_column("is new")
    with telling_when_stopped("stopped while molecules were described; nothing was kept"):
        new = featurize(
            smiles.filter(is_new), plan, molecule_limit_s=limit_s, progress=context.progress
        )
    place = pl.select(pl.when(pl.lit(is_new)).then(pl.lit(is_new).cum_sum() - 1)).to_series()
    described = [
        _filled(known.get_column(name), new.frame.get_column(name).gather(place), is_new)
        for name in plan.columns()
    ]
    rows = is_new.arg_true().cast(pl.Int64)
    problems = new.problems.with_columns(row=rows.gather(new.problems["row"]))
    return replace(
        made,
        frame=pl.DataFrame([*made.frame.iter_columns(), *described]),
        problems=problems.cast(PROBLEM),  # type: ignore[arg-type]  # a schema casts by name
        n_reused=int((~is_new).sum()),
    )


def _filled(known: pl.Series, new: pl.Series, is_new: pl.Series) -> pl.Series:
    chosen = pl.when(pl.lit(is_new)).then(pl.lit(new)).otherwise(pl.lit(known))
    return pl.select(chosen.alias(known.name)).to_series()


def _known(context: Context, made: FeatureSet, names: list[str], smiles: pl.Series) -> pl.DataFrame:
    """Give what a version of this definition holds of each row, and whether it is new.

    A row is taken from there if every feature of it is, and if nothing is to
    be said of it: one with a dot may be a mixture.
    """
    schema = MoleculePlan.read(made.molecules).columns()
    nothing = pl.DataFrame(schema=schema).clear(len(smiles))
    nothing = nothing.with_columns(pl.lit(value=True).alias("is new"))
    store = context.store.feature_sets
    same = (made.molecules, made.software)
    for kept in store.list(made.name):
        said = kept.parameters
        if (said.get("molecules"), said.get("software")) == same:
            break
    else:
        return nothing
    values = store.values(kept)
    mark = values.columns[0]
    values = values.select(cs.by_name([mark, *names])).unique(mark, keep="first")
    found = (
        pl.DataFrame({"mark of ours": made.marks})
        .join(values, left_on="mark of ours", right_on=mark, how="left", maintain_order="left")
        .select(cs.by_name(names))
    )
    is_whole = [found.get_column(name).is_not_null() for name in names]
    is_new = smiles.str.contains(".", literal=True).fill_null(value=True)
    for each in is_whole:
        is_new |= ~each
    return found.with_columns(is_new.alias("is new"))


def redefined(made: FeatureSet, parent: KeptFeatureSet) -> tuple[str, ...]:
    """Say in which way features of molecules are made otherwise than the parent's."""
    before = parent.parameters.get("software") or {}
    said = [
        f"made with {name} {version} instead of {before[name]}"
        for name, version in made.software.items()
        if before.get(name, version) != version
    ]
    then, now = parent.parameters.get("molecules") or {}, made.molecules
    if not then or not now:
        return tuple(said)
    for key in ("column", "mixtures", "most_atoms"):
        if then.get(key) != now.get(key):
            written = key.replace("_", " ")
            said.append(f"{written} {now.get(key)} instead of {then.get(key)}")
    settings = dict(then.get("featurizers", []))
    for name, given in now.get("featurizers", []):
        former = settings.get(name, given)
        said += [
            f"{name}: {key} {value} instead of {former.get(key)}"
            for key, value in given.items()
            if key != "names" and former.get(key) != value
        ]
    return tuple(said)
