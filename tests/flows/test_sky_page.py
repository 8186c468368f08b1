"""Every cell of the page on the sky runs, and the page says what the code does."""

from typing import get_args

from page_cells import run_page, text_of

from qforge_jupyter.sky.troubles import TroubleKind


def test_the_page_runs_from_top_to_bottom(notebook):
    run_page(notebook, "sky.md")
    parts = [notebook.names[name] for name in ("train", "validation", "test")]
    assert all(len(part) for part in parts)
    fields = [set(part["field"]) for part in parts]
    assert sum(map(len, fields)) == len(set.union(*fields))
    told = notebook.names["told"]
    assert {"missing file": 2, "outside of the image": 1} == dict(
        told.errors.group_by("kind").len().iter_rows()
    )


def test_the_page_names_every_kind_of_trouble():
    page = " ".join(text_of("sky.md").split())
    assert [] == [kind for kind in get_args(TroubleKind) if kind not in page]
