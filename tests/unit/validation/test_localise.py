"""Whom to call back about what: smallest sets of fields that would settle failed edits."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks import AtMost, NotMissing
from impacteval.checks.amounts import AddsUp, Balance, Components
from impacteval.validation import localise
from impacteval.validation.edits import connected_edits
from impacteval.validation.localise import broken_rows, changes_alone, sentence, suggestions, with_suggestions
from impacteval.validation.survey import Failures
from support.surveys import make_survey
from support.tables import variable

ABOUT = {"table": "firms", "severity": "error", "message": "wrong", "suggestion": "look"}
FIELDS = ("workers", "women", "men", "permanent", "casual", "managers", "women_managers")


def at_most(column, other, **changes):
    return AtMost(kind="at_most", id=f"{column}-{other}", column=column, other=other, **ABOUT, **changes)


def sum_of(whole, *parts, **changes):
    return AddsUp(
        kind="adds_up", id=f"{whole}-{parts[0]}", table="firms", whole=whole, parts=parts, **changes
    )


EDITS = (
    sum_of("workers", "women", "men"),
    sum_of("workers", "permanent", "casual"),
    at_most("managers", "workers"),
    at_most("women_managers", "managers"),
    at_most("women_managers", "women"),
)


def survey_of(columns, **bounds):
    low, high = bounds.get("low", 0.0), bounds.get("high", 10_000.0)
    variables = [variable(c, "decimal", hard_minimum=low, hard_maximum=high) for c in columns]
    return make_survey({"firms": columns}, variables)[0]


def said_of(columns, *checks, **bounds):
    survey = survey_of({name: [str(cell) for cell in cells] for name, cells in columns.items()}, **bounds)
    [edits] = connected_edits(survey.tables["firms"], checks)
    return list(suggestions(edits, np.arange(len(survey.tables["firms"].frame))))


def test_each_field_of_a_sum_alone_could_be_wrong():
    said = said_of({"workers": [50], "women": [30], "men": [2]}, EDITS[0])
    assert said == ["call back about workers, women or men: changing any one alone would settle it"]


def test_field_in_both_failed_sums_is_the_one_to_ask_about():
    row = {"workers": [500], "women": [30], "men": [20], "permanent": [45], "casual": [5]}
    assert said_of(row, *EDITS[:2]) == ["call back about workers: changing it alone would settle it"]


def test_edits_that_hold_now_must_hold_after_the_change():
    row = {"workers": [50], "women": [30], "men": [2], "permanent": [45], "casual": [5]}
    said = said_of(row, *EDITS[:2])
    assert said == ["call back about women or men: changing either one alone would settle it"]


def test_change_must_stay_within_the_hard_range():
    row = {"workers": [50], "women": [30], "men": [2]}
    assert said_of(row, EDITS[0], low=0, high=47) == [
        "call back about workers: changing it alone would settle it"
    ], "women and men would need 48 and 20, workers 32 of at most 47"


def test_field_outside_its_hard_range_is_in_every_set():
    row = {"workers": [20_000], "women": [30], "men": [20], "managers": [5]}
    assert said_of(row, EDITS[0], EDITS[2]) == ["call back about workers: changing it alone would settle it"]
    apart = {"workers": [50], "women": [30], "men": [2], "managers": [-1]}
    [said] = said_of(apart, EDITS[0], EDITS[2])
    assert said.startswith("call back about workers and managers, women and managers or men and managers: ")


def test_two_fields_are_named_together_where_one_is_not_enough():
    row = {"workers": [60], "women": [30], "men": [20], "permanent": [45], "casual": [5], "managers": [70]}
    said = said_of(row, *EDITS[:3])
    assert said == ["call back about workers and managers: changing them together would settle it"]


def test_sets_of_the_same_size_stand_beside_each_other():
    row = {"workers": [50], "women": [30], "men": [2], "permanent": [40], "casual": [5], "managers": [10]}
    [said] = said_of(row, *EDITS[:3])
    assert said.startswith(
        "call back about workers and women, workers and men, workers and permanent or 4 more: "
    )


def test_missing_field_is_none_to_call_back_about():
    row = {"workers": [50, 50], "women": [60, 60], "men": ["", ""]}
    checks = (EDITS[0], at_most("women", "workers"))
    assert (
        said_of(row, *checks)
        == ["call back about workers or women: changing either one alone would settle it"] * 2
    )


def test_row_without_failed_edits_needs_no_call():
    assert said_of({"workers": [50], "women": [30], "men": [20]}, EDITS[0]) == [""]


def test_more_fields_than_a_call_can_ask_about_are_said_to_be_too_many():
    columns = {f"a{i}": [2] for i in range(4)} | {f"b{i}": [1] for i in range(4)}
    checks = [at_most(f"a{i}", f"b{i}") for i in range(4)]
    checks += [at_most(f"b{i}", f"b{i + 1}") for i in range(3)]
    assert said_of(columns, *checks) == [localise.NO_ANSWER]


def test_accounts_and_components_are_edits_too():
    accounts = Balance(
        kind="balance", id="p", table="firms", result="profit", plus=("sales",), minus=("costs",)
    )
    parts = Components(
        kind="components", id="c", table="firms", total="costs", components=("wages", "energy")
    )
    row = {
        "sales": ["1000e6"],
        "costs": ["80e6"],
        "profit": ["200e6"],
        "wages": ["500e6"],
        "energy": ["300e6"],
    }
    said = said_of(row, accounts, parts, high=1e12, low=-1e12)
    assert said == ["call back about costs: changing it alone would settle it"]


# -- properties ---------------------------------------------------------------------------------------
def sound_rows(rng, n):
    women, men = rng.integers(1, 60, n), rng.integers(1, 60, n)
    workers = women + men
    permanent = rng.integers(0, workers + 1)
    managers = rng.integers(0, workers // 2 + 1)
    women_managers = rng.integers(0, np.minimum(managers, women) + 1)
    return np.array([workers, women, men, permanent, workers - permanent, managers, women_managers]).T


def with_one_error(rng, n):
    """Rows with an error each, and its field: digits added, dropped or exchanged, or another number."""
    values, field = sound_rows(rng, n), rng.integers(0, len(FIELDS), n)
    true = values[np.arange(n), field]
    wrong = [true * 10, true // 10, true + 9 * rng.integers(1, 5, n), rng.integers(0, 120, n)]
    values[np.arange(n), field] = np.choose(rng.integers(0, 4, n), wrong)
    return values, field


def test_field_with_the_one_error_is_among_those_suggested():
    values, field = with_one_error(np.random.default_rng(20), 2_000)
    survey = survey_of({name: values[:, j].astype(str).tolist() for j, name in enumerate(FIELDS)})
    [edits] = connected_edits(survey.tables["firms"], EDITS)
    failed = np.flatnonzero((edits.excess > 0).any(axis=1))
    assert len(failed) > 1_000
    alone = changes_alone(edits.matrix, broken_rows(edits, failed))
    named = alone[np.arange(len(failed)), [edits.fields.index(FIELDS[j]) for j in field[failed]]]
    assert named.mean() >= 0.95
    assert alone.sum(axis=1).mean() < 2, "a list of all fields would name the right one as well"
    said = suggestions(edits, failed)
    assert all(
        FIELDS[j] in text for j, text, is_named in zip(field[failed], said, named, strict=True) if is_named
    )


def can_settle(values, chosen, low, high):
    """Whether integers in place of the chosen fields can satisfy all edits, by trying them."""
    grids = np.meshgrid(*[np.arange(low, high + 1)] * len(chosen), indexing="ij")
    tried = np.repeat(np.array(values, dtype=float)[:, None], grids[0].size, axis=1)
    for j, grid in zip(chosen, grids, strict=True):
        tried[j] = grid.ravel()
    w, f, m, p, c = tried
    return bool(((w == f + m) & (w == p + c) & (f <= p)).any())


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 8), min_size=5, max_size=5))
def test_sets_are_those_found_by_trying_every_number(values):
    names = FIELDS[:5]
    checks = (*EDITS[:2], at_most("women", "permanent"))
    [said] = said_of({n: [v] for n, v in zip(names, values, strict=True)}, *checks, low=0, high=8)
    for size in (0, 1, 2):
        sets = [s for s in combinations(range(5), size) if can_settle(values, s, 0, 8)] if size else []
        if size == 0 and can_settle(values, (0,), values[0], values[0]):
            assert said == ""
            return
        if sets:
            assert said == sentence(tuple(tuple(names[j] for j in s) for s in sets))
            return


def test_order_of_rows_changes_no_suggestion(monkeypatch):
    monkeypatch.setattr(localise, "MOST_PATTERNS", 5)
    rng = np.random.default_rng(7)
    values, _ = with_one_error(rng, 60)
    values[:, 5] += rng.integers(100, 200, 60)
    order = rng.permutation(60)
    columns = {name: values[:, j].tolist() for j, name in enumerate(FIELDS)}
    said = np.array(said_of(columns, *EDITS))
    moved = said_of({name: [cells[i] for i in order] for name, cells in columns.items()}, *EDITS)
    assert moved == said[order].tolist()
    assert sum("too varied to say more" in text for text in said) > 0


def test_rows_beyond_the_limit_of_patterns_say_how_many_they_are(monkeypatch):
    monkeypatch.setattr(localise, "MOST_PATTERNS", 0)
    row = {"workers": [60], "women": [30], "men": [20], "permanent": [45], "casual": [5], "managers": [70]}
    assert said_of(row, *EDITS[:3]) == ["call back; this is one of 1 rows too varied to say more"]


# -- with failures ------------------------------------------------------------------------------------
def failures_of(check, rows):
    return Failures(
        check=check, table="firms", rows=np.array(rows), columns=check.columns_read, notes=("x",) * len(rows)
    )


def test_failures_of_other_kinds_are_left_as_they_are_and_those_of_edits_gain_suggestions():
    survey = survey_of({"workers": ["50", "9"], "women": ["30", "9"], "men": ["2", "1"], "other": ["", ""]})
    missing = failures_of(NotMissing(kind="not_missing", id="m", column="other", **ABOUT), [0, 1])
    sums = failures_of(EDITS[0], [0, 1])
    found = with_suggestions(survey, [missing, sums], [EDITS[0]])
    assert found[0] is missing
    assert found[1] == replace(sums, suggestions=found[1].suggestions)
    assert [text.split(":")[0] for text in found[1].suggestions] == [
        "call back about workers, women or men"
    ] * 2


def test_edits_that_share_no_field_are_settled_apart():
    columns = {"workers": ["50"], "women": ["60"], "sales": ["5"], "exports": ["7"]}
    checks = [at_most("women", "workers"), at_most("exports", "sales")]
    found = with_suggestions(survey_of(columns), [failures_of(c, [0]) for c in checks], checks)
    said = {f.check.id: f.suggestions[0].split(":")[0] for f in found}
    assert said == {
        "women-workers": "call back about workers or women",
        "exports-sales": "call back about sales or exports",
    }


def test_no_failures_need_no_suggestions():
    assert with_suggestions(survey_of({"workers": []}), [], EDITS) == []


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ((), ""),
        ((("a",),), "call back about a: changing it alone would settle it"),
        ((("a", "b"),), "call back about a and b: changing them together would settle it"),
        ((("a", "b"), ("a", "c")), "call back about a and b or a and c: changing one of these sets would settle it"),
        (tuple((c,) for c in "abcdefgh"), "call back about a, b, c, d, e, f or 2 more: changing any one alone would settle it"),
    ],
)  # fmt: skip
def test_sentence_names_the_sets(sets, words):
    assert sentence(sets) == words
