"""Prove that what is stored is what was stored, and that data is what was certified."""

from __future__ import annotations

from qforge_jupyter.context import Context
from qforge_jupyter.documents.blocks import Grid
from qforge_jupyter.errors import CallError, QualityError
from qforge_jupyter.frames import Table
from qforge_jupyter.results.certificate import Certificate
from qforge_jupyter.results.page import Page
from qforge_jupyter.results.score import ScoreReport
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.verifying import verify_versions

INTACT = "intact"

EXAMPLE = """\
%qforge verify certificate against calcs
"""


def run(
    context: Context,
    subject: Certificate | ScoreReport | None = None,
    *,
    against: Table | None = None,
) -> Page:
    """Re-hash every stored object and version, check the audit chain, compare fingerprints.

    Parameters
    ----------
    context
        The open workspace.
    subject
        A certificate or a report, to be compared with a table.
    against
        The table that it should speak of.

    Raises
    ------
    QualityError
        Something is not what it was; the page says what.

    """
    if (subject is None) != (against is None):
        raise CallError(
            "A certificate or a report is compared with a table: "
            "write `%qforge verify CERTIFICATE against TABLE`, or `%qforge verify` alone"
        )
    store = context.store
    rows = [
        _verdict("stored objects", store.objects.verify()),
        _verdict("audit log", store.events.verify_chain()),
        _verdict("runs", store.runs.verify()),
        _versions(store),
    ]
    if subject is not None and against is not None:
        rows.append(_same(subject, against))
    failed = [row for row in rows if row[1] != INTACT]
    grid = Grid(("what", "verdict", "detail"), tuple(rows))
    verdict = f"{failed[0][0]}: {failed[0][1]}" if failed else "everything is what it was"
    content = {"checks": [list(row) for row in rows], "is_intact": not failed}
    page = Page("Verification", verdict, "bad" if failed else "good", (grid,), content)
    if failed:
        what, how, detail = failed[0]
        raise QualityError(f"{what}: {how}: {detail}", result=page)
    return page


def _versions(store: Store) -> tuple[str, str, str]:
    """Prove every version; say how many rows were forgotten, by whatever version."""
    tombstones = {mark for one in store.datasets.list() for mark in one.tombstones}
    what, verdict, detail = _verdict("versions", verify_versions(store))
    n = len(tombstones)
    said = f"{n:,} {'row' if n == 1 else 'rows'} forgotten" if n else ""
    return what, verdict, "; ".join(each for each in (detail, said) if each)


def _verdict(what: str, problems: tuple[str, ...]) -> tuple[str, str, str]:
    if not problems:
        return what, INTACT, ""
    more = f" (and {len(problems) - 1} more)" if problems[1:] else ""
    return what, "damaged", f"{problems[0]}{more}"


def _same(subject: Certificate | ScoreReport, against: Table) -> tuple[str, str, str]:
    what = f"{subject.name} under its {subject.kind}"
    if subject.fingerprint == against.fingerprint:
        return what, INTACT, "the fingerprints are equal"
    return what, "differs", "its rows are not those that were judged: score it again"
