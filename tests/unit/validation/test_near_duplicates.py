"""Interviews that share more answers than chance explains."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.enumerators import NearDuplicates
from impacteval.closed import OptionError
from impacteval.validation import near_duplicates
from impacteval.validation.near_duplicates import (
    Coded,
    answers_in,
    blocks_of,
    check_near_duplicates,
    largest_shares,
    permuted,
)
from support.interviews import in_other_order, interviews, rows_said, said

ITEMS = tuple(f"q{i}" for i in range(40))
CHECK = NearDuplicates(kind="near_duplicates", id="n", table="firms", items=ITEMS)
TYPES = dict.fromkeys(ITEMS, "integer")


def answers(n_rows: int, *, seed: int = 0, n_choices: int = 5, missing: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.integers(1, n_choices + 1, (n_rows, len(ITEMS)))
    return np.where(rng.random(values.shape) < missing, -1, values)


def survey_of(values: np.ndarray, **columns):
    cells = {item: ["" if v < 0 else str(v) for v in values[:, i]] for i, item in enumerate(ITEMS)}
    return interviews(len(values), {**cells, **columns}, types=TYPES)


def coded(values: np.ndarray) -> Coded:
    """Codes as the check makes them, but with a code for each value."""
    return Coded(
        codes=[np.where(c < 0, 0, c).astype(np.uint8) for c in values.T],
        is_given=(values >= 0).astype(np.float32),
    )


def reference_shares(values: np.ndarray, least_items: int) -> np.ndarray:
    """Pair by pair, as the definition says."""
    best = np.full(len(values), -1.0)
    for i in range(len(values)):
        for j in range(len(values)):
            both = (values[i] >= 0) & (values[j] >= 0)
            if i != j and both.sum() >= least_items:
                best[i] = max(best[i], (values[i] == values[j])[both].mean())
    return best


def test_a_copied_interview_is_found_with_the_one_it_was_copied_from():
    values = answers(200)
    values[150] = values[20]
    values[150, :3] = (values[20, :3] % 5) + 1
    found = said(check_near_duplicates, survey_of(values), CHECK)
    assert found["source_row"].tolist() == [22, 152]
    assert "37 of 40 answers (92%) are those of firms.csv, row 152" in found["message"][0]
    assert "37 of 40 answers (92%) are those of firms.csv, row 22" in found["message"][1]


def test_interviews_by_chance_alone_are_found_at_about_the_rate_of_the_percentile():
    """Of 2,000 independent interviews one in a hundred at the 99th percentile, within four standard errors.

    Largest shares come in pairs, so that the error is that of half as many draws; ties at the limit
    pass and make fewer.
    """
    found = rows_said(
        check_near_duplicates, survey_of(answers(2000, seed=1)), replace(CHECK, percentile=99.0)
    )
    assert len(found) <= 20 + 4 * np.sqrt(2 * 2000 * 0.01 * 0.99)


def test_skewed_items_make_interviews_alike_without_making_them_suspect():
    """Interviews share up to all 40 answers where nine in ten say the same; a fixed 85% would find most."""
    rng = np.random.default_rng(2)
    values = np.where(rng.random((300, len(ITEMS))) < 0.97, 1, 2)
    assert (reference_shares(values, 30) > 0.85).all()
    assert rows_said(check_near_duplicates, survey_of(values), CHECK) == []


def test_answers_that_strata_share_are_not_duplicates():
    rng = np.random.default_rng(3)
    stratum = np.arange(400) % 40
    typical = rng.integers(1, 6, (40, len(ITEMS)))
    values = np.where(
        rng.random((400, len(ITEMS))) < 0.7, typical[stratum], rng.integers(1, 6, (400, len(ITEMS)))
    )
    with_strata = survey_of(values, stratum=[f"s{s}" for s in stratum])
    by_chance_alone = replace(CHECK, deviations=0.0, most_share=1.0)
    assert len(rows_said(check_near_duplicates, with_strata, by_chance_alone)) <= 4
    assert len(rows_said(check_near_duplicates, survey_of(values), by_chance_alone)) > 100


def going_together(n_rows: int, seed: int = 0) -> np.ndarray:
    """Answers of a few kinds of people: within a kind four in five agree, as those of households do."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(1, 6, (6, len(ITEMS)))
    kind = rng.integers(0, 6, n_rows)
    typical = rng.random((n_rows, len(ITEMS))) < 0.8
    return np.where(typical, kinds[kind], rng.integers(1, 6, (n_rows, len(ITEMS))))


