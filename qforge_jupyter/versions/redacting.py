"""What was recorded of rows: runs, their files, and what lies outside of the store."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from qforge_jupyter.results.changes import RedactedRun
from qforge_jupyter.results.run import Finding, RunRecord
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.forgetting import Erased
from qforge_jupyter.versions.mentions import Mentions
from qforge_jupyter.versions.references import read_reference


@dataclass
class Recorded:
    """What runs have kept of the rows.

    Attributes
    ----------
    runs
        Runs without the values.
    files
        Hashes of artifacts that show values.
    exports
        Where runs wrote files with the rows to.
    shown
        Runs of the tracker that were shown files with values, by its ids.
    told
        Those that were told values in their parameters or tags.

    """

    runs: list[RedactedRun] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    exports: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def recorded_of(store: Store, erased: Erased, every: Mentions, rare: Mentions) -> Recorded:
    """Look through every run for values of the rows.

    Parameters
    ----------
    store
        The open store.
    erased
        Versions that held the rows.
    every
        All that may show them, looked for in runs over those versions.
    rare
        What can be nothing else, looked for in all other runs.

    """
    found = Recorded()
    names = {each.name for each in erased.datasets}
    seen: dict[tuple[str, bool], bool] = {}
    for record, tracker_id in store.forgetting.runs():
        is_over = _is_over(record, names, erased.fingerprints)
        mentions = every if is_over else rare
        files = {
            artifact.sha256
            for artifact in store.objects.without_forgotten(record.artifacts)
            if _is_shown(store, artifact.sha256, artifact.media_type, mentions, is_over, seen)
        }
        redacted = _redacted(record, mentions)
        found.files |= files
        if redacted is not None:
            found.runs.append(redacted)
        if tracker_id and files:
            found.shown.append(tracker_id)
        if tracker_id and redacted and not _says_the_same(record, redacted):
            found.told.append(tracker_id)
        if is_over and record.verb == "export" and record.status == "finished":
            target = record.options.get("to") or record.options.get("subject")
            found.exports.append(str(target or record.id))
    return found


def _is_over(record: RunRecord, names: Collection[str], fingerprints: Collection[str]) -> bool:
    """Say whether a run worked on a version that held the rows, or may have."""
    used = {each.fingerprint for each in record.inputs}
    used |= {each.fingerprint for each in record.lineage}
    subject = read_reference(str(record.options.get("subject", "")).split(" ")[0])
    called = {each.name for each in record.inputs} | {subject.dataset if subject else ""}
    return not used.isdisjoint(fingerprints) or not called.isdisjoint(names)


def _is_shown(  # noqa: PLR0913 — a file, and how to look into it
    store: Store,
    sha256: str,
    media_type: str,
    mentions: Mentions,
    is_over: bool,
    seen: dict[tuple[str, bool], bool],
) -> bool:
    key = (sha256, is_over)
    if key not in seen:
        seen[key] = store.objects.has(sha256) and mentions.in_bytes(
            store.objects.read(sha256), media_type
        )
    return seen[key]


def _redacted(record: RunRecord, mentions: Mentions) -> RedactedRun | None:
    report, own = mentions.cut(record.report), mentions.in_words
    options, message = own.cut(record.options), own.cut(record.error_message)
    findings = {
        place: changed
        for place, finding in enumerate(record.findings)
        if (changed := _changed(finding, mentions))
    }
    is_same = (report, options, message) == (record.report, record.options, record.error_message)
    if is_same and not findings:
        return None
    return RedactedRun(record.id, report, options, message, findings)


def _says_the_same(record: RunRecord, redacted: RedactedRun) -> bool:
    """Say whether what trackers show of a run beside its files holds no value."""
    return (redacted.options, redacted.error_message) == (record.options, record.error_message)


def _changed(finding: Finding, mentions: Mentions) -> dict[str, Any]:
    """Give the fields of a finding that show a value, without it."""
    kept = replace(finding, entities=())
    made = {
        name: cut
        for name in ("name", "note", "detail")
        if (cut := mentions.cut(getattr(kept, name))) != getattr(kept, name)
    }
    entities = mentions.cut(list(finding.entities), "line")
    return made | ({} if entities == list(finding.entities) else {"entities": entities})
