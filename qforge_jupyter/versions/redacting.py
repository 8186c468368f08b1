"""What was recorded of rows: runs, their files, and what lies outside of the store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from qforge_jupyter.results.changes import RedactedJob, RedactedRun
from qforge_jupyter.results.run import Artifact, Finding, RunRecord
from qforge_jupyter.store.opening import Store
from qforge_jupyter.versions.forgetting import Erased
from qforge_jupyter.versions.kept_files import KeptFiles
from qforge_jupyter.versions.mentions import Mentions, near, rare
from qforge_jupyter.versions.references import read_reference

#: The parts of a job's call that users write; the others say where it runs.
_SAID_BY_JOBS = ("subject", "subject_text", "options", "body")


@dataclass
class Recorded:
    """What runs have kept of the rows.

    Attributes
    ----------
    runs
        Runs without the values.
    files
        Hashes of artifacts that show values.
    moved
        By the hash of a table with the rows, the table without them.
    exports
        Where runs wrote files with the rows to.
    manifests
        Starts of the hashes of all manifests that exports have written.
    shown
        Runs whose files showed values, each with its id in the tracker.
    told
        Runs whose options or errors held values, as they are now, likewise.
    made
        Runs that worked on the rows, likewise: what users logged there may hold them.

    """

    runs: list[RedactedRun] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    moved: dict[str, Artifact] = field(default_factory=dict)
    exports: list[str] = field(default_factory=list)
    manifests: set[str] = field(default_factory=set)
    shown: list[tuple[RunRecord, str]] = field(default_factory=list)
    told: list[tuple[RunRecord, str]] = field(default_factory=list)
    made: list[tuple[RunRecord, str]] = field(default_factory=list)


def recorded_of(store: Store, erased: Erased, every: Mentions) -> Recorded:
    """Look through every run for values of the rows.

    Parameters
    ----------
    store
        The open store.
    erased
        Versions that held the rows.
    every
        All that may show them: looked for in runs over those versions. In runs over
        what was made of these, texts of other rows are left alone; in all other runs
        only what can be nothing else is looked for.

    """
    found, files = Recorded(), KeptFiles(store.objects)
    scopes = _Scopes(erased, every)
    seen: list[tuple[RunRecord, str, Mentions]] = []
    for record, tracker_id in store.forgetting.runs():
        mentions = scopes.of(record)
        is_made = mentions is not scopes.rare
        kept = replace(record, artifacts=store.objects.without_forgotten(record.artifacts))
        is_shown = _redacted(record, mentions, record.artifacts) is not None
        if files.look(kept, mentions, is_shown=is_shown, is_made=is_made) and tracker_id:
            found.shown.append((record, tracker_id))
        if is_made and tracker_id:
            found.made.append((record, tracker_id))
        if is_made and record.verb == "export" and record.status == "finished":
            found.exports.append(_place_of(record))
        found.manifests |= {one.fingerprint for one in record.lineage if one.method == "export"}
        seen.append((record, tracker_id, mentions))
    for record, tracker_id, mentions in seen:
        redacted = _redacted(record, mentions, files.artifacts(record))
        if redacted is None:
            continue
        found.runs.append(redacted)
        if tracker_id and not _says_the_same(record, redacted):
            now = replace(record, options=redacted.options, error_message=redacted.error_message)
            found.told.append((now, tracker_id))
    found.files, found.moved = files.gone | set(files.moved), files.moved
    return found


def redacted_jobs(store: Store, erased: Erased, every: Mentions) -> tuple[RedactedJob, ...]:
    """Look through the calls of jobs, and what they say, for values of the rows."""
    names, found = {each.name for each in erased.datasets}, []
    for job in store.jobs.list():
        called = (job.subject, *job.call["options"].values())
        references = [read_reference(each) for each in called if isinstance(each, str)]
        is_over = any(each is not None and each.dataset in names for each in references)
        own = (every if is_over else rare(every)).in_words
        said = {name: own.cut(job.call[name], name) for name in _SAID_BY_JOBS}
        now = RedactedJob(
            job.id, {**job.call, **said}, own.cut(job.doing), own.cut(job.error_message)
        )
        if (now.call, now.doing, now.error_message) != (job.call, job.doing, job.error_message):
            found.append(now)
    return tuple(found)


class _Scopes:
    """How closely each run is looked through: by what it worked on."""

    def __init__(self, erased: Erased, every: Mentions) -> None:
        self._names = {each.name for each in erased.datasets}
        self._contents = set(erased.fingerprints)
        self._made: set[str] = set()
        self.every, self.near, self.rare = every, near(every), rare(every)

    def of(self, record: RunRecord) -> Mentions:
        """Give what to look for in a run; they are asked for from the first run on."""
        used = {each.fingerprint for each in record.inputs}
        used |= {each.fingerprint for each in record.lineage}
        used |= {one for each in record.lineage for one in each.inputs}
        subject = read_reference(str(record.options.get("subject", "")).split(" ")[0])
        called = {each.name for each in record.inputs} | {subject.dataset if subject else ""}
        is_over = not used.isdisjoint(self._contents) or not called.isdisjoint(self._names)
        if is_over or not used.isdisjoint(self._made):
            self._made |= {each.fingerprint for each in record.lineage} - self._contents
            return self.every if is_over else self.near
        return self.rare


def _place_of(record: RunRecord) -> str:
    target = record.options.get("to") or record.options.get("subject") or record.id
    return str(target)


def _redacted(
    record: RunRecord, mentions: Mentions, artifacts: tuple[Artifact, ...]
) -> RedactedRun | None:
    report, own = mentions.cut(record.report), mentions.in_words
    options, message = own.cut(record.options), own.cut(record.error_message)
    findings = {
        place: changed
        for place, finding in enumerate(record.findings)
        if (changed := _changed(finding, mentions))
    }
    steps = {
        place: cut
        for place, step in enumerate(record.lineage)
        if (cut := own.cut(step.parameters)) != step.parameters
    }
    now = (report, options, message, artifacts)
    was = (record.report, record.options, record.error_message, record.artifacts)
    if now == was and not findings and not steps:
        return None
    return RedactedRun(record.id, report, options, message, findings, steps, artifacts)


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
    made |= {} if entities == list(finding.entities) else {"entities": entities}
    # How far a value lies from the others gives the value.
    return made | ({"statistic": None} if made and finding.statistic is not None else {})
