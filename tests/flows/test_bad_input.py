"""What is wrong with a cell is one sentence, and nothing of it is kept."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.flows.conftest import CALCS, CARD, Notebook, rows_of

SCORE = "%%qforge score calcs\n"
WRONG = [
    ("%qforge scor calcs", "did you mean 'score'?"),
    ("%qforge", None),
    ("%qforge 'score calcs", "quot"),
    ("%qforge score", "needs something to work on"),
    ("%qforge score calc", "did you mean 'calcs'?"),
    ("%qforge score number", "'number' is a int"),
    ("%qforge score 42", "there is no '42'"),
    ("%qforge score nothere.csv", "nothere.csv"),
    ("%qforge score 'a\0b'", "there is no"),
    ("%qforge score " + "x" * 5000, "there is no"),
    ("%qforge score ../../../etc/shadowy", ""),
    ("%qforge score https://localhost:1/x.csv", ""),
    ("%qforge score {{calcs.nope}}", ""),
    ("%qforge score {{nope}}", ""),
    ("%qforge score calcs by tabel", "did you mean 'table'?"),
    ("%qforge score calcs by", "needs a value"),
    ("%qforge score calcs --colour red", "No option 'colour' of score"),
    ("%qforge score calcs --rules-from nothere.json", "nothere.json"),
    ("%qforge score calcs --rules-from number", "Rules were wanted and a int came"),
    ("%qforge score calcs --seed many", "'seed' wants a whole number"),
    ("%qforge score calcs --device", "needs a value"),
    ("%qforge score calcs into a, b", "2 names came"),
    ("%qforge score calcs into 1a", ""),
    ("%qforge outliers calcs --method iq", "did you mean 'iqr'?"),
    ("%qforge outliers calcs --columns gapp", "did you mean 'gap'?"),
    ("%qforge outliers calcs --columns id", "wanted a number"),
    ("%qforge outliers calcs --threshold -1", ""),
    ("%qforge outliers calcs --threshold nan", ""),
    ("%qforge outliers calcs by nope", "'nope'"),
    ("%qforge outliers calcs --where 'gap > 1'", "--document"),
    ("%%qforge outliers calcs\na: b", "takes no body"),
    ("%qforge certify calcs", ""),
    ("%qforge certify calcs from calcs", "A score was wanted and 'calcs' is none"),
    ("%qforge certify calcs from nothing", "A score was wanted"),
    ("%qforge why calcs", "A score was wanted"),
    ("%qforge why", "needs something"),
    ("%qforge verify calcs", "certificate or score was wanted"),
    ("%qforge help scor", "did you mean 'score'?"),
    ("%qforge status calcs", "works on nothing"),
    ("%qforge audit --top x", "wants a whole number"),
    ("%qforge load nothere.parquet", "nothere.parquet"),
    ("%qforge load", "needs something"),
    ("%qforge calculate number", ""),
    ("%qforge calculate calcs with gfn2-xtc", ""),
    (SCORE + "rangs:\n  gap: 0 .. 1", "No key 'rangs' in score: did you mean 'ranges'?"),
    (SCORE + "ranges:\n  gapp: 0 .. 1", "did you mean 'gap'?"),
    (SCORE + "ranges:\n  gap: 0 .. 1 foo", "foo"),
    (SCORE + "ranges:\n  gap: 9 .. 1", "low end lies above"),
    (SCORE + "units: {gap: foo}\nranges: {gap: 0 .. 1 eV}", ""),
    (SCORE + "ranges: [a]", "keys and values"),
    (SCORE + "ranges: {id: 0 .. 1}", "needs numbers"),
    (SCORE + "required: nope", "'nope'"),
    (SCORE + "required: gap when nope > 1", "'nope'"),
    (SCORE + "rules:\n  r: __import__('os')", ""),
    (SCORE + "rules:\n  r: gap <", ""),
    (SCORE + "rules: {r: gap}", "compare it"),
    (SCORE + "rules: {r: " + "(" * 3000 + "}", ""),
    (SCORE + "weights: {validty: 1}", "validty"),
    (SCORE + "weights: {validity: -1}", ""),
    (SCORE + "weights: {validity: much}", "number"),
    (SCORE + "bands: {exclude: 0.5}", "exclude"),
    (SCORE + "outliers: sigma", ""),
    (SCORE + "outliers: {method: iqr, by: nope}\nranges: {gap: 0 ..}", "'nope'"),
    (SCORE + "ml ready: overall >= best", ""),
    (SCORE + "refuse if: nonsense", ""),
    (SCORE + "refuse if: no failed rule", "compares scores"),
    (SCORE + "accuracy: {gap: nope}", "'nope'"),
    (SCORE + "unique by: [nope]", "'nope'"),
    (SCORE + "patterns: {id: '('}", "cannot be used"),
    (SCORE + "patterns: {id: '(a{1000}){1000}'}", "cannot be used"),
    (SCORE + "required: id\nrequired: gap", ""),
    (SCORE + "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", ""),
    (SCORE + "required: !!python/object/apply:os.system ['id']", ""),
    (SCORE + "required: [id", ""),
    (SCORE + "\trequired: id", ""),
    (SCORE + "just text", ""),
    (SCORE + "required: {{nope}}", "nope"),
]


@pytest.mark.parametrize(("cell", "said"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_cell_is_one_sentence_and_leaves_no_result(
    notebook: Notebook, cell: str, said: str | None
):
    notebook.names["number"] = 42
    before = rows_of(notebook.context)
    if said is None:
        notebook.run(cell)
        return
    assert said in notebook.sentence(cell)
    grown = {name: n - before[name] for name, n in rows_of(notebook.context).items()}
    # A call that failed is written down as that, and nothing else is.
    views = {"performance", "batch_statistics"}
    assert {name for name, n in grown.items() if n} - views <= {"run", "event", "workspace"}
    kept = notebook.context.store.read_table("run")
    assert set(kept["status"]) <= {"failed"}


def test_the_caret_stands_under_the_word(notebook: Notebook):
    drawn = notebook.sentence(SCORE + CARD.replace("homo < lumo", "homo < lumoo")).split("\n")
    assert drawn[0].startswith("DataError: line 6: ")
    assert drawn[1][drawn[2].index("^") :].startswith("lumoo")


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(),
        pl.DataFrame({"gap": []}),
        pl.DataFrame({"gap": [None, None]}),
        pl.DataFrame({"gap": [1.0]}),
        pl.DataFrame({"gap": [float("nan"), float("inf")]}),
        pl.DataFrame({"gap": ["x" * 1_000_000, "<script>alert(1)</script>"]}),
        pl.DataFrame({"gap": [1, "a", None]}, strict=False, schema={"gap": pl.Object}),
        pl.DataFrame({f"c{i}": [1.0] for i in range(10_000)}),
        CALCS.lazy().with_columns(pl.col("id").cast(pl.Int64)),
        pl.LazyFrame({"a": [1]}).select("b"),
        [],
        {},
        {"a": [1, 2], "b": [1]},
        [{"a": 1}, {"a": "x"}],
    ],
    ids=range(14),
)
def test_any_table_is_scored_or_refused_in_a_sentence(notebook: Notebook, frame: object):
    notebook.names["calcs"] = frame
    outcome = notebook.shell.run_cell("%qforge score calcs into report")
    said = "".join(notebook.capsys.readouterr())
    assert "Traceback" not in said
    if outcome.success:
        page, _ = notebook.names["report"]._repr_mimebundle_()
        assert len(page["text/html"]) <= 100_000
        assert "<script>alert" not in page["text/html"]


def test_a_plan_that_fails_half_way_is_a_sentence(notebook: Notebook, quiet_place: Path):
    lines = ["a"] + ["1"] * 600 + ["x"]
    (quiet_place / "broken.csv").write_text("\n".join(lines))
    notebook.names["lazy"] = pl.scan_csv("broken.csv", infer_schema_length=5)
    assert "lazy" in notebook.sentence("%%qforge score lazy\nrequired: a")


def test_a_plan_without_an_order_is_looked_at_once(notebook: Notebook):
    rows = pl.LazyFrame({"k": list(range(2_000)) * 3, "gap": [1.0, 99.0] * 3_000})
    notebook.names["calcs"] = rows.group_by("k").agg(pl.col("gap").first())
    report = notebook.run("%%qforge score calcs\nrequired: k\nranges: {gap: 0 .. 50}")
    assert set(report.bad["observed"]) == {"99.0"}


@pytest.mark.parametrize("name", ["True", "None", "_", "for", "report", "qf", "%qforge"])
def test_a_result_is_bound_to_a_name_that_can_be(notebook: Notebook, name: str):
    outcome = notebook.shell.run_cell(f"%qforge status into {name}")
    assert "Traceback" not in "".join(notebook.capsys.readouterr())
    assert outcome.success == (name in notebook.names and name != "True")


def test_a_secret_in_a_cell_is_in_no_output_and_in_no_table(notebook: Notebook):
    said = notebook.sentence("%qforge use postgresql+psycopg://me:hunter2@localhost:1/x")
    assert "hunter2" not in said
    notebook.sentence("%qforge load postgresql://me:hunter2@localhost:1/x --query 'select 1'")
    for table in notebook.context.store.table_names():
        assert "hunter2" not in str(notebook.context.store.read_table(table).rows())
