"""A card has no empty section, the same bytes for the same facts, and no live markup."""

from __future__ import annotations

import re

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qforge_jupyter.frames.column_facts import column_facts
from qforge_jupyter.frames.table import Table
from qforge_jupyter.results.dataset_card import CardFacts, PartFacts, write_card
from qforge_jupyter.results.run import LineageStep

PART = PartFacts("train", 1_200, "f" * 32, (("gap", "Float64", 3, "1 to 2, mean 1.5"),))


def test_every_heading_has_something_below_it():
    card = write_card(CardFacts("calcs", (PART,)), [("train", "a.parquet")])
    body = card.split("---\n", 2)[2]
    blocks = [block for block in re.split(r"\n{2,}", body.strip()) if block]
    for block, after in zip(blocks, [*blocks[1:], "# end"], strict=True):
        assert not (block.startswith("## ") and re.match(r"#{1,2} ", after)), block


def test_the_header_is_yaml_that_names_the_files():
    card = write_card(CardFacts("a: b", (PART,)), [("train", "x.parquet")])
    header = yaml.safe_load(card.split("---\n", 2)[1])
    assert header["pretty_name"] == "a: b"
    assert header["size_categories"] == ["1K<n<10K"]
    assert header["configs"][0]["data_files"] == [{"split": "train", "path": "x.parquet"}]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_names_and_words_act_on_nothing(text: str):
    step = LineageStep(text, "f", text, text)
    facts = CardFacts(text, (PART,), {"description": text, "licence": text}, (step,))
    card = write_card(facts, [])
    header, body = card.split("---\n", 2)[1:]
    assert yaml.safe_load(header)["pretty_name"] == text
    assert "<" not in body
    assert len(re.findall(r"^# ", body, re.MULTILINE)) == 1


def test_a_step_that_was_recorded_twice_is_said_once():
    step = LineageStep("t", "f", "file a.csv", "load")
    card = write_card(CardFacts("t", (PART,), steps=(step, step)), [])
    assert card.count("- load from file a.csv") == 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1, 2, None], (1, "1 to 2, mean 1.5")),
        ([float("nan"), 0.5], (0, "0.5 to 0.5, mean 0.5")),
        (["secret", "key"], (0, "3 to 6 characters")),
        ([True, False, False, False], (0, "0.25 true")),
        ([None], (1, "")),
        ([[1], []], (0, "0 to 1 items")),
        (pl.Series([0, 1]).cast(pl.Datetime("us")), (0, "1970-01-01 00:00:00 to 1970-01-01 00:00:00.000001")),  # noqa: E501 — one case a line
        (pl.Series([-(2**31), 2**31 - 1]).cast(pl.Int32).cast(pl.Date), (0, "-2147483648 to 2147483647")),  # noqa: E501 — one case a line
    ],
)  # fmt: skip
def test_columns_are_told_without_their_texts(values: object, said: tuple[int, str]):
    frame = pl.DataFrame({"^.*$": values})
    (facts,) = column_facts(Table.of_frame("t", frame))
    assert said == (facts.n_null, facts.about)


def test_what_is_said_does_not_depend_on_the_batches():
    frame = pl.DataFrame({"x": [i / 7 for i in range(1_000)]})
    chunked = pl.concat([frame.head(10), frame.slice(10, 500), frame.tail(490)], rechunk=False)
    one, two = (column_facts(Table.of_frame("t", each)) for each in (frame, chunked))
    assert one == two
