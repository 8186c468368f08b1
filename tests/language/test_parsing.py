import pytest
from design_examples import EXAMPLES
from hypothesis import example as given_also
from hypothesis import given, settings
from hypothesis import strategies as st

from qforge_jupyter.errors import CallError
from qforge_jupyter.language.parsing import Call, parse_call
from qforge_jupyter.language.tokens import SMALL_WORDS, Token, read_tokens, write_token

QUICKLY = settings(max_examples=300, deadline=20_000)
PIECES = (
    *SMALL_WORDS,
    *("score", "calcs", "--x", "--dry-run", "--x=", "-m", "-5", "-x", "--", "<<", ",", "a,", ",b"),
    *("'", '"', "\\", "#", "# why", " ", "\t", "\n", "{{a.b}}", "{{ a", "}}", "=", "a..b", "?"),
    *("C:\\new", "\\\\host\\share", "http://h/x#y", "name@tag", "*.csv", "über", "\u2028", "\0"),
)
headers = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).flatmap(
    lambda pieces: st.sampled_from(["", " "]).map(lambda between: between.join(pieces))
)

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each[2])


def values_of(call: Call):
    return {name: option.value for name, option in call.options.items()}


@each_example
def test_every_example_of_the_design_says_what_it_means(example: tuple[object, ...]):
    header, cell, verb, subject, options, into, value = example
    call = parse_call(header, cell)
    found = (call.verb, call.subject, values_of(call), call.into, call.body and call.body.value)
    assert (verb, subject, options, into, value) == found


@each_example
def test_every_example_of_the_design_reads_back_from_its_own_text(example: tuple[object, ...]):
    call = parse_call(example[0], example[1])
    header, _, cell = call.text.partition("\n")
    assert call == parse_call(header, cell if call.body else None)


@pytest.mark.parametrize("word", [word for word in SMALL_WORDS if word != "into"])
def test_a_small_word_is_sugar_for_the_option_of_its_name(word: str):
    assert parse_call(f"check synth {word} real") == parse_call(f"check synth --{word} real")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x << score calcs", "score calcs into x"),
        ("a, b << split calcs", "split calcs --into a,b"),
        ("x<<score calcs", "score calcs into x"),
        ("split calcs into a , b", "split calcs into a, b"),
        ("split calcs into a ,b", "split calcs into a,b"),
        ("commit d -m 'x y'", 'commit d --message "x y"'),
        ("score calcs --top=5", "score --top 5 calcs"),
        ("score calcs --dry_run", "score --dry-run calcs"),
        ("score calcs by x --quiet", "score --quiet calcs --by x"),
        ("export d --format csv, json", "export d --format csv,json"),
        ("score?", "score --help"),
        ("?", "help"),
        ("score calcs #", "score calcs # a ' quote in a comment"),
    ],
)
def test_two_spellings_are_one_call(one: str, other: str):
    assert parse_call(one) == parse_call(other)


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        (r"score C:\new\table.csv", r"C:\new\table.csv"),
        (r"score \\host\share\x.csv", r"\\host\share\x.csv"),
        (r'score "C:\new folder\x.csv"', r"C:\new folder\x.csv"),
        (r"score 'C:\new folder\'", "C:\\new folder\\"),
        (r'score "say \"x\" \\ y"', r'say "x" \ y'),
        ("score it's.csv", "it's.csv"),
        ("score https://h/x.csv#part", "https://h/x.csv#part"),
        ("score #tag", "#tag"),
        ("score '# no comment'", "# no comment"),
        ("score data/*.parquet", "data/*.parquet"),
        ("score name@v1", "name@v1"),
        ("score {x} $x `x`", "{x} $x `x`"),
        ("score {{ plan.best }}", "{{ plan.best }}"),
        ("score 'top'", "top"),
        ("score -5", "-5"),
        ("score", None),
    ],
)
def test_a_subject_is_taken_as_it_stands(header: str, subject: str | None):
    assert subject == parse_call(header).subject


@pytest.mark.parametrize(
    ("header", "column", "words"),
    [
        ("", None, "no verb"),
        ("# only a comment", None, "no verb"),
        ("--quiet score", 0, "the verb stands first"),
        ("top 5", 0, "the verb stands first"),
        ("score calcs top 5 extra", 18, "belongs to no word"),
        ("score calcs top", 12, "needs a value"),
        ("score calcs top by", 12, "needs a value"),
        ("score calcs top 5 --top 6", 24, "given twice"),
        ("score calcs by 'x", 15, "not closed"),
        ("score calcs by 'x'y", 18, "blank must follow"),
        ("score calcs into 5x", 17, "bound to a variable"),
        ("score calcs into class", 17, "bound to a variable"),
        ("score calcs into get_ipython", 17, "bound to a variable"),
        ("score calcs into __name__", 17, "bound to a variable"),
        ("score calcs into a, a", 17, "stands twice"),
        ("score calcs into a,", 17, "must follow the comma"),
        ("score calcs into", 12, "needs a value"),
        ("x << score calcs into y", 22, "bound twice"),
        ("5x << score", 0, "bound to a variable"),
        ("score calcs << x", 12, "stand before the verb"),
        ("score calcs -x", 12, "No short option"),
        ("score calcs --5", 12, "written --name"),
        ("score calcs --", 12, "written --name"),
    ],
)
def test_a_wrong_header_is_one_sentence_with_its_place(header: str, column: int | None, words: str):
    with pytest.raises(CallError, match=words) as caught:
        parse_call(header)
    assert (1, column) == (caught.value.line, caught.value.column)


def test_a_flag_of_the_verb_leaves_the_subject_alone():
    call = parse_call("score --strict calcs", flags={"score": {"strict"}}.__getitem__)
    assert (call.subject, call.options["strict"].value) == ("calcs", True)


def test_a_flag_takes_a_value_behind_an_equals_sign():
    assert parse_call("score calcs --quiet=no").options["quiet"].value == "no"


def test_tokens_know_where_they_stand():
    call = parse_call("score  a b..c   --top=5")
    places = [token.column for token in call.subject_tokens]
    assert (places, call.options["top"].column) == ([7, 9], 22)


def test_the_body_of_sql_stays_text():
    body = parse_call("sql into x", "select 1 -- a: b: [").body
    assert (body.raw, body.value) == (True, "select 1 -- a: b: [")


def test_a_name_is_the_one_that_python_will_look_up():
    assert parse_call("score calcs into ﬁt").into == ("fit",)


def test_a_header_has_a_greatest_length():
    with pytest.raises(CallError, match="put long values into the body"):
        parse_call("score " + "x" * 30_000)


@QUICKLY
@given(headers)
@given_also("a --x , --y")
@given_also("a << b << c")
@given_also("top, x << score")
def test_any_header_gives_a_call_that_reads_back_or_one_error(header: str):
    call, places = None, []
    try:
        call = parse_call(header)
    except CallError as error:
        places = [error.column or 0]
    assert all(0 <= place <= len(header) for place in places)
    assert call is None or call == parse_call(call.text)


@QUICKLY
@given(st.text())
@given_also("-m")
@given_also("a,")
def test_any_text_written_as_a_token_reads_back(text: str):
    if "\n" in text:
        return
    assert [Token(text)] == [Token(token.text) for token in read_tokens(write_token(text))]
