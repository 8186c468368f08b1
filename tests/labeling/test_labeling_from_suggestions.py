"""From suspected label errors straight to a correction, and to the corrected version."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from sklearn.datasets import load_wine

import qforge_jupyter as qf
from qforge_jupyter.errors import CallError, DataError, QForgeError

BUNCH = load_wine()
NAMES = ["barolo", "grignolino", "barbera"]
TRUTH = [NAMES[code] for code in BUNCH.target]
GIVEN = [
    NAMES[(NAMES.index(name) + 1) % 3] if row % 10 == 4 else name for row, name in enumerate(TRUTH)
]
WINES = pl.DataFrame(BUNCH.data, schema=BUNCH.feature_names, orient="row").with_columns(
    bottle=pl.int_range(1, 179), cultivar=pl.Series(GIVEN)
)
N_SWAPPED = sum(one != other for one, other in zip(TRUTH, GIVEN, strict=True))


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with qf.open(str(tmp_path_factory.mktemp("lab")), tracker="none", actor="ann") as opened:
        opened.commit(WINES, to="golden/wines", by=["bottle"])
        opened.commit(WINES, to="look/wines", by=["bottle"])
        opened.commit(WINES.drop("bottle"), to="bare/wines")
        yield opened


@pytest.fixture(scope="module")
def doubts(ws: Any) -> Any:
    return ws.suggest("golden/wines", target="cultivar", find="errors")


def n_wrong(ws: Any, name: str) -> int:
    held = ws.checkout(name).frame["cultivar"].to_list()
    return sum(one != other for one, other in zip(TRUTH, held, strict=True))


def test_suspected_labels_are_corrected_into_the_next_version(ws, doubts):
    assert n_wrong(ws, "golden/wines") == N_SWAPPED == 18
    mending = ws.label("golden/wines", from_=doubts, as_="mara")
    assert ("correction", "most informative first") == (mending.type, mending.order)
    assert (("cultivar", "choose", "barbera, barolo, grignolino"),) == mending.questions
    assert doubts.rows.height == mending.progress["n_items"]
    seen = []
    while (item := mending.next()) is not None:
        bottle = item.fields["bottle"]
        seen.append(bottle)
        line = doubts.rows.filter(pl.col("bottle") == bottle).row(0, named=True)
        assert {"cultivar": line["proposed"]} == item.suggested
        assert (
            ("(given)", "cultivar", line["given"]),
            ("(suggested)", "cultivar", line["proposed"]),
        ) == item.others
        assert {} == item.mine
        mending.answer(item, cultivar=TRUTH[bottle - 1])  # mara looks at the bottle
    assert doubts.rows["bottle"].to_list() == seen  # the least probable label first
    report = ws.accept("golden/wines", message="suspected labels, looked at by mara")
    assert report.commit.n_modified == N_SWAPPED - n_wrong(ws, "golden/wines")
    assert n_wrong(ws, "golden/wines") <= N_SWAPPED / 4  # what benchmarks/test_suggestions.py bars
    assert WINES.drop("cultivar").equals(ws.checkout("golden/wines").frame.drop("cultivar"))


def test_a_view_begins_with_the_suggested_answer_and_shows_both(ws, doubts):
    mending = ws.label("look/wines", from_=doubts, as_="vera")
    (item, *_) = mending.handle({"id": 1, "kind": "hello"})["items"]
    first = doubts.rows.row(0, named=True)
    assert {"cultivar": first["proposed"]} == item["mine"]
    shown = [(one["labeler"], one["value"]) for one in item["others"]]
    assert [("(given)", first["given"]), ("(suggested)", first["proposed"])] == shown[:2]
    assert 0 == mending.progress["n_mine"]
    (following,) = mending.handle({"id": 2, "kind": "next", "after": 0})["items"]
    assert following["mine"] == following["suggested"] != {}
    mending.close()


def test_rows_without_keys_are_corrected_as_well(ws):
    doubts = ws.suggest("bare/wines", target="cultivar", find="errors", top=8)
    mending = ws.label("bare/wines", from_=doubts, as_="mara")
    before = n_wrong(ws, "bare/wines")
    while (item := mending.next()) is not None:
        mending.answer(item, **item.suggested)
    assert 8 == ws.accept("bare/wines").commit.n_modified
    assert n_wrong(ws, "bare/wines") < before


def test_the_body_says_what_is_asked_and_how_where_it_says_anything(ws, doubts):
    labeling = ws.label(
        "look/wines", from_=doubts, as_="eve", type="initial", top=3,
        **{"choose cultivar": {"b": "barolo", "g": "grignolino"}, "text why": "yes"},
    )  # fmt: skip
    assert ("initial", 3) == (labeling.type, labeling.progress["n_items"])
    assert () == labeling.next().others  # blind, as initial labeling is
    assert labeling.next().suggested in ({}, *({"cultivar": name} for name in NAMES[:2]))


def test_rows_to_label_next_are_labeled_and_nothing_is_proposed(ws):
    partly = WINES.with_columns(cultivar=pl.when(pl.col("bottle") % 3 == 0).then("cultivar"))
    ws.commit(partly, to="golden/partly", by=["bottle"])
    upcoming = ws.suggest("golden/partly", target="cultivar", top=5)
    labeling = ws.label("golden/partly", from_=upcoming, as_="ann")
    assert ("initial", 5) == (labeling.type, labeling.progress["n_items"])
    seen = []
    while (item := labeling.next()) is not None:
        assert ({}, ()) == (item.suggested, item.others)
        seen.append(item.fields["bottle"])
        labeling.answer(item, cultivar=TRUTH[item.fields["bottle"] - 1])
    assert upcoming.rows["bottle"].to_list() == seen
    ws.accept("golden/partly")
    held = ws.checkout("golden/partly").frame.filter(pl.col("bottle").is_in(seen))["cultivar"]
    assert [TRUTH[bottle - 1] for bottle in sorted(seen)] == held.to_list()


def test_the_same_call_goes_on_and_a_filter_narrows_it(ws, doubts):
    first = ws.label("look/wines", from_=doubts, as_="ida", where="bottle < 90")
    n = first.progress["n_items"]
    assert (doubts.rows["bottle"] < 90).sum() == n
    item = first.next()
    first.answer(item, **item.suggested)
    again = ws.label("look/wines", from_=doubts, as_="ida", where="bottle < 90")
    assert (1, n - 1) == (again.progress["n_done"], again.progress["n_left"])


@pytest.mark.parametrize("kind", [pl.Boolean, pl.Int8, pl.Categorical])
def test_labels_of_other_types_come_back_in_their_type(tmp_path, kind):
    x = [float(n) for n in range(40)]
    y = pl.Series([n >= 20 for n in range(40)])
    y[3] = True
    y = y.cast(pl.Int8).cast(pl.String).cast(kind) if kind == pl.Categorical else y.cast(kind)
    with qf.open(str(tmp_path), tracker="none", actor="ann") as ws:
        frame = pl.DataFrame({"id": range(40), "x": x, "y": y})
        ws.commit(frame, to="t", by=["id"])
        doubts = ws.suggest("t", target="y", find="errors")
        labeling = ws.label("t", from_=doubts)
        item = labeling.next()
        assert 3 == item.fields["id"]
        labeling.answer(item, **item.suggested)
        ws.accept("t")
        after = ws.checkout("t").frame
        assert frame.schema == after.schema
        assert after["y"][3] == after["y"][0]


def test_what_does_not_fit_is_one_sentence(ws, doubts):
    ws.commit(WINES.rename({"bottle": "number"}), to="other", by=["number"])
    for table, from_, error, said in (
        ("other", doubts, DataError, "do not have the key 'number'.*suggest  by number"),
        ("bare/wines", ws.suggest(WINES.head(100), target="cultivar", find="errors"), DataError,
         "100 rows without keys, and 178 are labeled"),
        ("golden/wines", ws.checkout("golden/wines"), QForgeError,
         "from_ wants a suggestions and a"),
    ):  # fmt: skip
        with pytest.raises(error, match=said) as refused:
            ws.label(table, from_=from_, as_="mara")
        assert "\n" not in str(refused.value)
    gone = WINES.filter(~pl.col("bottle").is_in(doubts.rows["bottle"].implode()))
    ws.commit(gone, to="gone", by=["bottle"])
    with pytest.raises(DataError, match=r"None of the .* is among these rows"):
        ws.label("gone", from_=doubts, as_="mara")
    odd = WINES.rename({"cultivar": "the cultivar"})
    ws.commit(odd, to="odd", by=["bottle"])
    with pytest.raises(CallError, match="named with letters"):
        ws.label("odd", from_=ws.suggest("odd", target="the cultivar", find="errors"))
