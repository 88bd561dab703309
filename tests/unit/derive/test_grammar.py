"""Reading formulas, and refusing what is not in their language."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impacteval.derive.grammar import parse
from impacteval.derive.nodes import (
    Aggregate,
    Binary,
    Call,
    Choice,
    Comparison,
    Logic,
    Member,
    Name,
    Not,
    Number,
)
from impacteval.errors import ConfigError

WHERE = "derived.csv: va"


def test_a_formula_is_read_into_its_parts():
    tree = parse("a + 2 * b", WHERE)
    assert tree == Binary(
        operator="+",
        left=Name(name="a", at=1),
        right=Binary(operator="*", left=Number(value=2.0), right=Name(name="b", at=9), right_text="b", at=5),
        right_text="2 * b",
        at=1,
    )


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("ln(x)", Call),
        ("average(a, b, c, at_least=2)", Call),
        ("1 if x > 2 else 0", Choice),
        ("0 < x <= 5", Logic),
        ("zone in ('bekasi', 'jakarta')", Member),
        ("x not in (-1, 2)", Not),
        ("not x", Not),
        ("x == 'yes'", Comparison),
        ("workers.mean(wage, where=sex == 'm', at_least=5)", Aggregate),
        (" a\n + b ", Binary),
    ],
)
def test_what_is_in_the_language_is_read(formula, kind):
    assert isinstance(parse(formula, WHERE), kind)


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("", "the formula is empty"),
        ("a +", "position 4: invalid syntax"),
        ("a + (b", "position 5: '(' was never closed"),
        ("x.__class__", "position 1: 'x.__class__' is not in the language"),
        ("a + __import__('os')", "position 5: no function '__import__'"),
        ("x.y.mean(z)", "'x.y.mean' cannot be called"),
        ("(lambda: 1)()", "cannot be called"),
        ("workers.eval(x)", "no aggregate 'eval' of workers"),
        ("wokers.meen(x)", "did you mean 'mean'"),
        ("[a for a in b]", "not in the language"),
        ("a[0]", "not in the language"),
        ("{a: 1}", "not in the language"),
        ("f'{a}'", "not in the language"),
        ("a if b", "position 1: expected 'else'"),
        ("a := 1", "position 3: invalid syntax"),
        ("a @ b", "the operator in 'a @ b' is not allowed"),
        ("a // b", "the operator in 'a // b' is not allowed"),
        ("~a", "write not"),
        ("a is b", "write == or !="),
        ("True", "'True' is neither a number nor a 'text'"),
        ("None", "neither a number nor a 'text'"),
        ("b'x'", "neither a number nor a 'text'"),
        ("2j", "neither a number nor a 'text'"),
        ("1e999", "too large a number"),
        ("a in b", "after `in` stands a list"),
        ("a in ()", "after `in` stands a list"),
        ("a in ('x', 1)", "mixes numbers and texts"),
        ("log(a)", "no function 'log'; allowed: ln"),
        ("aver(a)", "no function 'aver'"),
        ("ln(a, b)", "ln has 2 arguments; it takes 1"),
        ("min(a)", "min has 1 arguments; it takes 2 or more"),
        ("total(*a)", "'*' before an argument"),
        ("total(**a)", "takes no '**'"),
        ("ln(a, at_least=2)", "ln takes no 'at_least'"),
        ("average(a, b, at_least=3)", "at_least=3 of 2 arguments can never be reached"),
        ("average(a, b, at_least=1.5)", "at_least is a whole number"),
        ("average(a, b, at_least=n)", "neither a number nor a 'text'"),
        ("workers.mean(a, b)", "workers.mean has 2 arguments"),
        ("workers.mean(a, wher=b)", "takes no 'wher'; allowed: where, at_least; did you mean 'where'"),
        ("-" * 4000 + "1", "can be read"),
        ("not " * 120 + "a", "more than 100 levels"),
        ("+".join(["a"] * 12_000), "at most 20000"),
    ],
)
def test_what_is_not_is_refused_with_its_place(formula, told):
    with pytest.raises(ConfigError) as caught:
        parse(formula, WHERE)
    assert str(caught.value).startswith(f"{WHERE}: ")
    if told != "can be read":
        assert told in str(caught.value)


def test_positions_are_counted_in_characters_from_the_start_of_the_cell():
    with pytest.raises(ConfigError, match="position 17: no function 'foo'"):
        parse("  'é' == 'ü' or foo(x)", WHERE)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ConfigError):
        parse(text, WHERE)
