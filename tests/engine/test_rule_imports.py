"""Rules of other tools find the rows that the tools themselves find."""

from __future__ import annotations

import dataclasses
import json
import math
from datetime import date

import polars as pl
import pytest

from qforge_jupyter.columns import column
from qforge_jupyter.engine.rule_imports import RULE_IMPORTS
from qforge_jupyter.errors import DataError
from qforge_jupyter.results.imported_rules import ImportedRules
from qforge_jupyter.rules.expressions import read_rule
from qforge_jupyter.rules.ranges import read_range

# What another library warns about its own dependencies is not ours to fix.
pytestmark = pytest.mark.filterwarnings("ignore")

FRAME = pl.DataFrame(
    {
        "id": [1, 2, 2, 4, 5, 6, 7, 8],
        "energy": [-5.0, 0.0, -1.0, None, 3.5, -2.0, -50.0, -60.0],
        "homo": [-9.0, 1.0, -3.0, -2.0, None, -4.0, -1.0, -7.0],
        "lumo": [-1.0, 0.5, -3.0, 2.0, 1.0, None, -2.0, -6.0],
        "code": ["ab1", "xab2", "ab", None, "ab33\n", "ab4", "AB5", "ab66666"],
        "tier": ["gold", "silver", "lead", "gold", None, "silver", "gold", "tin"],
    }
)


def failing_rows(rules: ImportedRules, frame: pl.DataFrame) -> list[int]:
    """Give the rows that at least one rule says are wrong."""
    claims = [column(name).is_not_null() for name in rules.required]
    claims += [read_range(text).expression(name) for name, text in rules.ranges.items()]
    claims += [column(name).is_in(list(values)) for name, values in rules.values.items()]
    claims += [column(name).str.contains(text) for name, text in rules.patterns.items()]
    claims += [read_rule(text, frame.schema).expression for text in rules.rules.values()]
    if rules.unique_by:
        claims.append(pl.struct(rules.unique_by).is_unique())
    judged = frame.select(
        pl.any_horizontal(*(~claim.fill_null(value=True) for claim in claims)).alias("is_bad")
    )
    return judged["is_bad"].arg_true().to_list()


@pytest.mark.parametrize("name", RULE_IMPORTS.names())
@pytest.mark.parametrize("source", [None, 5, "", "{", "[]", "a: [", {}, [], {"steps": 1}, "\x00"])
def test_what_is_nothing_of_that_tool_is_refused(name, source):
    with pytest.raises(DataError):
        RULE_IMPORTS.get(name).read(source)


@pytest.mark.parametrize("name", RULE_IMPORTS.names())
def test_every_tool_gives_frozen_rules(name):
    sources = {
        "frictionless": {"fields": []},
        "great-expectations": {"expectations": []},
        "pointblank": {"steps": []},
    }
    if name == "pandera":
        import pandera.polars as pa

        sources[name] = pa.DataFrameSchema({})
    rules = RULE_IMPORTS.get(name).read(sources[name])
    assert rules == ImportedRules()
    with pytest.raises(dataclasses.FrozenInstanceError):
        rules.required = ("x",)


def pandera_schema(pa, number, text):
    check = pa.Check
    return pa.DataFrameSchema(
        {
            "id": pa.Column(int, check.gt(0), unique=True),
            "energy": pa.Column(
                number,
                [check.in_range(-50, 3.5, include_min=False), check.lt(3.0), check.ne(-2.0)],
                nullable=True,
            ),
            "code": pa.Column(
                text,
                [
                    check.str_matches("(?i)ab"),
                    check.str_length(3, 6),
                    check.str_contains("[0-9]"),
                ],
                nullable=True,
            ),
            "tier": pa.Column(
                text, [check.isin(["gold", "silver", "tin"]), check.notin(["tin"])], nullable=False
            ),
            "homo": pa.Column(number, check.le(0.5), nullable=True, required=False),
        }
    )


def test_a_pandera_schema_for_pandas_finds_the_same_rows():
    import pandera.pandas as pa

    schema = pandera_schema(pa, float, str)
    with pytest.raises(pa.errors.SchemaErrors) as caught:
        schema.validate(FRAME.to_pandas(), lazy=True)
    found = sorted({int(row) for row in caught.value.failure_cases["index"].dropna()})
    assert failing_rows(RULE_IMPORTS.get("pandera").read(schema), FRAME) == found


