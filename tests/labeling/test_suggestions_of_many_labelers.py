"""Labels of several people: which to ask again and whom, as cleanlab itself says it."""

from __future__ import annotations

from importlib.metadata import distribution
from typing import Any

import numpy as np
import polars as pl
import pytest
from cleanlab.multiannotator import get_label_quality_multiannotator

import qforge_jupyter as qf
from qforge_jupyter.engine.active_learning.many_labelers import judge_labelers
from qforge_jupyter.errors import QForgeError

#: VADER's words with the ten ratings that were published of each (Hutto and Gilbert, 2014).
LEXICON = (
    pl.read_csv(
        distribution("vaderSentiment").locate_file("vaderSentiment/vader_lexicon.txt"),
        separator="\t",
        has_header=False,
        quote_char=None,
        new_columns=["word", "mean", "deviation", "valences"],
    )
    .filter(pl.col("word").str.contains("^[a-z]+$"))
    .unique("word", keep="last")
    .sort("word")
)
FEELINGS = ("negative", "neutral", "positive")
WORDS = LEXICON.sample(300, seed=1).sort("word")
OPINIONS = (
    WORDS.select(
        "word", rater=pl.lit([f"rater{n}" for n in range(10)]),
        valence=pl.col("valences").str.extract_all(r"-?\d").cast(pl.List(pl.Int64)),
    )
    .explode("rater", "valence")
    .with_columns(
        feeling=pl.col("valence").sign().replace_strict(dict(zip((-1, 0, 1), FEELINGS)))  # noqa: B905 — three and three
    )
)  # fmt: skip
#: What a model learns from: the word's letters are not enough, its spread and mean would tell all.
TABLE = WORDS.select("word", about=pl.col("mean") + pl.col("deviation") / 10)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with qf.open(str(tmp_path_factory.mktemp("lab")), tracker="none", actor="ann") as opened:
        opened.commit(TABLE, to="words", by=["word"])
        yield opened


@pytest.fixture(scope="module")
def found(ws: Any) -> Any:
    return ws.suggest(
        "words", target="feeling", find="errors", ratings=OPINIONS, labeler="rater", top=1000
    )


def test_items_and_labelers_are_judged_as_cleanlab_judges_them():
    rng = np.random.default_rng(0)
    said = rng.dirichlet(np.ones(3) * 0.6, WORDS.height)
    places = {word: place for place, word in enumerate(WORDS["word"])}
    answers = OPINIONS.select(
        row=pl.col("word").replace_strict(places), labeler="rater", label="feeling"
    ).sample(fraction=0.6, seed=3)  # not everybody rated everything
    ours = judge_labelers(answers, said, FEELINGS, seed=1)
    wide = answers.pivot("labeler", index="row", values="label").sort("row")
    names = sorted(name for name in wide.columns if name != "row")
    codes = wide.select(
        pl.col(name).replace_strict(dict(zip(FEELINGS, range(3), strict=True))) for name in names
    ).to_numpy().astype(float)  # fmt: skip
    theirs = get_label_quality_multiannotator(codes, said[wide["row"].to_numpy()], verbose=False)
    items, people = theirs["label_quality"], theirs["annotator_stats"]
    assert wide["row"].to_list() == ours.rows.tolist()
    assert items["consensus_label"].to_list() == ours.consensus.tolist()
    np.testing.assert_allclose(items["consensus_quality_score"], ours.quality)
    np.testing.assert_allclose(items["annotator_agreement"], ours.agreement)
    assert items["num_annotations"].to_list() == ours.n_labels.tolist()
    by_name = {names[at]: row for at, row in people.iterrows()}
    for line in ours.labelers.iter_rows(named=True):
        told = by_name[line["labeler"]]
        assert told["annotator_quality"] == pytest.approx(line["quality"])
        assert told["agreement_with_consensus"] == pytest.approx(line["agreement"])
        assert told["num_examples_labeled"] == line["n_labels"]
        assert FEELINGS[int(told["worst_class"])] == line["weakest"]
    best = sorted(by_name, key=lambda name: -by_name[name]["annotator_quality"])
    for row, asked in zip(codes, ours.asked_next, strict=True):
        free = [name for name in best if np.isnan(row[names.index(name)])]
        assert (names.index(free[0]) if free else -1) == asked


def test_a_table_of_ratings_says_whom_to_ask_about_what(found):
    assert 10 == found.labelers.height
    assert {300} == set(found.labelers["n_labels"])
    assert found.labelers["quality"].is_sorted(descending=True)
    assert found.rows["self_confidence"].is_sorted()
    assert set(found.rows["asked_next"]) == {None}  # all ten have rated every word
    split = found.rows.filter(pl.col("agreement") == 1)  # here only the model contradicts
    assert split.height < found.rows.height
    text = repr(found)
    assert "Who labels how well" in text
    assert "Rows to label once more" in text


