"""Every cell of the page on jobs runs, and the page says what the code does."""

from page_cells import run_page, text_of

from qforge_jupyter.engine.collectors import _sky_chunks
from qforge_jupyter.jobs.crew import BEAT_S, LEASE_S
from qforge_jupyter.verbs import VERBS
from qforge_jupyter.verbs._job_calls import is_long
from qforge_jupyter.verbs._job_work import TRIES


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "jobs.md")
    states = dict(notebook.run("%qforge jobs").select("name", "state").rows())
    assert {"tiers": "done", "nightly": "done", "collect-1": "done"} == states


def test_the_page_names_every_verb_that_runs_as_a_job_and_the_numbers_of_the_code():
    page = " ".join(text_of("jobs.md").split())
    long = ", ".join(f"`{name}`" for name in VERBS.names() if is_long(name))
    numbers = (f"{_sky_chunks.LEAST} to {_sky_chunks.MOST:,} cut-outs", f"every {BEAT_S:.0f} seco",
               f"({TRIES} times by a schedule)")  # fmt: skip
    assert 60 == LEASE_S  # "after a minute"
    assert [] == [said for said in (f"{long}.", *numbers) if said not in page]
