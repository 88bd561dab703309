"""Conditions of forms: what is parsed, what is refused, and in which rows they hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.errors import ConfigError
from impacteval.survey.expressions import UnsupportedExpression, holds, parse
from support.slow_expressions import holds_slowly


def frame(**columns):
    return pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in columns.items()})


def held(text, column="", **columns):
    return holds(parse(text), frame(**columns), column).tolist()


@pytest.mark.parametrize(
    ("text", "cell", "expected"),
    [
        ("${x} = 1", "1.0", True),
        ("${x} = '1'", "1.0", False),
        ("${x} = 1", "", False),
        ("${x} != 1", "", True),
        ("${x} < 1", "", False),
        ("${x} >= 0", "", False),
        ("${x} = ''", "", True),
        ("${x} != ''", " ", False),
        ("${x} > 5", "abc", False),
        ("${x} != 'yes'", "", True),
        ("not(${x} > 5)", "", True),
        ("${x} = -99", "-99", True),
        ("${x} + 1 = 3", "2", True),
        ("7 - 2 - 1 = ${x}", "4", True),
        ("2 + 3 * 4 = ${x}", "14", True),
        ("(2 + 3) * 4 = ${x}", "20", True),
        ("12 div 4 div 3 = ${x}", "1", True),
        ("-7 mod 3 = ${x}", "-1", True),
        ("- -${x} = 5", "5", True),
        ("0.1 + 0.2 = ${x}", "0.3", True),
        ("1 div 0 > ${x}", "5", True),
        ("${x} = 1 or ${x} = 2 and ${x} = 3", "1", True),
        ("1 < 2 = true()", "", True),
        ("3 > 2 > 1", "", False),
        ("${x} >= (${x} > 1 and ${x} <= 5)", "1", True),
        ("selected(${x}, 'a')", "b a", True),
        ("selected(${x}, 'a')", "ab", False),
        ("selected(${x}, -666)", "1 -666", True),
        ("count-selected(${x}) = 2", " a  b ", True),
        ("count-selected(${x}) = 0", "", True),
        ("selected-at(${x}, 1) = 'b'", "a b", True),
        ("selected-at(${x}, 5) = ''", "a b", True),
        ("if(${x} = 1, 'a', 'b') = 'b'", "2", True),
        ("if(${x} > 2, ${x} < 5, true())", "3", True),
        ("if(${x} > 2, 1, 0)", "2", False),
        ("coalesce(${x}, 7) = 7", "", True),
        ("coalesce(${x}, 7) = 7", "8", False),
        ("regex(${x}, '[0-9]{3}')", "123", True),
        ("regex(${x}, '[0-9]{3}')", "1234", False),
        ("regex(${x}, 'a|b')", "ab", False),
        ("string-length(${x}) = 4", "dépo", True),
        ("contains(${x}, 'ell')", "hello", True),
        ("starts-with(${x}, 'he')", "hello", True),
        ("substr(${x}, 0, 1) = '0'", "0812", True),
        ("substr(${x}, 1) = '812'", "0812", True),
        ("int(${x}) = -2", "-2.7", True),
        ("round(${x}) = 3", "2.5", True),
        ("round(${x}) = -3", "-2.5", True),
        ("round(${x}, 2) = 1.01", "1.005", True),
        ("round(${x}, -2) = 1300", "1250", True),
        ("abs(${x}) = 4", "-4", True),
        ("min(${x}, 5, 9) = 5", "7", True),
        ("max(${x}, 5) = 5", "", False),
        ("pow(${x}, 2) = 9", "3", True),
        ("number(${x}) = 3", " 3 ", True),
        ("string(${x} + 1) = '4'", "3", True),
        ("string(1 div 4) = ${x}", "0.25", True),
        ("${x} > date('2021-07-04')", "2021-07-05", True),
        ("${x} - date('2021-07-01') = 4.5", "2021-07-05T12:00:00+07:00", True),
        ("number(${x}) > 0", "1e5", False),
        ("${x} < 'b'", "a", False),
        ("'a' = \"a\"", "", True),
        ("true() and not(false())", "", True),
    ],
)
def test_condition_holds_as_form_engines_have_it(text, cell, expected):
    assert held(text, x=[cell]) == [expected]


def test_own_answer_is_that_of_the_column():
    assert held(". > 17 and . < 120", "age", age=["17", "18", "119", "", "x"]) == [
        False,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [("5", "5.0", True), ("x", "x", True), ("x", "y", False), ("", "", True), ("1", "", False)],
)
def test_two_answers_are_equal_as_texts_or_as_numbers(a, b, expected):
    assert held("${a} = ${b}", a=[a], b=[b]) == [expected]
    assert held("${a} != ${b}", a=[a], b=[b]) == [not expected]


def test_names_are_the_columns_that_are_read():
    expression = parse("selected(${a}, 'x') and . > ${ b } + today()", clock="start")
    assert expression.names == {"a", "b", "start"}
    assert expression.reads_own
    assert not parse("${a} = 1").reads_own


def test_today_is_the_day_of_the_clock():
    table = frame(start=["2021-07-05T10:00:00", "2021-07-07T23:00:00"], due=["2021-07-06", "2021-07-06"])
    assert holds(parse("${due} < today()", clock="start"), table).tolist() == [False, True]
    assert holds(parse("${due} < now()", clock="2021-07-08"), table).tolist() == [True, True]
    with pytest.raises(UnsupportedExpression, match=r"today\(\)"):
        parse("${due} < today()")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the end"),
        ("${a} =", "found 'the end' at character 7"),
        ("(${a} = 1", r"expected: '\)'"),
        ("${a} = 1)", "an operator or the end"),
        ("a = 1", "a text in quotes"),
        ("${a} = yes", "a text in quotes"),
        ("${a} == 1", "found '='"),
        ("${a} = 'x", "the quote is not closed"),
        ("${a} = \u2018x\u2019", "straight quotes"),
        ("$a = 1", r"a question is written \$\{name\}"),
        ("slected(${a}, 1)", r"did you mean selected\(\)"),
        ("selected(${a})", "has 1 arguments; allowed: 2"),
        ("min()", "has 0 arguments; allowed: 1 to 99"),
        ("${a} = 1 AND ${a} = 2", "found 'AND'"),
        ("not ${a} = 1", "found 'not'"),
        ("${a} = 1e5", "found 'e5'"),
        ("(" * 41 + "1" + ")" * 41, "more than 40 deep"),
        ("1" * 20_001, "20001 characters"),
        ("1 = 1 \0", "has no meaning"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(text, said):
    with pytest.raises(ConfigError, match=said) as caught:
        parse(text)
    assert not isinstance(caught.value, UnsupportedExpression)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pulldata('a', 'b', 'c', ${x}) = 1", r"pulldata\(\)"),
        ("indexed-repeat(${a}, ${b}, 2) > 1", r"indexed-repeat\(\)"),
        ("position(..) = 1", r"position\(\)"),
        ("jr:choice-name(${a}, 'b') = 'c'", r"jr:choice-name\(\)"),
        ("count(${rpt}) > 1", r"count\(\)"),
        ("../a = 1", "path"),
        ("/data/a = 1", "path"),
        ("${a}", "compared with nothing"),
        ("${a} and ${b} = 1", "compared with nothing"),
        ("not(${a})", "compared with nothing"),
        ("if((${a}), 1, 2) = 1", "compared with nothing"),
        ("regex(., '(?=a)b')", "pattern"),
        (r"regex(., '(a)\1')", "pattern"),
        ("regex(., ${b})", "pattern"),
    ],
)
def test_what_is_not_evaluated_says_so(text, said):
    with pytest.raises(UnsupportedExpression, match=said):
        parse(text)


def test_a_long_chain_is_no_problem():
    text = " or ".join(f"${{a}} = {n}" for n in range(1000))
    assert held(text, a=["999", "1000"]) == [True, False]


def test_pattern_that_would_backtrack_for_ever_is_fast():
    assert held("regex(., '(a+)+b')", "a", a=["a" * 5000]) == [False]


def test_a_column_that_is_missing_is_named():
    with pytest.raises(ConfigError, match="no column 'sex'; allowed: sexe; did you mean 'sexe'"):
        held("${sex} = 1", sexe=["1"])


@pytest.mark.parametrize(
    "text", ["${x} = 1", "1 = 1", "selected(${x}, 'a') and regex(., 'b')", "if(. = 1, ., 'b') = round(${x})"]
)
def test_tables_without_rows_have_no_row_in_which_it_holds(text):
    assert held(text, "x", x=[]) == []


CELLS = [
    "",
    "0",
    "1",
    "2",
    "2.0",
    "-99",
    "a",
    "b",
    "a b",
    "b c a",
    "2021-07-05",
    "2021-07-06T12:00",
    "yes",
    "1.5",
    " 1 ",
]
COLUMNS = ("x", "y")


def texts(depth):
    base = st.sampled_from(["${x}", "${y}", ".", "'a'", "'1'", "''", "'a b'"])
    if depth == 0:
        return base
    return st.one_of(
        base,
        st.builds("coalesce({}, {})".format, texts(depth - 1), texts(depth - 1)),
        st.builds("string({})".format, numbers(depth - 1)),
        st.builds("selected-at({}, {})".format, texts(depth - 1), st.sampled_from(["0", "1", "2"])),
        st.builds(
            "substr({}, {}, {})".format, texts(depth - 1), st.sampled_from("01"), st.sampled_from("123")
        ),
        st.builds("if({}, {}, {})".format, conditions(depth - 1), texts(depth - 1), texts(depth - 1)),
    )


def numbers(depth):
    base = st.sampled_from(
        ["0", "1", "2", "-99", "1.5", "2.25", "number(${x})", "date('2021-07-05')", "date(${y})"]
    )
    if depth == 0:
        return base
    return st.one_of(
        base,
        st.builds(
            "({} {} {})".format,
            numbers(depth - 1),
            st.sampled_from(["+", "-", "*", "div", "mod"]),
            numbers(depth - 1),
        ),
        st.builds("{}({})".format, st.sampled_from(["abs", "int", "round", "-"]), numbers(depth - 1)),
        st.builds(
            "{}({}, {})".format, st.sampled_from(["min", "max"]), numbers(depth - 1), numbers(depth - 1)
        ),
        st.builds("round({}, {})".format, numbers(depth - 1), st.sampled_from(["0", "1", "2"])),
        st.builds(
            "{}({})".format, st.sampled_from(["count-selected", "string-length", "number"]), texts(depth - 1)
        ),
    )


def conditions(depth):
    comparison = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    anything = st.one_of(texts(max(depth - 1, 0)), numbers(max(depth - 1, 0)))
    base = st.builds("({} {} {})".format, anything, comparison, anything)
    if depth == 0:
        return base
    return st.one_of(
        base,
        st.builds(
            "({} {} {})".format,
            conditions(depth - 1),
            st.sampled_from(["and", "or", "=", "!="]),
            conditions(depth - 1),
        ),
        st.builds("not({})".format, conditions(depth - 1)),
        st.builds(
            "{}({}, {})".format,
            st.sampled_from(["selected", "contains", "starts-with"]),
            texts(depth - 1),
            texts(depth - 1),
        ),
        st.builds("regex({}, {})".format, texts(depth - 1), st.sampled_from(["'[0-9]+'", "'a|b'", "'.*'"])),
        st.builds(
            "if({}, {}, {})".format, conditions(depth - 1), conditions(depth - 1), conditions(depth - 1)
        ),
    )


ROWS = st.lists(st.tuples(*[st.sampled_from(CELLS) for _ in COLUMNS]), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(conditions(3), ROWS)
def test_it_holds_in_the_rows_in_which_it_holds_row_by_row(text, rows):
    expression = parse(text)
    table = frame(**{name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)})
    slowly = [holds_slowly(expression.tree, {"": row[0], "x": row[0], "y": row[1]}) for row in rows]
    assert holds(expression, table, "x").tolist() == slowly


@settings(max_examples=25, deadline=None)
@given(conditions(2), ROWS, st.randoms(use_true_random=False))
def test_a_row_is_judged_alike_whatever_the_order_of_rows(text, rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    table = frame(**{name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)})
    whole = holds(parse(text), table, "x")
    assert (holds(parse(text), table.iloc[order], "x") == whole[np.array(order)]).all()


@given(st.text(alphabet="${}xy.'\"=!<>+-*() andortmisg,1", max_size=30))
def test_any_text_is_parsed_or_refused(text):
    try:
        expression = parse(text)
    except ConfigError:
        return
    columns = {name: ["1"] for name in {*expression.names, "x"}}
    assert len(holds(expression, frame(**columns), "x")) == 1