def test_who_has_not_labeled_a_row_is_asked_the_best_first(ws, found):
    best = found.labelers["labeler"][0]
    some = OPINIONS.filter((pl.col("rater") != best) | (pl.col("word") < "m"))
    partly = ws.suggest(
        "words", target="feeling", find="errors", ratings=some, labeler="rater", top=1000
    )
    late = partly.rows.filter(pl.col("word") >= "m")
    assert {best} == set(late["asked_next"])
    assert {None} == set(partly.rows.filter(pl.col("word") < "m")["asked_next"])


def test_columns_of_labelers_say_the_same_as_a_table(ws, found):
    wide = OPINIONS.pivot("rater", index="word", values="feeling")
    frame = TABLE.join(wide, on="word", maintain_order="left").with_columns(feeling=pl.lit(None))
    raters = [name for name in frame.columns if name.startswith("rater")]
    same = ws.suggest(
        frame.with_columns(pl.col("feeling").cast(pl.String)), target="feeling", find="errors",
        by=["word"], labelers=raters, top=1000,
    )  # fmt: skip
    assert same.rows.equals(found.rows)
    assert same.labelers.equals(found.labelers)


def test_labels_of_sessions_are_judged_and_asked_again(ws):
    asked = {"choose feeling": list(FEELINGS), "overlap": 3}
    said = {(word, rater): feeling for word, rater, _, feeling in OPINIONS.rows()}
    some = TABLE["word"][:60].to_list()
    for name, rater in (("al", "rater0"), ("bo", "rater1"), ("cy", "rater4")):
        labeling = ws.label("words", as_=name, **asked)
        for word in some if name != "cy" else some[:40]:
            labeling.answer(word, feeling=said[word, rater])
    report = ws.suggest("words", target="feeling", top=1000)
    assert ["al", "bo", "cy"] == sorted(report.labelers["labeler"])
    counts = dict(report.labelers.select("labeler", "n_labels").rows())
    assert {"al": 60, "bo": 60, "cy": 40} == counts
    late = report.rows.filter(pl.col("n_labels") == 2)
    assert {"cy"} == set(late["asked_next"])
    again = ws.label("words", from_=report, as_="dora")
    item = again.next()
    first = report.rows.row(0, named=True)
    assert (first["word"], first["proposed"]) == (item.fields["word"], item.suggested["feeling"])


def test_what_cannot_be_compared_is_one_sentence(ws):
    for options, said in (
        ({"ratings": OPINIONS}, r"no column 'labeler'.*word, labeler and feeling"),
        ({"ratings": OPINIONS.rename({"word": "w"}), "labeler": "rater"}, "no column 'word'"),
        ({"ratings": OPINIONS.with_columns(word=pl.lit("?")), "labeler": "rater"}, "None of the"),
        ({"ratings": OPINIONS, "labelers": ["word"]}, "keep one of --labelers, --ratings"),
        ({"labelers": ["words"]}, "did you mean 'word'"),
    ):
        with pytest.raises(QForgeError, match=said) as refused:
            ws.suggest("words", target="feeling", find="errors", **options)
        assert "\n" not in str(refused.value)


def test_what_labelers_dispute_comes_first_by_ratings_and_by_sessions(ws):
    some = OPINIONS.filter(pl.col("rater").is_in(["rater0", "rater1"]), pl.col("word") < "d")
    votes = some.group_by("word").agg(n=pl.col("feeling").n_unique())
    split = set(votes.filter(pl.col("n") == 2)["word"])
    assert 3 < len(split) < votes.height
    options: Any = {"target": "feeling", "strategy": "disagreement", "top": len(split)}
    by_table = ws.suggest("words", ratings=some, labeler="rater", **options)
    assert ("next", votes.height) == (by_table.find, by_table.n_candidates)
    assert split == set(by_table.rows["word"])
    ws.commit(TABLE, to="disputed", by=["word"])
    for name, rater in (("al", "rater0"), ("bo", "rater1")):
        labeling = ws.label(
            "disputed", as_=name, **{"choose feeling": list(FEELINGS), "overlap": 2}
        )
        for word, feeling in some.filter(pl.col("rater") == rater).select("word", "feeling").rows():
            labeling.answer(word, feeling=feeling)
    assert ws.suggest("disputed", **options).rows.equals(by_table.rows)


def test_disagreement_of_nobody_is_refused(ws):
    ws.commit(TABLE.with_columns(feeling=pl.lit("neutral")), to="alone", by=["word"])
    with pytest.raises(QForgeError, match="no answers of several labelers are known: name"):
        ws.suggest("alone", target="feeling", strategy="disagreement")