def test_answers_that_go_together_are_not_duplicates():
    """All that separates them from chance is that they depend on each other; a reference by chance has most."""
    values = going_together(300)
    survey = survey_of(values)
    assert len(rows_said(check_near_duplicates, survey, CHECK)) <= 3
    assert len(rows_said(check_near_duplicates, survey, replace(CHECK, deviations=0.0, most_share=1.0))) > 100


def test_a_copy_among_answers_that_go_together_is_found():
    values = going_together(300)
    values[150] = values[20]
    values[150, 0] = values[20, 0] % 5 + 1
    assert {22, 152} <= set(rows_said(check_near_duplicates, survey_of(values), CHECK))


def test_an_exact_copy_is_found_however_alike_interviews_are():
    values = going_together(300)
    values[150:250] = values[20:120]
    found = rows_said(check_near_duplicates, survey_of(values), CHECK)
    assert set(range(22, 122)) | set(range(152, 252)) <= set(found)


def test_of_many_that_stand_out_those_that_share_most_are_listed_and_all_are_counted():
    values = answers(300, seed=8)
    values[200:220] = values[:20]
    for place in range(200, 220):
        n_changed = 1 + (place - 200) % 4
        values[place, :n_changed] = values[place, :n_changed] % 5 + 1
    who = ["E2" if i >= 200 else "E1" for i in range(300)]
    found = said(check_near_duplicates, survey_of(values, enumerator=who), CHECK)
    whole = found[found["source_row"] == 0]
    assert whole["value_shown"].tolist() == [
        "round 1: 40 interviews are nearly the same as another, more than 5%; the 20 that share most are "
        "listed; enumerator E1 took 20 of them"
    ]
    assert whole["severity"].tolist() == ["warning"]
    assert len(found) == 21


def test_few_interviews_do_not_say_what_is_usual():
    values = answers(6, seed=9)
    values[3:] = values[:3]
    values[3:, 0] = values[:3, 0] % 5 + 1
    assert len(rows_said(check_near_duplicates, survey_of(values), CHECK)) == 6


def test_only_interviews_of_one_round_are_compared():
    values = np.vstack([answers(100, seed=4)] * 2)
    rounds = ["1"] * 100 + ["2"] * 100
    assert rows_said(check_near_duplicates, survey_of(values, round=rounds), CHECK) == []
    assert len(rows_said(check_near_duplicates, survey_of(values), CHECK)) == 200


def test_interviews_that_share_few_answered_items_are_not_compared():
    values = answers(100, seed=5)
    values[1] = values[0]
    values[1, :11] = -1
    assert rows_said(check_near_duplicates, survey_of(values), CHECK) == []
    assert rows_said(check_near_duplicates, survey_of(values), replace(CHECK, least_items=29)) == [2, 3]


def test_missing_answers_are_not_identical_answers():
    values = answers(100, seed=6)
    values[:2, :10] = -1
    values[1, 10:] = values[0, 10:]
    values[1, 39] = values[0, 39] % 5 + 1
    found = said(check_near_duplicates, survey_of(values), CHECK)
    assert found["source_row"].tolist() == [2, 3]
    assert "29 of 30 answers" in found["message"][0]


@pytest.mark.parametrize("missing", [0.0, 0.15])
@pytest.mark.parametrize("tiles", [(256, 2048), (7, 13), (1, 1)])
def test_largest_shares_are_those_of_comparing_pair_by_pair(missing, tiles, monkeypatch):
    monkeypatch.setattr(near_duplicates, "TILE_ROWS", tiles[0])
    monkeypatch.setattr(near_duplicates, "TILE_COLUMNS", tiles[1])
    values = answers(60, seed=7, missing=missing)
    found = largest_shares(coded(values), np.array([0, 60]), 30)
    np.testing.assert_array_equal(found, reference_shares(values, 30).astype(np.float32))


def test_blocks_are_compared_each_on_its_own():
    values = answers(50, seed=8)
    found = largest_shares(coded(values), np.array([0, 20, 50]), 30)
    wanted = np.r_[reference_shares(values[:20], 30), reference_shares(values[20:], 30)]
    np.testing.assert_array_equal(found, wanted.astype(np.float32))