def test_a_pandera_schema_for_polars_finds_the_same_rows():
    import pandera.polars as pa

    schema = pandera_schema(pa, pl.Float64, pl.String)
    with pytest.raises(pa.errors.SchemaErrors) as caught:
        schema.validate(FRAME, lazy=True)
    found = sorted(set(caught.value.failure_cases["index"].drop_nulls().to_list()))
    rules = RULE_IMPORTS.get("pandera").read(schema)
    # Pandera names no row for what is not unique: row 1 and 2 share their id.
    assert failing_rows(dataclasses.replace(rules, unique_by=()), FRAME) == found
    assert rules.unique_by == ("id",)


def test_a_pandera_model_is_read_with_what_it_cannot_say():
    import pandera.pandas as pa

    class Model(pa.DataFrameModel):
        a: float = pa.Field(ge=0, lt=10, nullable=True)
        b: str = pa.Field(str_startswith="x")
        c: float

        class Config:
            strict = True
            unique = ("a", "b")

        @pa.check("b")
        def is_short(cls, texts):  # noqa: N805 — pandera hands in the class
            return texts.str.len() < 9

        @pa.dataframe_check
        def is_whole(cls, frame):  # noqa: N805 — pandera hands in the class
            return frame["a"] > 0

    rules = RULE_IMPORTS.get("pandera").read(Model)
    assert (rules.required, rules.optional, rules.unique_by) == (("b", "c"), ("a",), ("a", "b"))
    assert rules.ranges == {"a": "0 ..< 10"}
    assert rules.rules == {"b str_startswith": "starts_with(b, 'x')"}
    skipped = " ".join(what for what, _ in rules.skipped)
    for what in ("is_short", "is_whole", "strict", "type of 'a'"):
        assert what in skipped


@pytest.fixture(scope="module")
def batch():
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("here").add_dataframe_asset("rows")
    whole = asset.add_batch_definition_whole_dataframe("all")
    return whole.get_batch({"dataframe": FRAME.to_pandas()})


def suite():
    import great_expectations as gx
    from great_expectations import expectations as gxe

    return gx.ExpectationSuite(
        name="calcs",
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="energy", min_value=-50, max_value=0, strict_min=True
            ),
            gxe.ExpectColumnValuesToNotBeNull(column="homo"),
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="lumo", column_B="homo"),
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="lumo",
                column_B="energy",
                or_equal=True,
                ignore_row_if="either_value_is_missing",
            ),
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="code", column_B="tier", ignore_row_if="neither"
            ),
            gxe.ExpectColumnValueLengthsToBeBetween(column="code", min_value=3, max_value=6),
            gxe.ExpectColumnValueLengthsToEqual(column="tier", value=4),
            gxe.ExpectColumnValuesToMatchRegex(column="code", regex="^ab[0-9]"),
            gxe.ExpectColumnValuesToNotMatchRegex(column="code", regex="6{3}"),
            gxe.ExpectColumnValuesToBeInSet(column="tier", value_set=["gold", "silver"]),
            gxe.ExpectColumnValuesToNotBeInSet(column="tier", value_set=["silver"]),
            gxe.ExpectColumnValuesToBeNull(column="tier"),
            gxe.ExpectColumnValuesToBeUnique(column="id"),
        ],
    )


@pytest.mark.parametrize("position", range(13))
def test_every_expectation_finds_the_same_rows(batch, position):
    expectation = suite().expectations[position]
    result = batch.validate(expectation, result_format={"result_format": "COMPLETE"})
    described = suite().to_json_dict()["expectations"][position]
    rules = RULE_IMPORTS.get("great-expectations").read({"expectations": [described]})
    assert rules.skipped == ()
    assert failing_rows(rules, FRAME) == sorted(result.result["unexpected_index_list"])


def test_a_suite_is_read_from_its_object_its_dict_and_its_json():
    read = RULE_IMPORTS.get("great-expectations").read
    whole = suite()
    plain = whole.to_json_dict()
    assert read(whole) == read(plain) == read(json.dumps(plain))
    assert len(read(whole).rules) == 8


def test_an_expectation_without_an_equivalent_is_skipped_with_the_reason():
    kinds = {
        "expect_column_values_to_be_between": {"column": "a", "min_value": 0, "mostly": 0.9},
        "expect_column_values_to_be_in_set": {
            "column": "a",
            "value_set": [1],
            "row_condition": "x",
        },
        "expect_column_values_to_be_of_type": {"column": "a", "type_": "int64"},
        "expect_column_mean_to_be_between": {"column": "a", "min_value": 0},
        "expect_column_values_to_match_regex": {"column": "a", "regex": "(?=a)"},
        "expect_column_value_lengths_to_be_between": {"column": "a"},
        "expect_column_values_to_not_be_null": {},
    }
    rules = RULE_IMPORTS.get("great-expectations").read(
        {"expectations": [{"type": name, "kwargs": given} for name, given in kinds.items()]}
    )
    assert len(rules.skipped) == len(kinds)
    assert all(what and why for what, why in rules.skipped)
    assert dataclasses.replace(rules, skipped=()) == ImportedRules()


