"""From tables to suggestions, where it is known which labels are wrong or missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits, load_wine

from qforge_jupyter.engine.active_learning.asked import Asked
from qforge_jupyter.engine.active_learning.suggesting import SuggestCase, suggest
from qforge_jupyter.errors import CallError, DataError
from qforge_jupyter.frames import Table

NAMES = np.array(["barolo", "grignolino", "barbera"])


def wine():
    bunch = load_wine()
    return pl.DataFrame(bunch.data, schema=bunch.feature_names, orient="row").with_columns(
        bottle=pl.int_range(1, 179), cultivar=pl.Series(NAMES[bunch.target].tolist())
    )


WINE = wine()
RNG = np.random.default_rng(0)
WRONG = set(RNG.choice(178, 18, replace=False).tolist())
FLIPPED = WINE.with_columns(
    cultivar=pl.Series([
        NAMES[(NAMES.tolist().index(name) + 1) % 3] if row in WRONG else name
        for row, name in enumerate(WINE["cultivar"])
    ])
)  # fmt: skip
PARTLY = WINE.with_columns(
    cultivar=pl.when(pl.col("bottle") % 3 == 0).then("cultivar").otherwise(None)
)


def ask(frame, target="cultivar", seed=42, quality=None, **asked):  # noqa: ANN003 — fields of the question
    case = SuggestCase(Table.of_frame("wine", frame), Asked(target, **asked), quality, seed)
    return suggest(case)


def test_wrong_labels_of_real_wines_are_found_and_the_right_ones_proposed():
    found = ask(FLIPPED, keys=("bottle",))
    assert "errors" == found.find
    rows = found.rows
    hits = rows.filter(pl.col("row").is_in(list(WRONG)))
    assert hits.height >= 14
    assert hits.height / rows.height >= 0.75
    truth = WINE["cultivar"][hits["row"]]
    assert (hits["proposed"] == truth).mean() >= 0.9
    assert (rows["bottle"] == rows["row"] + 1).all()
    assert found.share_wrong.low <= 18 / 178 <= found.share_wrong.high


def test_the_queue_is_keys_a_score_that_falls_and_a_reason():
    found = ask(FLIPPED, keys=("bottle",))
    assert ["bottle", "score", "reason"] == found.queue.columns
    assert found.queue["score"].is_sorted(descending=True)
    assert found.queue["reason"].str.contains("the model says").all()


def test_without_keys_the_queue_has_a_line_for_every_row():
    found = ask(FLIPPED, top=3)
    assert 178 == found.queue.height
    assert (
        found.rows["row"].sort().to_list()
        == np.flatnonzero(found.queue["score"].is_not_null()).tolist()
    )


def test_rows_without_a_label_are_what_comes_next():
    found = ask(PARTLY, top=10)
    assert ("next", "uncertainty-diversity") == (found.find, found.strategy)
    assert 119 == found.n_candidates
    assert PARTLY[found.rows["row"]]["cultivar"].null_count() == 10
    assert 6 == found.curve.height


def test_it_says_to_stop_once_more_labels_change_nothing():
    easy = pl.DataFrame({"x": [i % 2 + i / 1e6 for i in range(1_000)]}).with_columns(
        kind=pl.when(pl.int_range(1_000) < 500).then(
            pl.when(pl.col("x") < 0.5).then(pl.lit("low")).otherwise(pl.lit("high"))
        )
    )
    found = ask(easy, "kind")
    assert found.should_stop is True
    assert "stable" in found.stopping


def test_it_says_to_go_on_while_predictions_still_change():
    noise = pl.DataFrame({"x": np.random.default_rng(1).normal(size=400)}).with_columns(
        kind=pl.when(pl.int_range(400) < 90).then(pl.Series(list("ab") * 200))
    )
    found = ask(noise, "kind", top=1)
    assert found.should_stop is False
    assert "still change" in found.stopping


def test_blank_texts_and_nan_are_no_labels():
    texts = PARTLY.with_columns(pl.col("cultivar").fill_null("  "))
    assert 59 == ask(texts, top=1).n_labeled
    numbers = PARTLY.with_columns(
        cultivar=pl.when(pl.col("cultivar").is_null()).then(float("nan")).otherwise(
            (pl.col("cultivar") == "barolo").cast(pl.Float64)
        )
    )  # fmt: skip
    assert 59 == ask(numbers, top=1, find="next").n_labeled


def test_the_order_of_the_rows_changes_nothing_but_their_places():
    shuffled = FLIPPED.sample(fraction=1, shuffle=True, seed=3)
    first, second = (ask(each, keys=("bottle",), top=12) for each in (FLIPPED, shuffled))
    same = set(first.rows["bottle"]) & set(second.rows["bottle"])
    assert len(same) >= 10  # a forest draws rows by their places


def test_the_same_seed_gives_the_same_rows():
    assert ask(PARTLY, top=9).rows.equals(ask(PARTLY, top=9).rows)
    drawn = [ask(PARTLY, strategy="random", top=9, seed=seed).rows["row"] for seed in (1, 2)]
    assert not drawn[0].equals(drawn[1])


def test_costly_rows_wait():
    priced = PARTLY.with_columns(cost=pl.when(pl.col("bottle") < 90).then(1_000.0).otherwise(1.0))
    found = ask(priced, cost="cost", top=10)
    assert (priced[found.rows["row"]]["cost"] == 1.0).all()


def test_texts_are_read_without_being_told():
    topics = {
        "sky": ["star", "galaxy", "nebula", "orbit"],
        "sea": ["wave", "tide", "coral", "reef"],
    }
    rng = np.random.default_rng(1)
    names = list(topics) * 60
    texts = [" ".join(rng.choice([*topics[name], "the", "and", "of"], 9)) for name in names]
    frame = pl.DataFrame({"body": texts, "topic": names})
    frame[0, "topic"], frame[7, "topic"] = "sea", "sky"
    found = ask(frame, "topic")
    assert "1 column of text" == found.learned_from
    assert {0, 7} == set(found.rows["row"].head(2))


def test_images_are_read_without_being_told():
    digits = load_digits()
    labels = digits.target[:600].copy()
    labels[:20] = (labels[:20] + 3) % 10
    frame = pl.DataFrame({"image": pl.Series(digits.images[:600]), "digit": labels})
    found = ask(frame, "digit")
    assert "1 column of images" == found.learned_from
    assert len(set(found.rows["row"]) & set(range(20))) >= 16
    assert 0.9 <= 1 - len(set(found.rows["row"]) - set(range(20))) / 580


def test_labels_leak_through_a_group_unless_it_is_named():
    rng = np.random.default_rng(0)
    patients = np.repeat(np.arange(60), 10)
    kind = rng.integers(0, 2, 60)[patients]
    frame = pl.DataFrame({"x": patients + rng.normal(0, 0.01, 600), "p": patients, "kind": kind})
    alone = ask(frame, "kind", columns=("x",)).accuracy
    apart = ask(frame, "kind", columns=("x",), group=("p",)).accuracy
    assert alone.value > 0.95
    assert apart.value < 0.75


def test_mixed_columns_nulls_and_hostile_names_are_learned_from():
    frame = FLIPPED.with_columns(
        pl.col("alcohol").alias("^.*$"),
        kind=pl.when(pl.col("bottle") % 5 > 0).then(pl.lit("a")).cast(pl.Categorical),
        day=pl.date(2024, 1, 1) + pl.duration(days=pl.col("bottle") % 9),
        empty=pl.lit(None),
        infinite=pl.when(pl.col("bottle") == 3).then(float("inf")).otherwise("hue"),
    ).rename({"hue": "*", "ash": "given"})
    found = ask(frame, keys=("bottle",))
    assert found.rows.height >= 10
    assert any("empty (it has one value)" in note for note in found.notes)
    assert repr(found)


def test_a_key_that_is_called_like_a_column_of_ours_keeps_its_name():
    found = ask(FLIPPED.rename({"bottle": "score"}), keys=("score",))
    assert ["score", "score_", "reason"] == found.queue.columns
    assert repr(found)
    assert found.findings()[0].rows == tuple(found.rows["row"])


def test_votes_of_labelers_choose_the_split_rows():
    frame = WINE.with_columns(
        ann=pl.col("cultivar"),
        ben=pl.when(pl.col("bottle") == 7).then(pl.lit("barbera")).otherwise("cultivar"),
    )
    found = ask(frame, find="next", strategy="disagreement", labelers=("ann", "ben"), top=1)
    assert [6] == found.rows["row"].to_list()


def test_scores_choose_the_lowest():
    quality = pl.Series([0.9] * 177 + [0.2])
    found = ask(WINE, find="next", strategy="low-score", quality=quality, top=1)
    assert [177] == found.rows["row"].to_list()


def test_rare_classes_are_not_judged_and_that_is_said():
    frame = FLIPPED.with_columns(
        cultivar=pl.when(pl.col("bottle") <= 2).then(pl.lit("rare")).otherwise("cultivar")
    )
    found = ask(frame)
    assert not {0, 1} & set(found.rows["row"])
    assert any("2 labels of 1 class that has fewer than 5 labels." in note for note in found.notes)


def test_two_labels_are_enough_to_suggest_what_comes_next():
    frame = WINE.with_columns(cultivar=pl.when(pl.col("bottle").is_in([1, 178])).then("cultivar"))
    found = ask(frame, top=5)
    assert (2, None) == (found.n_labeled, found.accuracy)
    assert any("cannot be told" in note for note in found.notes)


def test_without_any_label_the_rows_that_spread_furthest_come_first():
    frame = WINE.with_columns(cultivar=pl.lit(None, pl.String))
    found = ask(frame, top=5)
    assert "diversity" == found.strategy
    assert 5 == found.rows["row"].n_unique()


@pytest.mark.parametrize(
    ("frame", "asked", "kind", "said"),
    [
        (WINE, {"target": "cultiva"}, CallError, "did you mean 'cultivar'"),
        (WINE, {"target": "alcohol"}, None, ""),
        (WINE, {"cost": "costs"}, CallError, "which is no column"),
        (WINE, {"cost": "cultivar"}, DataError, "needs a column of numbers"),
        (WINE, {"strategy": "entropie"}, CallError, "did you mean 'entropy'"),
        (WINE, {"find": "errors", "strategy": "entropy"}, CallError, "ranked by their loss"),
        (WINE, {"folds": 1}, CallError, "`folds` lies between 2 and 50"),
        (WINE, {"top": 0}, CallError, "`top` lies between 1"),
        (WINE, {"columns": ("cultivar",)}, CallError, "give the answer away"),
        (WINE, {"columns": ("hues",)}, CallError, "did you mean 'hue'"),
        (WINE.clear(), {}, DataError, "has no rows"),
        (WINE.select("cultivar", "bottle"), {}, DataError, "No column is left"),
        (WINE.with_columns(cultivar=pl.lit("a")), {}, DataError, "are of one class"),
        (WINE.head(3), {"find": "errors"}, DataError, "are of one class"),
        (WINE[[0, 1, 60, 61, 140]], {"find": "errors"}, DataError, "one for each of 5 folds"),
        (
            WINE.with_columns(cultivar=pl.lit(None, pl.String)), {"find": "errors"}, DataError,
            "suspected errors need labels",
        ),
        (
            WINE.with_columns(cultivar=pl.lit(None, pl.String)),
            {"find": "next", "strategy": "margin"}, CallError, "at least two classes",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_one_sentence(frame, asked, kind, said):
    if kind is None:
        frame = pl.concat([frame.with_columns(alcohol=pl.col("alcohol") + i) for i in range(3)])
        kind, said = DataError, "different values and classes were wanted"
    with pytest.raises(kind, match=said) as caught:
        ask(frame, **asked)
    assert "\n" not in caught.value.message
    assert not caught.value.message.endswith(".")


@settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.floats(0, 0.6))
def test_any_table_gives_suggestions_or_one_sentence(seed, n_classes, empty):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 60))
    frame = pl.DataFrame({
        "x": rng.normal(size=n),
        "kind": rng.choice(["a", "b", None], n).tolist(),
        "y": [None if rng.random() < empty else str(rng.integers(n_classes)) for _ in range(n)],
    }, schema_overrides={"kind": pl.String, "y": pl.String})  # fmt: skip
    try:
        found = ask(frame, "y", top=5)
    except (CallError, DataError) as problem:
        assert problem.message
        return
    assert found.rows.height <= 5
    assert found.rows["row"].is_unique().all()
    assert repr(found)
    assert replace(found, rows=found.rows.clear()).document()
