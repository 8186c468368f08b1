"""Cells as people write them, in a real shell on a real store."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import QualityError
from tests.flows.conftest import CALCS, CARD, Notebook, rows_of

SCORE = f"%%qforge score calcs into report\n{CARD}"
APPROVE = '--approve-lineage --reason "reviewed"'


def runs(notebook: Notebook) -> list[tuple[str, str]]:
    frame = notebook.context.store.read_table("run").sort("started_at")
    return frame.select("verb", "status").rows()


def test_a_scored_table_is_bound_and_recorded(notebook: Notebook):
    report = notebook.run(SCORE)
    assert notebook.names["report"] is report
    assert (report.name, report.n_rows) == ("calcs", 12)
    assert runs(notebook) == [("score", "finished")]


def test_scoring_then_certifying_gives_the_ready_rows(notebook: Notebook):
    notebook.run(SCORE)
    certificate = notebook.run(f"%qforge certify calcs from report {APPROVE}")
    assert certificate.ready.height == 11
    assert certificate.refusals == (("undocumented outlier", 1),)


def test_lineage_is_approved_with_a_reason_only(notebook: Notebook):
    notebook.run(SCORE)
    assert "needs a reason" in notebook.sentence(
        "%qforge certify calcs from report --approve-lineage"
    )


def test_another_table_is_not_certified_by_this_report(notebook: Notebook):
    notebook.run(SCORE)
    notebook.names["others"] = CALCS.head(11)
    assert "others is not the table that was scored as calcs" in notebook.sentence(
        f"%qforge certify others from report {APPROVE}"
    )


def test_a_table_in_another_order_has_the_same_certified_rows(notebook: Notebook):
    notebook.run(SCORE)
    notebook.names["turned"] = CALCS.reverse()
    certificate = notebook.run(f"%qforge certify turned from report {APPROVE}")
    assert "m11" not in certificate.ready["id"].to_list()


def test_a_documented_outlier_may_be_certified_also_after_reopening(notebook: Notebook):
    notebook.run(SCORE)
    notebook.run(
        f'%qforge certify calcs from report {APPROVE} --document-outliers "a noble gas" '
        "--where \"id = 'm11'\" --all"
    )
    notebook.run("%reload_ext qforge_jupyter")
    notebook.names["turned"] = CALCS.reverse()
    notebook.run(SCORE.replace("calcs", "turned"))
    assert notebook.run("%qforge certify turned from report --all").n_ready == 12


def test_only_the_outliers_that_are_meant_are_documented(notebook: Notebook):
    notebook.run(SCORE)
    certificate = notebook.run(
        f'%qforge certify calcs from report {APPROVE} --document-outliers "x" --where "gap < 5"'
    )
    assert (certificate.n_documented, certificate.n_ready) == (0, 11)


def test_outliers_documented_by_outliers_count_for_certify(notebook: Notebook):
    notebook.run('%qforge outliers calcs --columns gap --document "right"')
    notebook.run(SCORE)
    assert notebook.run(f"%qforge certify calcs from report {APPROVE} --all").n_ready == 12


def test_demanding_every_row_is_refused_with_the_first_reason(notebook: Notebook):
    notebook.run(SCORE)
    problem, said = notebook.fail(f"%qforge certify calcs from report {APPROVE} --all into c")
    assert isinstance(problem, QualityError)
    assert "only 11 of 12 rows can be certified, first because of 'undocumented outlier'" in said
    assert notebook.names["c"].n_ready == 11
    assert runs(notebook)[-1] == ("certify", "refused")


def test_what_could_not_be_measured_cannot_be_certified(notebook: Notebook):
    notebook.run("%%qforge score calcs into report\nrequired: id")
    assert "calcs cannot be certified, because" in notebook.sentence(
        f"%qforge certify calcs from report {APPROVE}"
    )


def test_a_gate_that_refuses_still_binds_and_keeps_the_report(notebook: Notebook):
    problem, said = notebook.fail(f"{SCORE}refuse if: overall <= 100%")
    assert isinstance(problem, QualityError)
    assert "calcs is refused: overall is 1.000" in said
    assert notebook.names["report"].n_rows == 12
    assert runs(notebook) == [("score", "refused")]
    assert notebook.context.store.read_table("metric").height > 5


def test_a_gate_without_a_score_to_judge_refuses(notebook: Notebook):
    notebook.names["calcs"] = CALCS.clear()
    assert "overall has no score" in notebook.sentence(f"{SCORE}refuse if: overall < 0.5")


def test_why_explains_a_row_and_a_table(notebook: Notebook):
    notebook.names["calcs"] = CALCS.with_columns(gap=pl.Series([99.0, None, *CALCS["gap"][2:]]))
    notebook.run(SCORE)
    row = notebook.run("%qforge why report at 1")
    assert "gap    completeness  null" in repr(row)
    assert "Not evaluable here: gap in range" in repr(row)
    assert "gap in range" in repr(notebook.run("%qforge why report"))


def test_why_says_what_is_not_evaluable_only(notebook: Notebook):
    notebook.names["t"] = pl.DataFrame({"a": [1, None], "b": [None, None]}, strict=False)
    notebook.run("%%qforge score t into report\nrules:\n  either: a is null or a = 1 or b = 1")
    assert "Not evaluable" not in repr(notebook.run("%qforge why report at 0"))


def test_a_flipped_byte_is_found(notebook: Notebook, quiet_place: Path):
    notebook.run(SCORE)
    assert notebook.run("%qforge verify").content["is_intact"]
    held = next(path for path in quiet_place.rglob("objects/**/*") if path.is_file())
    held.chmod(0o600)
    content = bytearray(held.read_bytes())
    content[len(content) // 2] ^= 1
    held.write_bytes(bytes(content))
    assert "stored objects: damaged" in notebook.sentence("%qforge verify")


def test_a_changed_table_is_found(notebook: Notebook):
    notebook.run(SCORE)
    assert notebook.run("%qforge verify report against calcs").content["is_intact"]
    notebook.names["calcs"] = CALCS.with_columns(pl.col("gap") + 1e-9)
    assert "differs" in notebook.sentence("%qforge verify report against calcs")


def test_a_report_is_verified_against_something(notebook: Notebook):
    notebook.run(SCORE)
    assert "against TABLE" in notebook.sentence("%qforge verify report")


def test_sql_binds_values_and_names_tables(notebook: Notebook):
    notebook.names["limit"] = "m3' or 'a' = 'a"
    assert (
        notebook.run("%%qforge sql into a\nselect id from calcs where id = {{limit}}").height == 0
    )
    notebook.names["limit"] = "m3"
    notebook.run("%%qforge sql into a\nselect id from calcs where id = {{limit}}")
    assert notebook.names["a"].frame.rows() == [("m3",)]


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "copy (select 1) to 'out.csv'",
        "attach 'x.db'",
        "install httpfs",
        "set enable_external_access = true",
        "create table t as select 1",
        "select * from nothing",
        "select 1; select 2",
        "selec 1",
        "-- nothing",
    ],
)
def test_sql_reads_what_it_is_given_and_nothing_else(
    notebook: Notebook, quiet_place: Path, query: str
):
    notebook.sentence(f"%%qforge sql\n{query}")
    assert not (quiet_place / "out.csv").exists()


def test_sql_reads_the_tables_of_the_store(notebook: Notebook):
    notebook.run(SCORE)
    answer = notebook.run("%%qforge sql\nselect verb, n_rows from qforge.run")
    assert answer.frame.rows() == [("score", 12)]


def test_a_table_that_is_not_there_is_named_with_the_nearest(notebook: Notebook):
    said = notebook.sentence("%%qforge sql\nselect * from calc")
    assert "No table named 'calc' in the kernel: did you mean 'calcs'?" in said


def test_status_audit_and_help_are_pages(notebook: Notebook):
    notebook.run(SCORE)
    assert "1 runs" in repr(notebook.run("%qforge status"))
    assert "chain intact" in repr(notebook.run("%qforge audit"))
    assert "score" in repr(notebook.run("%qforge help"))
    assert "ranges" in repr(notebook.run("%qforge score?"))


def test_use_switches_the_workspace(notebook: Notebook, quiet_place: Path):
    notebook.run(SCORE)
    notebook.run("%qforge use ./other")
    assert (quiet_place / "other" / "store.db").exists()
    assert runs(notebook) == [("use", "finished")]


@pytest.mark.parametrize(
    "target",
    ["postgresql+psycopg://nobody@localhost:1/x", "mysql://x", "/dev/null/lab", "nonsense://"],
)
def test_a_workspace_that_cannot_be_opened_leaves_the_old_one_open(notebook: Notebook, target: str):
    notebook.run(SCORE)
    notebook.sentence(f"%qforge use {target}")
    assert runs(notebook) == [("score", "finished"), ("use", "failed")]


def test_a_dry_run_says_what_would_be_and_keeps_nothing(notebook: Notebook):
    before = rows_of(notebook.context)
    page = notebook.run(SCORE.replace("into report", "into report --dry-run"))
    assert "Nothing was computed" in repr(page)
    assert (rows_of(notebook.context), "report" in notebook.names) == (before, False)


@pytest.mark.parametrize(
    "cell",
    [
        SCORE,
        "%qforge score calcs by table into report",
        "%%qforge score calcs by table into report --seed 7\nweights: {uniqueness: 0}",
        "%qforge outliers calcs --method mad --columns gap,homo into odd",
        '%qforge outliers calcs by id --document "right" --where "gap > 5" into odd',
        "%qforge why report at 3 into page",
        "%qforge verify report against calcs into page",
        f"%qforge certify calcs from report {APPROVE} into page",
        "%%qforge sql into answer\nselect gap from calcs where id = {{wanted}}",
        "%qforge sql select gap from calcs where id = {{wanted}} into answer",
        "%qforge sql 'select gap from calcs where id = {{wanted}}' into answer",
        "%qforge load calcs.csv into table",
        "%qforge load calcs into table",
        "%qforge load calcs --name other into table",
        "%qforge load calcs.csv --separator=, --nulls=NA,x --name other into table",
        "%qforge score calcs.csv into report",
        "%qforge status into page",
        "%qforge audit --top 3 into page",
        "%qforge help score into page",
        "%qforge sync into page",
    ],
)
def test_the_same_in_python_gives_the_same(
    notebook: Notebook, quiet_place: Path, cell: str, capsys: pytest.CaptureFixture[str]
):
    CALCS.write_csv("calcs.csv")
    notebook.names["wanted"] = "m3"
    notebook.run(SCORE)
    header, _, body = cell.partition("\n")
    capsys.readouterr()
    notebook.shell.run_cell(f"{header} --as-python\n{body}")
    statement = capsys.readouterr().out
    name = header.partition(" into ")[2].split()[0]
    with qf.open(str(quiet_place / "lab")) as ws:
        namespace = {**notebook.names, "ws": ws}
        if name != "report":
            namespace["report"] = ws.score(CALCS, name="calcs")
        exec(statement, namespace)  # noqa: S102 - what the cell printed is what is tested
    notebook.run("%qforge use ./again")
    if name != "report":
        notebook.run("%qforge score calcs into report")
    notebook.run(cell)
    written, done = namespace[name].payload(), notebook.names[name].payload()
    for page in (written, done):
        page.pop("runs", None)
    assert json.dumps(written, default=str) == json.dumps(done, default=str)


def test_the_workspace_of_use_is_opened_by_the_same_in_python(
    notebook: Notebook, capsys: pytest.CaptureFixture[str]
):
    notebook.shell.run_cell("%qforge use ./lab2 --as-python")
    assert capsys.readouterr().out.strip() == "ws = qf.open('./lab2')"


def test_an_interrupt_is_recorded_and_says_so(notebook: Notebook):
    class Stopping:
        """Rows that the user stops."""

        def __arrow_c_stream__(self, schema: object = None) -> object:
            raise KeyboardInterrupt

    notebook.names["held"] = Stopping()
    problem, said = notebook.fail("%qforge score held")
    assert isinstance(problem, KeyboardInterrupt)
    assert "Traceback" not in said


def test_settings_of_the_environment_are_honoured(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("QFORGE_QUALITY_SCORE_THRESHOLD", "0.123456789")
    monkeypatch.setenv("QFORGE_OUTLIER_IQR_MULTIPLIER", "1000")
    monkeypatch.setenv("QFORGE_QUALITY_WEIGHTS", '{"validity": 1}')
    notebook.run("%qforge use ./lab")
    report = notebook.run(SCORE)
    assert report.card["ml_ready"].startswith("overall >= 0.123456789 and")
    assert (dict(report.outliers), report.card["weights"]) == ({"gap": 0}, {"validity": 1.0})
    assert notebook.run("%qforge outliers calcs --columns gap").n_outlier_rows == 0


def test_a_file_of_settings_stands_below_the_environment(
    notebook: Notebook, quiet_place: Path, monkeypatch: pytest.MonkeyPatch
):
    lines = "QFORGE_OUTLIER_Z_SCORE_THRESHOLD=1.5\nQFORGE_QUALITY_MINIMUM_FIELDS=0.6\n"
    (quiet_place / ".env").write_text(lines)
    monkeypatch.setenv("QFORGE_QUALITY_MINIMUM_FIELDS", "0.5")
    notebook.run("%qforge use ./lab")
    report = notebook.run(f"{SCORE}outliers: z")
    assert "completeness >= 0.5 " in report.card["ml_ready"]
    assert report.card["outliers"]["threshold"] == 1.5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUALITY_SCORE_THRESHOLD", "80"),
        ("QUALITY_SCORE_THRESHOLD", "nan"),
        ("OUTLIER_IQR_MULTIPLIER", "-1"),
        ("OUTLIER_Z_SCORE_THRESHOLD", "inf"),
        ("DATASET_RANDOM_SEED", ""),
        ("PROGRESS", "maybe"),
        ("QUALITY_WEIGHTS", "much"),
        ("QUALITY_WEIGHTS", '{"validity": "x"}'),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, name: str, value: str
):
    monkeypatch.setenv(f"QFORGE_{name}", value)
    assert f"QFORGE_{name}: " in notebook.sentence("%qforge use ./lab")


def test_weights_of_the_environment_are_checked_when_they_are_used(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("QFORGE_QUALITY_WEIGHTS", '{"validty": 1}')
    assert "QFORGE_QUALITY_WEIGHTS: no weighted dimension" in notebook.sentence(SCORE)


def test_fractions_that_do_not_make_one_are_told(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("QFORGE_TRAIN_FRACTION", "0.9")
    assert "add up to 1.2, wanted 1" in notebook.sentence("%qforge use ./lab")


def test_an_unknown_tracker_is_one_sentence(notebook: Notebook, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QFORGE_TRACKER", "mlfow")
    assert "mlfow" in notebook.sentence("%qforge use ./lab")


def test_a_run_names_who_did_what_with_which_seed(notebook: Notebook):
    notebook.run(SCORE.replace("into report", "into report --seed 7 --device cpu"))
    run = notebook.context.store.read_table("run").row(0, named=True)
    assert (run["actor"], run["seed"], run["device"], run["n_rows"]) == ("ann", 7, "cpu", 12)
    assert str(Path.cwd()) not in json.dumps(run, default=str)


def test_quiet_shows_nothing_and_binds(notebook: Notebook):
    assert notebook.run(SCORE.replace("into report", "into report --quiet")) is None
    assert notebook.names["report"].n_rows == 12


def test_sql_works_as_a_line(notebook: Notebook):
    assert notebook.run('%qforge sql "select 1 as a" into one').height == 1


def test_a_variable_with_a_path_names_a_file(notebook: Notebook):
    CALCS.write_csv("calcs.csv")
    notebook.names["source"] = "calcs.csv"
    assert notebook.run("%qforge load {{source}} into table").frame.equals(CALCS)
    assert "'source' is a str" in notebook.sentence("%qforge load source")


def test_sql_on_a_line_keeps_its_own_words(notebook: Notebook):
    notebook.run("%qforge sql select id as name from calcs where gap > 5 order by id into odd")
    assert notebook.names["odd"].frame.rows() == [("m11",)]


def test_what_is_wrong_in_a_line_of_sql_has_its_caret(notebook: Notebook):
    drawn = notebook.sentence("%qforge sql select id from calcs where id = '{{x}}'").split("\n")
    assert drawn[1][drawn[2].index("^") :] == "'{{x}}'"


def test_a_device_that_does_not_exist_is_refused(notebook: Notebook):
    assert "write cpu, cuda" in notebook.sentence(
        "%%qforge score calcs --device nonsense\nrequired: id"
    )
