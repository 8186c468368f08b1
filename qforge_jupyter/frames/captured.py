"""The step of lineage that every call leaves: what it made, and of what."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import polars as pl

from qforge_jupyter.errors import QForgeError
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.base import Result
from qforge_jupyter.results.run import LineageStep
from qforge_jupyter.results.tabular import Tabular
from qforge_jupyter.version import __version__


@dataclass(frozen=True)
class Sources:
    """What a result is made of: tables and results by role, and the packages that did it."""

    given: Mapping[str, Table | Result] = field(default_factory=dict)
    uses: tuple[str, ...] = ()


#: Before the hash of a result that judges and holds no rows of its own.
REPORT = "report:"


def captured(
    verb: str,
    result: Result,
    sources: Mapping[str, Table | Result],
    known: LineageStep,
    *,
    into: tuple[str, ...] = (),
) -> tuple[LineageStep, ...]:
    """Complete the steps that a result tells of itself, or write its step.

    Parameters
    ----------
    verb
        What was called.
    result
        What it gave.
    sources
        Tables and results that it was given, by role.
    known
        What is the same for every step of the call: parameters, software,
        notebook, cell, commit, device, seconds.
    into
        Names that the cell gives to the result.

    Examples
    --------
    >>> from qforge_jupyter.frames.loaded import LoadedTable
    >>> table = Table.of_frame("gaps", pl.DataFrame({"gap": [1.0]}))
    >>> made = LoadedTable.of(Table.of_frame("few", pl.DataFrame({"gap": [1]})))
    >>> step, = captured("sql", made, {"subject": table}, LineageStep("", "", ""))
    >>> step.dataset, step.input_names
    ('few', ('gaps',))

    """
    told = result.lineage()
    made = [step for step in told if step.approved_at is None]
    decisions = [step for step in told if step.approved_at is not None]
    is_own = not made and bool(result.metrics())
    if is_own:
        made = [_step_of(verb, result, sources)]
    if into and made and (is_own or isinstance(result, Tabular)):
        made[0] = replace(made[0], dataset=into[0])
    inputs = dict(filter(None, map(_input, sources.values())))
    return (
        *(_completed(step, known) for step in decisions),
        *(_completed(_fed(step, inputs), known, method=verb) for step in made),
    )


def identity_of(result: Result) -> str:
    """Name the content of a result: its rows' fingerprint, or the hash of what it says."""
    steps = [step for step in result.lineage() if step.approved_at is None]
    if steps and steps[0].fingerprint:
        return steps[0].fingerprint
    if isinstance(result, Tabular):
        frame: pl.DataFrame = result.frame
        return Table.of_frame("", frame).fingerprint
    content = [result.kind, result.identity(), result.payload()]
    said = json.dumps(content, sort_keys=True, default=str)
    return REPORT + hashlib.sha256(said.encode()).hexdigest()[:40]


def software(uses: Iterable[str] = ()) -> dict[str, str]:
    """Name the versions of what computes: ours, Polars, NumPy and what a verb uses.

    Examples
    --------
    >>> sorted(software(["no-such-package"]))
    ['numpy', 'polars', 'python', 'qforge']

    """
    found = {name: _version(name) for name in ("polars", "numpy", *uses)}
    ours = {"qforge": __version__, "python": platform.python_version()}
    return ours | {name: told for name, told in found.items() if told}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _step_of(verb: str, result: Result, sources: Mapping[str, Table | Result]) -> LineageStep:
    subject = sources.get("subject")
    name = _name(subject) if subject is not None else "a table"
    return LineageStep(f"{verb} of {name}", identity_of(result), f"qforge {verb}")


def _name(source: Table | Result) -> str:
    if isinstance(source, Table):
        return source.version.shown if source.version else source.name
    return f"{source.kind} of {name}" if (name := getattr(source, "name", "")) else source.kind


def _input(source: Table | Result) -> tuple[str, str] | None:
    """Give content and name of what went in; nothing where the content cannot be told."""
    try:
        content = source.fingerprint if isinstance(source, Table) else identity_of(source)
    except (QForgeError, pl.exceptions.PolarsError, OSError):
        return None
    return content, _name(source)


def _fed(step: LineageStep, inputs: Mapping[str, str]) -> LineageStep:
    names = step.input_names or ("",) * len(step.inputs)
    every = dict(inputs) | dict(zip(step.inputs, names, strict=True))
    every.pop(step.fingerprint, None)  # what was only looked at is not made of itself
    return replace(step, inputs=tuple(every), input_names=tuple(every.values()))


def _completed(step: LineageStep, known: LineageStep, method: str = "") -> LineageStep:
    own: dict[str, Any] = {
        "method": step.method or method,
        "parameters": {**known.parameters, **step.parameters},
        "software": {**known.software, **step.software},
        "seconds": known.seconds if step.seconds is None else step.seconds,
        "resource": step.resource or known.resource,
    }
    return replace(
        step,
        **own,
        notebook=known.notebook,
        cell=known.cell,
        cell_sha256=known.cell_sha256,
        git_commit=known.git_commit,
    )
