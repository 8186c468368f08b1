"""Many molecules: one row each, retries recorded, nothing finished is lost."""

import json
import re
import time
from itertools import count

import polars as pl
import pytest

pytest.importorskip("tblite")
pytest.importorskip("rdkit")

from qforge_jupyter.engine.chemistry.calculating import calculate
from qforge_jupyter.engine.chemistry.molecule import Molecule
from qforge_jupyter.engine.chemistry.molecules import read_molecules, read_unbuilt
from qforge_jupyter.errors import CallError
from qforge_jupyter.results.calculation import CalculationReport

HARD = Molecule("LiF at 6 Å", (3, 9), ((0.0, 0.0, 0.0), (0.0, 0.0, 6.0)))


@pytest.fixture(scope="module")
def mixed():
    named = ["O", "C1CC", "[U]", "CCO", "*C"]
    return calculate([*read_molecules(named), HARD])


def test_rows_keep_the_order_of_the_input(mixed: CalculationReport):
    assert mixed.frame["name"].to_list() == ["O", "C1CC", "[U]", "CCO", "*C", "LiF at 6 Å"]


def test_failures_are_rows_with_a_kind(mixed: CalculationReport):
    kinds = mixed.frame["failure_kind"].to_list()
    assert kinds == [None, "parse", "unsupported_element", None, "embed", None]
    assert mixed.failed["energy"].null_count() == 3
    assert mixed.frame["converged"].to_list() == [True, False, False, True, False, True]


def test_a_failure_known_beforehand_costs_no_attempt(mixed: CalculationReport):
    assert mixed.failed["attempts"].to_list() == [0, 0, 0]


def test_a_hard_case_is_retried_and_each_attempt_kept(mixed: CalculationReport):
    assert mixed.retried["name"].to_list() == ["LiF at 6 Å"]
    tried = mixed.attempts.filter(pl.col("row") == 5)
    *failed, last = tried["outcome"]
    assert set(failed) == {"scf_not_converged"}
    assert last == "converged"
    assert tried["settings"].to_list()[0] == "as set"
    assert tried["settings"].to_list()[-1] == mixed.frame["settings"].to_list()[-1]
    assert tried["n_iterations"].to_list()[0] == 250


def test_five_iterations_are_mended_by_the_ladder():
    asked = read_molecules("g2:CH3CH2OH")
    hurried = calculate(asked, max_iterations=5)
    assert hurried.frame["attempts"].item() == 2
    energies = [hurried.frame["energy"].item(), calculate(asked).frame["energy"].item()]
    assert energies[0] == pytest.approx(energies[1], abs=1e-6)


def test_a_case_that_no_rung_solves_reports_the_whole_ladder():
    # Thresholds below machine precision cannot be met by any settings.
    report = calculate(read_molecules("CCO"), accuracy=1e-30, max_iterations=30)
    assert report.failed["failure_kind"].to_list() == ["scf_not_converged"]
    assert report.attempts.height == 6
    assert report.attempts["settings"].to_list()[-2:] == [
        "re-embedded",
        "re-embedded, cooled from 10,000 K",
    ]


def test_all_of_g2_converges():
    report = calculate(read_molecules("g2"))
    assert report.n_finished == 162
    assert report.frame.filter(pl.col("lumo").is_null())["name"].sort().to_list() == list("FHNO")
    flat = report.frame.filter(pl.col("gap") == 0)["name"].sort().to_list()
    assert flat == ["Al", "B", "C", "CH", "NO", "Si"]


@pytest.mark.parametrize("after", [0, 1, 3])
def test_an_interrupt_keeps_what_is_finished(after: int):
    def stop(done: int, total: int | None, note: str = "") -> None:  # noqa: ARG001 — a progress takes three
        if done == after + 1:
            raise KeyboardInterrupt

    report = calculate(read_molecules("g2"), progress=stop)
    assert report.is_interrupted
    assert report.frame.height == after + 1
    assert report.frame["energy"].null_count() == 0
    assert report.n_asked == 162
    assert "were not reached" in repr(report)


def test_no_molecule_begins_after_the_time_limit():
    ticks = count(step=1.0)
    report = calculate(read_molecules(["C", "CC", "CCC"]), clock=lambda: next(ticks), limit_s=7)
    assert report.frame["failure_kind"].to_list() == [None, "timeout", "timeout"]


def test_no_attempt_begins_after_the_time_limit_of_a_molecule():
    report = calculate([HARD], molecule_limit_s=0.0)
    assert report.attempts.height == 1
    assert report.frame["failure_kind"].to_list() == ["timeout"]


def test_the_text_holds_no_time_and_is_the_same_twice():
    texts = {repr(calculate(read_molecules(["O", "C1CC"]))) for _ in range(2)}
    assert len(texts) == 1
    assert "second" not in texts.pop()


def test_the_payload_is_json_and_the_same_twice():
    payloads = [calculate(read_molecules(["O", "C1CC"])).payload() for _ in range(2)]
    assert json.dumps(payloads[0]) == json.dumps(payloads[1])
    assert payloads[0]["failures"] == {"parse": 1}