STEPS = """
- col_vals_gt: {columns: [energy], value: -50}
- col_vals_ge: {columns: energy, value: -5, na_pass: true}
- col_vals_lt: {columns: [homo, lumo], value: 1}
- col_vals_le: {columns: [homo], value: 0.5, na_pass: true}
- col_vals_eq: {columns: [tier], value: gold}
- col_vals_ne: {columns: [tier], value: gold, na_pass: true}
- col_vals_between: {columns: [energy], left: -5, right: 0, inclusive: [false, true]}
- col_vals_between: {columns: [energy], left: -50, right: 0, na_pass: true}
- col_vals_outside: {columns: [homo], left: -4, right: -2}
- col_vals_outside: {columns: [homo], left: -4, right: -2, inclusive: [false, false], na_pass: true}
- col_vals_in_set: {columns: [tier], set: [gold, silver]}
- col_vals_not_in_set: {columns: [tier], set: [tin, lead]}
- col_vals_not_null: {columns: [tier, code]}
- col_vals_null: {columns: [energy]}
- col_vals_regex: {columns: [code], pattern: '^ab[0-9]'}
- col_vals_regex: {columns: [code], pattern: '^ab[0-9]', na_pass: true}
- col_vals_regex: {columns: [code], pattern: '6+', inverse: true}
- col_vals_regex: {columns: [code], pattern: '6+', inverse: true, na_pass: true}
- col_vals_lt: {columns: [homo], value: {python: pb.col("lumo")}}
- col_vals_lt: {columns: [homo], value: {python: pb.col("lumo")}, na_pass: true}
- rows_distinct: {columns_subset: [id]}
- rows_complete: {columns_subset: [homo, lumo]}
""".strip().splitlines()


@pytest.mark.parametrize("step", STEPS)
def test_every_step_of_a_pointblank_contract_finds_the_same_rows(step):
    import pointblank

    contract = f"tbl: small_table\nsteps:\n{step}\n"
    checked = pointblank.yaml_interrogate(contract, set_tbl=FRAME)
    found = {
        row
        for one in checked.validation_info
        for row, is_good in enumerate(one.tbl_checked["pb_is_good_"].to_list())
        if is_good is False
    }
    rules = RULE_IMPORTS.get("pointblank").read(contract)
    assert rules.skipped == ()
    assert failing_rows(rules, FRAME) == sorted(found)


def test_a_contract_object_is_read_like_its_yaml():
    import pointblank

    contract = pointblank.Contract(
        name="calcs", steps=[pointblank.Step("col_vals_gt", columns=["a"], value=1)]
    )
    read = RULE_IMPORTS.get("pointblank").read
    assert read(contract) == read(contract.to_yaml())
    assert read(contract) == ImportedRules(required=("a",), ranges={"a": "1 <.."})


def test_python_in_a_contract_is_never_run(tmp_path):
    target = tmp_path / "written"
    code = f"__import__('pathlib').Path({str(target)!r}).touch()"
    rules = RULE_IMPORTS.get("pointblank").read(
        {
            "actions": {"warning": {"python": code}},
            "steps": [
                {"col_vals_expr": {"expr": code}},
                {"col_vals_gt": {"columns": ["a"], "value": {"python": code}}},
                {"col_vals_gt": {"columns": ["a"], "value": 1, "pre": code}},
                {"col_vals_gt": {"columns": ["a"], "value": 1, "active": code}},
                {"col_vals_between": {"columns": ["a"], "left": {"python": code}, "right": 1}},
                {"col_sum_gt": {"columns": ["a"], "value": 1}},
                "rows_distinct",
                "rows_complete",
                {"col_vals_gt": {"columns": ["a"], "value": 1, "active": False}},
                {"no": "mapping"},
            ],
        }
    )
    assert not target.exists()
    assert len(rules.skipped) == 11
    assert dataclasses.replace(rules, skipped=()) == ImportedRules()


