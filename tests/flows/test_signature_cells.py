"""Checks are remembered, matched and named, in each workspace apart."""

import numpy as np
import polars as pl
import pytest

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, QualityError

RNG = np.random.default_rng(5)


def rows(spread):
    hidden = RNG.normal(size=(1_500, 1))
    held = 40 + 12 * spread * (hidden + RNG.normal(size=(1_500, 4)))
    return pl.DataFrame(held, schema=["age", "pay", "days", "size"]).with_columns(
        plan=pl.Series(RNG.choice(["A", "B", "C"], 1_500))
    )


REAL, FRESH, NARROW, NARROWER = rows(1), rows(1), rows(0.5), rows(0.4)
OTHER_REAL, OTHER_NARROW = (
    rows(spread).drop("size", "plan").rename({"age": "depth", "pay": "salt", "days": "heat"}) * 3
    for spread in (1, 0.45)
)
SHIFTED = rows(1).with_columns(pl.col("age", "pay") + 9)
HOSTILE = '<img src=x onerror=alert(1)> & "flips" {{7*7}} \'; DROP TABLE run'


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request, tmp_path):
    """Give what opens the test's store, each time as another process would."""
    target = str(tmp_path / "lab")
    if request.param == "postgresql":
        target = request.getfixturevalue("postgresql_database")()
    return lambda: qf.open(target, tracker="none", folder=str(tmp_path / "files"), actor="ann")


def test_a_check_says_what_it_looks_like_and_a_fit_one_does_not(opened):
    with opened() as ws:
        narrow = ws.check(NARROW, against=REAL, name="narrow")
        assert "variance shrunk" == narrow.looks_like[0].mode
        assert "Looks like: variance shrunk" in repr(narrow)
        fit = ws.check(FRESH, against=REAL, name="fresh")
        assert () == fit.looks_like
        assert "fit: there is no damage to be named" == ws.match(fit).said
        with pytest.raises(CallError, match="only damage that a check found can be named"):
            ws.remember(fit, as_="anything")


def test_a_name_that_is_remembered_is_found_again(opened):
    with opened() as ws:
        first = ws.check(NARROW, against=REAL, name="narrow")
        ws.remember(first, as_="too careful a sampler", note="turn the temperature up")
        again = ws.check(NARROWER, against=REAL, name="narrower")
        assert "too careful a sampler" in {each.mode for each in again.looks_like}
        assert "“too careful a sampler”" in repr(again)
        found = ws.match(again)
        (case,) = [each for each in found.cases if each.origin == "remembered"]
        assert ("too careful a sampler", "narrow") == (case.mode, case.table)
        assert "turn the temperature up" == case.note
        assert case.made_at is not None
        assert {first.run_id} == {each.run_id for each in found.past}


def test_a_second_name_replaces_the_first(opened):
    with opened() as ws:
        verdict = ws.check(NARROW, against=REAL)
        ws.remember(verdict, as_="a")
        ws.remember(verdict, as_="b")
        kept = ws.context.store.read_table("signature")
        assert ["b"] == kept["label"].to_list()


def test_a_check_that_was_refused_is_found_by_later_ones(opened):
    with opened() as ws:
        with pytest.raises(QualityError) as refused:
            ws.check(NARROW, against=REAL, name="narrow", refuse_if="collapsed")
        kept = ws.context.store.read_table("signature")
        assert [refused.value.result.run_id] == kept["id"].to_list()
        later = ws.check(NARROWER, against=REAL, name="narrower")
        (past,) = ws.match(later).past
        assert ("narrow", "collapsed") == (past.table, past.verdict)


