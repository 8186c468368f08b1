"""Agreement as a cell and in Python, over variables, files and stored datasets."""

from __future__ import annotations

import json

import polars as pl
import pytest

from qforge_jupyter.workspace import Workspace

NAMES = ["ada", "ben", "chi"]
ANSWERS = ["yyy", "nnn", "yyn", "nny", "yyy", "nnn", "yny", "nnn"] * 10
RATINGS = pl.DataFrame(
    [
        (f"m{item}", name, "yes" if answer == "y" else "no", item)
        for item, row in enumerate(ANSWERS)
        for name, answer in zip(NAMES, row, strict=True)
    ],
    schema=["molecule", "annotator", "label", "day"],
    orient="row",
)
ROLES = "by molecule --labeler annotator --value label"


def test_a_cell_gives_the_report_and_keeps_it(notebook):
    notebook.names["ratings"] = RATINGS
    report = notebook.run(f"%qforge agreement ratings {ROLES} into report")
    assert notebook.names["report"] is report
    (run,) = notebook.context.store.runs.list(verb="agreement")
    kept = notebook.context.store.runs.get(run.id)
    assert kept.report == json.loads(json.dumps(report.payload()))
    assert "krippendorff_alpha_nominal" in {metric.name for metric in kept.metrics}
    assert [each.role for each in kept.inputs] == ["subject"]


def test_labels_can_be_worked_with(notebook):
    notebook.names["ratings"] = RATINGS
    notebook.run(f"%qforge agreement ratings {ROLES} --aggregate majority into report")
    notebook.run("labels = report.labels")
    assert notebook.names["labels"]["label"].to_list()[:1] == ["yes"]
    assert "labels" in repr(notebook.run("%qforge score labels by table"))


@pytest.mark.parametrize("aggregate", ["majority", "dawid-skene", "one-coin"])
def test_python_says_the_same_as_the_cell(notebook, aggregate):
    notebook.names["ratings"] = RATINGS
    cell = notebook.run(
        f"%qforge agreement ratings {ROLES} --time day --windows 4 --aggregate {aggregate}"
    )
    python = Workspace(notebook.context).agreement(
        RATINGS,
        by="molecule",
        labeler="annotator",
        value="label",
        time="day",
        windows=4,
        aggregate=aggregate,
        name="ratings",
    )
    assert repr(cell) == repr(python)


def test_a_file_and_a_stored_dataset_say_the_same_as_a_variable(notebook):
    notebook.names["ratings"] = RATINGS
    RATINGS.write_parquet("ratings.parquet")
    notebook.run("%qforge commit ratings to judgements -m first")
    variable, file, dataset = (
        notebook.run(f"%qforge agreement {subject} {ROLES}")
        for subject in ("ratings", "ratings.parquet", "judgements@main")
    )
    assert variable.coefficients.equals(file.coefficients)
    assert variable.coefficients.equals(dataset.coefficients)


def test_the_seed_decides_the_intervals(notebook):
    notebook.names["ratings"] = RATINGS
    first, again, other = (
        notebook.run(f"%qforge agreement ratings {ROLES} seed {seed}") for seed in (1, 1, 2)
    )
    assert first.coefficients.equals(again.coefficients)
    assert not first.coefficients.equals(other.coefficients)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("by molecul --labeler annotator --value label", "did you mean 'molecule'?"),
        ("by molecule --labeler anotator --value label", "did you mean 'annotator'?"),
        (f"{ROLES} --level ordinal", "list the answers from low to high as --categories"),
        (f"{ROLES} --level interval", "wanted numbers for the level interval"),
        (f"{ROLES} --windows 0", "There are 0 windows, wanted 1 to 200"),
        (f"{ROLES} --resamples 3", "There are 3 resamples, wanted at least 100"),
        (f"{ROLES} --aggregate dawid", "dawid-skene"),
    ],
)
@pytest.mark.parametrize("mode", ["", " --dry-run"])
def test_what_is_wrong_is_said_in_one_sentence_before_the_work(notebook, options, said, mode):
    notebook.names["ratings"] = RATINGS
    assert said in notebook.sentence(f"%qforge agreement ratings {options}{mode}")


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        (RATINGS.filter(annotator="ada"), ROLES, "names 1 labeler, wanted at least two"),
        (pl.concat([RATINGS, RATINGS]), f"{ROLES} --repeats refuse", "rated an item again"),
        (RATINGS, f"{ROLES} --categories yes,maybe", "is none of the 2 categories"),
        (RATINGS.head(0), ROLES, "names 0 labelers"),
    ],
)
def test_what_the_rows_show_is_said_in_one_sentence(notebook, rows, options, said):
    notebook.names["ratings"] = rows
    assert said in notebook.sentence(f"%qforge agreement ratings {options}")


def test_the_rule_for_two_ratings_of_one_item_is_said(notebook):
    notebook.names["ratings"] = pl.concat([RATINGS, RATINGS.head(2)])
    report = notebook.run(f"%qforge agreement ratings {ROLES}")
    assert "2 ratings were replaced by a later one of the same labeler" in repr(report)
    assert "the last one in the table counts" in repr(report)


def test_an_ordinal_level_takes_the_order_that_is_given(notebook):
    notebook.names["ratings"] = RATINGS
    report = notebook.run(
        f"%qforge agreement ratings {ROLES} --level ordinal --categories no,maybe,yes"
    )
    assert report.questions["n_categories"].to_list() == [3]