TABLE_SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"unique": True, "minimum": 1}},
        {"name": "energy", "type": "number", "constraints": {"maximum": "0", "minimum": -50}},
        {"name": "homo", "type": "number", "constraints": {"required": True}},
        {"name": "lumo", "type": "number"},
        {
            "name": "code",
            "type": "string",
            "constraints": {"pattern": "[aA][bB][0-9]+", "minLength": 3, "maxLength": 6},
        },
        {"name": "tier", "type": "string", "constraints": {"enum": ["gold", "silver", "tin"]}},
    ]
}


def test_a_frictionless_schema_finds_the_same_rows():
    import frictionless

    schema = frictionless.Schema.from_descriptor(TABLE_SCHEMA)
    rows = [list(FRAME.columns), *map(list, FRAME.rows())]
    report = frictionless.Resource(data=rows, schema=schema).validate()
    found = {number - 2 for number, kind in report.flatten(["rowNumber", "type"])}
    rules = RULE_IMPORTS.get("frictionless").read(schema)
    # Frictionless names the second of two equal keys only; here both are found.
    assert failing_rows(rules, FRAME) == sorted(found | {1})
    assert all("type of" in what for what, _ in rules.skipped)
    read = RULE_IMPORTS.get("frictionless").read
    assert read(TABLE_SCHEMA) == read(json.dumps(TABLE_SCHEMA)) == rules


def test_a_frictionless_schema_keeps_what_it_cannot_say():
    rules = RULE_IMPORTS.get("frictionless").read(
        {
            "primaryKey": ["a", "b"],
            "missingValues": ["", "NA"],
            "foreignKeys": [{"fields": "a"}],
            "fieldsMatch": ["subset"],
            "fields": [
                {"name": "a", "type": "date", "constraints": {"minimum": "2020-01-01"}},
                {"name": "b", "type": "integer", "constraints": {"enum": ["1", "2"]}},
                {"name": "c", "type": "integer", "bareNumber": False, "constraints": {"unique": 1}},
                {"name": "d", "type": "array", "constraints": {"minLength": 1, "jsonSchema": {}}},
                {"name": "e", "type": "integer", "constraints": {"minimum": "much"}},
                {"name": "f", "constraints": {"pattern": "(a)\\1"}},
            ],
        }
    )
    assert (rules.required, rules.unique_by) == (("a", "b"), ("a", "b"))
    assert rules.ranges == {"a": "2020-01-01 .."}
    assert rules.values == {"b": (1, 2)}
    skipped = {what for what, _ in rules.skipped}
    assert skipped >= {
        "missingValues", "foreignKeys", "fieldsMatch", "c unique", "bareNumber of 'c'",
        "d minLength", "d jsonSchema", "e minimum", "f pattern",
    }  # fmt: skip


def test_a_range_of_dates_and_infinite_ends_is_said_in_our_words():
    from qforge_jupyter.engine.rule_imports._collector import Collector

    found = Collector()
    found.bound("day", "day low", date(2020, 1, 1))
    found.bound("day", "day high", high=date(2024, 1, 1), high_is_open=True)
    found.bound("x", "x all", -math.inf, math.inf)
    found.bound("y", "y low", 5)
    found.bound("y", "y high", high=4)
    found.bound("z", "z mixed", 5)
    found.bound("z", "z date", date(2020, 1, 1))
    rules = found.finish()
    assert rules.ranges == {"day": "2020-01-01 ..< 2024-01-01", "y": "5 ..", "z": "5 .."}
    assert [what for what, _ in rules.skipped] == ["x all", "y high", "z date"]


@pytest.mark.parametrize("pattern", ["[[a]]", "[a&&b]", r"(?<=a)b", r"(a)\1", "(?>a)", "a++", "["])
def test_a_pattern_that_our_engine_reads_otherwise_is_skipped(pattern):
    rules = RULE_IMPORTS.get("great-expectations").read(
        {
            "expectations": [
                {
                    "type": "expect_column_values_to_match_regex",
                    "kwargs": {"column": "a", "regex": pattern},
                }
            ]
        }
    )
    assert rules.patterns == {}
    assert len(rules.skipped) == 1


@pytest.mark.parametrize("name", ["gap (eV)", "and", "null", "^.*$", "a'b", "ﬁ", "5", "within"])
def test_a_column_of_any_name_is_spelled_in_a_rule(name):
    rules = RULE_IMPORTS.get("great-expectations").read(
        {
            "expectations": [
                {
                    "type": "expect_column_values_to_not_be_in_set",
                    "kwargs": {"column": name, "value_set": ['it\'s "x" \\ \n']},
                }
            ]
        }
    )
    frame = pl.DataFrame({name: ["a", 'it\'s "x" \\ \n']})
    assert failing_rows(rules, frame) == [1]
