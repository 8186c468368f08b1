"""Which version of a dataset the run of a job made, whatever was committed since."""

from __future__ import annotations

from qforge_jupyter.results.jobs import Job
from qforge_jupyter.store.commits import KeptCommit
from qforge_jupyter.store.opening import Store


def version_of(store: Store, tip: KeptCommit, job: Job) -> KeptCommit:
    """Give the version with the fingerprint of the job's last success.

    Parameters
    ----------
    store
        The open store.
    tip
        The latest version of the branch that the job works on.
    job
        As it stands; where it found nothing new, its version is the one that stood then.

    """
    line: list[KeptCommit] = []
    at: KeptCommit | None = tip
    while at is not None:
        if at.fingerprint == job.fingerprint:
            return at
        line.append(at)
        at = store.commits.get(at.parents[0]) if at.parents else None
    over = job.succeeded_at
    return next((each for each in line if over and each.committed_at <= over), tip)