def test_permuting_keeps_the_answers_of_each_item_in_a_stratum_and_who_gave_none():
    values = answers(80, seed=9, missing=0.2)
    stratum = np.arange(80) % 3
    mixed = permuted(coded(values), stratum.astype(np.int64), np.random.default_rng(0))
    before = coded(values)
    assert any((a != b).any() for a, b in zip(mixed.codes, before.codes, strict=True))
    for old, new in zip(before.codes, mixed.codes, strict=True):
        np.testing.assert_array_equal(old == 0, new == 0)
        for s in range(3):
            np.testing.assert_array_equal(np.sort(old[stratum == s]), np.sort(new[stratum == s]))


def test_items_of_many_values_are_compared_exactly():
    """Amounts have more values than one byte can number."""
    values = answers(700, seed=10)
    values[:, :20] = np.arange(700)[:, None] // 2 + np.arange(20)
    values[11] = values[10]
    assert set(rows_said(check_near_duplicates, survey_of(values), CHECK)) >= {12, 13}


def test_large_rounds_are_compared_within_enumerators_and_the_limit_is_said():
    values = answers(90, seed=11)
    values[1] = values[0]
    values[3] = values[31]
    who = [f"E{i // 30}" for i in range(90)]
    survey = survey_of(values, enumerator=who)
    found = said(check_near_duplicates, survey, replace(CHECK, most_compared=40))
    assert found[found["source_row"] > 0]["source_row"].tolist() == [2, 3], (
        "row 5 was copied from another enumerator"
    )
    limit = found[found["source_row"] == 0].iloc[0]
    assert limit["severity"] == "info"
    assert limit["value_shown"] == (
        "round 1: of 90 interviews, more than 40, only those of the same enumerator were compared"
    )
    assert rows_said(check_near_duplicates, survey, CHECK) == [2, 3, 5, 33]


def test_enumerators_with_too_many_interviews_are_cut_into_runs_that_keep_like_ones_together():
    values = answers(60, seed=12)
    values[40] = values[3]
    survey = survey_of(values)
    check = replace(CHECK, most_compared=25)
    found = said(check_near_duplicates, survey, check)
    assert "1 groups of them in runs of 25" in found[found["source_row"] == 0]["value_shown"].iloc[0]
    assert found[found["source_row"] > 0]["source_row"].tolist() == [5, 42]
    blocks, _ = blocks_of(survey.tables["firms"], check, np.arange(60))
    assert sorted(np.concatenate(blocks)) == list(range(60)) and max(map(len, blocks)) == 25


def test_without_named_items_all_numbers_and_choices_without_a_role_are_compared():
    survey = survey_of(answers(30, seed=13))
    assert set(answers_in(survey.tables["firms"])) == set(ITEMS)
    values = answers(100, seed=14)
    values[1] = values[0]
    assert rows_said(check_near_duplicates, survey_of(values), replace(CHECK, items=())) == [2, 3]


def test_too_few_items_to_compare_are_said():
    found = said(check_near_duplicates, interviews(3, {}), replace(CHECK, items=()))
    assert found[["source_row", "severity"]].to_numpy().tolist() == [[0, "info"]]
    assert "are needed" in found["value_shown"][0]


@pytest.mark.parametrize("n_rows", [0, 1, 2])
def test_tiny_tables_have_no_findings(n_rows):
    assert said(check_near_duplicates, survey_of(answers(n_rows)), CHECK).empty


def test_items_without_any_answer_have_no_findings():
    assert said(check_near_duplicates, survey_of(np.full((5, 40), -1)), CHECK).empty


def test_fewer_items_than_are_needed_are_refused():
    with pytest.raises(OptionError, match="between least_items 30"):
        replace(CHECK, items=ITEMS[:29])


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 1000), st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_the_order_of_rows(seed, random):
    values = answers(24, seed=seed, n_choices=2, missing=0.1)
    values[5] = values[17]
    survey = survey_of(
        values, stratum=[f"s{i % 2}" for i in range(24)], enumerator=[f"E{i % 3}" for i in range(24)]
    )
    order = list(range(24))
    random.shuffle(order)
    check = replace(CHECK, least_items=25, percentile=60.0, most_compared=10)
    pd.testing.assert_frame_equal(
        said(check_near_duplicates, survey, check),
        said(check_near_duplicates, in_other_order(survey, order), check),
    )