def test_time_and_rate_are_metrics(mixed: CalculationReport):
    metrics = {metric.name: metric.value for metric in mixed.metrics()}
    assert metrics["n"] == 6
    assert metrics["n_failed"] == 3
    assert metrics["rate"] == pytest.approx(6 / metrics["seconds"])


def test_each_kind_of_failure_is_a_finding(mixed: CalculationReport):
    assert [(f.name, f.rows) for f in mixed.findings()] == [
        ("embed", (4,)),
        ("parse", (1,)),
        ("unsupported_element", (2,)),
    ]


def test_results_can_be_read_back_as_molecules(mixed: CalculationReport):
    again = calculate(read_molecules(mixed.frame.head(1)))
    assert again.frame["energy"].item() == pytest.approx(mixed.frame["energy"][0], abs=1e-8)


def test_nothing_at_all_is_an_empty_report():
    report = calculate([])
    assert report.frame.height == 0
    assert "0 of 0" in repr(report)
    assert report.frame["charges"].dtype == pl.List(pl.Float64)


def test_an_unknown_setting_suggests_the_nearest():
    with pytest.raises(CallError, match="did you mean 'max_iterations'"):
        calculate([], max_iteration=3)


def test_spin_polarisation_stands_in_the_method_column():
    report = calculate(read_molecules("g2:O2"), is_spin_polarized=True)
    assert report.frame["method"].item() == "spGFN2-xTB"


SLOW = Molecule(  # a chain of 300 carbon atoms keeps one thread busy for seconds
    "long chain",
    (6,) * 300,
    tuple((1.3 * i, 0.4 * (i % 2), 0.0) for i in range(300)),
)


def test_a_calculation_that_takes_too_long_is_stopped_and_the_next_one_done():
    water = read_molecules("g2:H2O")[0]
    started = time.perf_counter()
    report = calculate([SLOW, water], molecule_limit_s=3.0)
    assert ["timeout", None] == report.frame["failure_kind"].to_list()
    assert "stopped" in report.frame["failure_message"][0]
    assert ["timeout", "converged"] == report.attempts["outcome"].to_list()
    # Two starts of a process are in it; without the limit the chain alone takes longer.
    assert time.perf_counter() - started < 150


#: RDKit needs a minute for the geometry of 200 carbon atoms in a row.
LARGE = "C" * 200


def test_a_geometry_that_takes_too_long_is_stopped_and_the_next_one_made():
    report = calculate(read_unbuilt([LARGE, "O"]), molecule_limit_s=3.0)
    assert ["timeout", None] == report.frame["failure_kind"].to_list()
    assert [LARGE, "O"] == report.frame["smiles"].to_list()
    assert [0, 1] == report.frame["attempts"].to_list()


def test_the_limit_of_the_run_counts_for_geometries():
    report = calculate(read_unbuilt([LARGE, "O"]), limit_s=3.0)
    assert ["timeout", "timeout"] == report.frame["failure_kind"].to_list()
    assert [LARGE, "O"] == report.frame["smiles"].to_list()


def test_geometries_made_elsewhere_are_the_same_to_the_last_digit():
    from rdkit import Chem

    asked = ["C[C@H](N)C(=O)O", Chem.MolFromSmiles("OCC"), "C1CC", None, "[CH3]", "g2:H2O"]
    free, limited = calculate(read_molecules(asked)), calculate(read_unbuilt(asked), limit_s=60)
    same = pl.exclude("seconds")
    assert free.frame.select(same).equals(limited.frame.select(same))


def test_the_limit_of_the_run_stops_what_is_running():
    water = read_molecules("g2:H2O")[0]
    report = calculate([SLOW, water], limit_s=3.0)
    assert ["timeout", "timeout"] == report.frame["failure_kind"].to_list()
    assert [1, 0] == report.frame["attempts"].to_list()


def test_a_limit_that_is_not_reached_changes_no_digit():
    asked = read_molecules(["O", "CCO", "[U]"])
    free, limited = calculate(asked), calculate(asked, molecule_limit_s=60)
    same = pl.exclude("seconds")
    assert free.frame.select(same).equals(limited.frame.select(same))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"max_iterations": -5}, "`max iterations` is -5, wanted a number within 1 .. 100000"),
        ({"accuracy": 0}, "`accuracy` is 0, wanted a number within 0 <.. 10000"),
        ({"mixer_damping": 2.0}, "within 0 <.. 1"),
        ({"mixer_memory": -1}, "within 0 .. 10000"),
        ({"electronic_temperature_K": float("nan")}, "within 0 .. 100000"),
        ({"limit_s": -1}, "`limit_s` is -1, wanted 0 seconds or more"),
    ],
)
def test_a_setting_out_of_range_is_refused_with_the_range(setting, said):
    with pytest.raises(CallError, match=re.escape(said)):
        calculate([], **setting)