def test_what_helped_once_is_told_of_another_table_that_failed_alike(opened):
    with opened() as ws:
        verdict = ws.check(NARROW, against=REAL, name="narrow")
        ws.remember(verdict, as_="too careful a sampler")
        plan = ws.recommend(verdict, only=["quantile-map", "clip"])
        assert (("quantile-map",), "helps") == (plan[0].fixes, plan[0].standing)
        fixed = ws.fix(NARROW, with_=plan[0], name="narrow")
        after = ws.check(fixed.frame, against=fixed.held_out, name="mended")
        assert "fit" == after.verdict
        with opened() as colleague:
            other = OTHER_REAL, OTHER_NARROW
            found = colleague.match(colleague.check(other[1], against=other[0], name="other"))
        (case,) = [each for each in found.cases if each.origin == "remembered"]
        said = f"map quantiles to the reference's ({fixed.gain.value:+.1f})"
        assert ("too careful a sampler", said) == (case.mode, case.helped)
        assert (f"What helped narrow (“too careful a sampler”): {said}.",) == found.helped
        assert found.helped[0] in " ".join(repr(found).split())


def test_a_name_that_ships_is_told_from_the_same_name_given_here(opened):
    with opened() as ws:
        verdict = ws.check(NARROW, against=REAL, name="narrow")
        ws.remember(verdict, as_=verdict.looks_like[0].mode)
        found = ws.match(ws.check(NARROWER, against=REAL, name="narrower"))
        same = [each.is_remembered for each in found.modes if each.mode == "variance shrunk"]
        assert [False, True] == sorted(same)
        assert found.modes[0].n_near == sum(
            each.mode == "variance shrunk" and each.origin == "reference" for each in found.cases
        )


def test_a_check_that_was_refused_can_be_remembered_too(opened):
    with opened() as ws:
        with pytest.raises(QualityError) as refused:
            ws.check(NARROW, against=REAL, refuse_if="collapsed")
        ws.remember(refused.value.result, as_="refused one")
        kept = ws.context.store.read_table("signature")
        assert ["refused one"] == kept["label"].to_list()
        assert [refused.value.result.run_id] == kept["run_id"].to_list()


def test_only_new_rows_are_read_and_rows_that_went_are_forgotten(opened):
    with opened() as ws, opened() as colleague:
        first = ws.check(SHIFTED, against=REAL, name="shifted")
        assert () == ws.match(first).past
        second = colleague.check(NARROW, against=REAL, name="narrow")
        assert ["narrow"] == [each.table for each in ws.match(first).past]
        third = colleague.check(NARROWER, against=REAL, name="narrower")
        assert {"narrow", "narrower"} == {each.table for each in ws.match(first).past}
        assert {first.run_id, second.run_id, third.run_id} == set(
            ws.context.store.signatures.index(1, list, is_named=False).ids
        )


def test_a_hostile_name_is_shown_as_text(opened):
    with opened() as ws:
        ws.remember(ws.check(NARROW, against=REAL), as_=HOSTILE)
        again = ws.check(NARROWER, against=REAL)
        for shown in (again, ws.match(again)):
            page = shown._repr_mimebundle_()[0]["text/html"]
            assert "<img src=x" not in page
            assert "&lt;img src=x" in page


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_has_1_to_80_characters(tmp_path, name):
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        verdict = ws.check(NARROW, against=REAL)
        with pytest.raises(CallError, match="wanted 1 to 80"):
            ws.remember(verdict, as_=name)


@pytest.mark.parametrize("words", [{"as_": "a\0b"}, {"as_": "\ud800"}, {"as_": "a", "note": "\0"}])
def test_characters_that_no_store_keeps_are_refused(tmp_path, words):
    with qf.open(str(tmp_path / "lab"), tracker="none") as ws:
        verdict = ws.check(NARROW, against=REAL)
        with pytest.raises(CallError, match="characters that cannot be shown"):
            ws.remember(verdict, **words)


def test_a_cell_names_and_matches(notebook):
    notebook.names.update({"real": REAL, "narrow": NARROW, "narrower": NARROWER})
    notebook.run("%qforge check narrow against real into verdict")
    named = notebook.run('%qforge remember verdict as "label flips from vendor X"')
    assert "label flips from vendor X" == named.mode
    notebook.run("%qforge check narrower against real into later")
    found = notebook.run("%qforge match later top 5 into near")
    assert 5 == len(found.cases)
    assert "label flips from vendor X" in {each.mode for each in found.modes}
    notebook.fail("%qforge match later top 0")
