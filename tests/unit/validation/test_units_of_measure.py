"""Values in another unit are found, by their enterprise's other rounds and by their group."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impacteval.checks.statistics import UnitSlip
from impacteval.delivery import Roles
from impacteval.validation.units_of_measure import check_unit_slip
from support.statistics import about, firms_survey, notes_on_whole, rows_of, shown, typed_survey
from support.tables import variable

VARIABLES = (
    variable("sector", "category"),
    variable("size", "category"),
    variable("workers", "integer"),
    variable("sales", "decimal"),
)
CHECK = UnitSlip(**about("unit_slip"), column="sales", groups=("sector", "size"))
FACTORS = (1e3, 1e6)
FOLLOWED_BY_ROUND = Roles(unit="firm", period="round")


@dataclass(frozen=True, kw_only=True)
class World:
    """How a simulated survey is made; logarithms are natural."""

    n_firms: int = 2500
    n_rounds: int = 4
    within: float = 0.4
    rate: float = 0.02
    tails: float = np.inf


def simulated(world: World, seed: int) -> pd.DataFrame:
    """Enterprises in 12 sectors by size, log sales with SD 1 among them; some leave, some values slip.

    ``within`` is the SD of the change between two rounds.
    """
    rng = np.random.default_rng(seed)
    sector, size = rng.integers(0, 4, world.n_firms), rng.integers(0, 3, world.n_firms)
    level = 18 + 0.5 * sector + size + rng.normal(0, 1, world.n_firms)
    leaves = np.where(rng.random(world.n_firms) < 0.35, rng.integers(1, world.n_rounds + 1, world.n_firms), 9)
    firm = np.repeat(np.arange(world.n_firms), world.n_rounds)
    period = np.tile(np.arange(1, world.n_rounds + 1), world.n_firms)
    noise = rng.standard_t(world.tails, len(firm)) if np.isfinite(world.tails) else rng.normal(size=len(firm))
    unit_sd = np.sqrt(world.tails / (world.tails - 2)) if np.isfinite(world.tails) else 1.0
    log = level[firm] + 0.06 * period + world.within / np.sqrt(2) * noise / unit_sd
    workers = np.exp(3 + size[firm] + rng.normal(0, 0.3, len(firm))).round()
    slip = rng.choice([*FACTORS, *(1 / f for f in FACTORS)], len(firm))
    factor = np.where(rng.random(len(firm)) < world.rate, slip, 1.0)
    frame = pd.DataFrame(
        {
            "firm": firm,
            "round": period,
            "sector": sector[firm],
            "size": size[firm],
            "workers": workers.astype(int),
            "sales": np.exp(log) * factor,
            "factor": factor,
        }
    )
    return frame[period <= leaves[firm]].reset_index(drop=True)


def survey_of(frame, variables=VARIABLES, roles=FOLLOWED_BY_ROUND):
    columns = {c: frame[c].tolist() for c in frame.columns if c != "factor"}
    return firms_survey(columns, variables, roles)


def found_in(frame, check=CHECK):
    survey = typed_survey(frame, (variable("firm"), *VARIABLES), FOLLOWED_BY_ROUND)
    is_found = np.zeros(len(frame), dtype=bool)
    is_found[rows_of(check_unit_slip(survey, check))] = True
    return is_found


@pytest.mark.parametrize(
    ("world", "per"),
    [
        (World(within=0.3), ""),
        (World(within=0.5), ""),
        (World(within=0.5), "workers"),
        (World(n_rounds=2), ""),
        (World(n_rounds=1), ""),
        (World(n_rounds=1), "workers"),
        (World(n_firms=150, n_rounds=3), ""),
    ],
    ids=[
        "steady",
        "changing",
        "changing per worker",
        "two rounds",
        "one round",
        "one round per worker",
        "small",
    ],
)
def test_slips_are_found_with_recall_of_95_and_precision_of_98_percent(world, per):
    """Both bounds are met by 4 Monte Carlo standard errors; where nothing is wrong, that of one miss."""
    hits = misses = false = seed = 0
    check = replace(CHECK, per=per)
    while hits + misses < 300:
        frame = simulated(world, seed)
        is_slipped, is_found = (frame["factor"] != 1).to_numpy(), found_in(frame, check)
        hits += int((is_slipped & is_found).sum())
        misses += int((is_slipped & ~is_found).sum())
        false += int((~is_slipped & is_found).sum())
        seed += 1
    recall, recall_error = share(hits, misses)
    precision, precision_error = share(hits, false)
    assert recall - 4 * recall_error >= 0.95, f"recall {recall:.4f} ({recall_error:.4f})"
    assert precision - 4 * precision_error >= 0.98, f"precision {precision:.4f} ({precision_error:.4f})"


def share(hits, others):
    """A share and its Monte Carlo standard error, at least that of one miss."""
    n = hits + others
    p = hits / n
    return p, np.sqrt(max(p * (1 - p), (n - 1) / n**2) / n)


def test_heavy_tailed_changes_cost_little_recall_and_precision():
    """Changes with four degrees of freedom; point values, as no bound was promised for them."""
    frame = simulated(World(within=0.5, tails=4.0, n_firms=4000), 1)
    is_slipped, is_found = (frame["factor"] != 1).to_numpy(), found_in(frame)
    assert (is_slipped & is_found).sum() >= 0.95 * is_slipped.sum()
    assert (is_slipped & is_found).sum() >= 0.98 * is_found.sum()


def test_clean_values_are_not_called_slips():
    assert found_in(simulated(World(rate=0.0, within=0.5), 5)).sum() == 0


def rounds_of(sales, firm="x", sector="food", workers=20):
    n = len(sales)
    return pd.DataFrame(
        {
            "firm": firm,
            "round": range(1, n + 1),
            "sector": sector,
            "size": "small",
            "workers": workers,
            "sales": sales,
        }
    )


OTHERS = pd.concat(
    [
        rounds_of([100.0 * s, 110.0 * s, 95.0 * s], firm=f"f{i}")
        for i, s in enumerate(np.linspace(0.5, 2, 24))
    ],
    ignore_index=True,
)


@pytest.mark.parametrize(
    ("sales", "wrong"),
    [
        ([100_000.0, 110.0, 95.0], [0]),
        ([100.0, 0.11, 95.0], [1]),
        ([100.0, 110.0, 95e6], [2]),
        ([100.0, 110_000.0], [1]),
        ([0.1, 110.0], [0]),
        ([100.0, 110_000.0, 95_000.0], [1, 2]),
        ([100.0, 0.00011, 95_000.0], [1, 2]),
        ([100_000.0], [0]),
        ([0.1, 0.11], [0, 1]),
        ([100.0, 110.0, 95.0], []),
        ([100.0, 3_000.0, 95.0], []),
        ([100.0, 10_000.0, 95.0], []),
        ([100.0, None, 95_000.0], [2]),
        ([0.0, -5.0, 95.0], []),
    ],
)
def test_the_round_that_is_wrong_is_the_one_that_neither_other_rounds_nor_the_group_support(sales, wrong):
    frame = pd.concat([rounds_of(sales), OTHERS], ignore_index=True)
    assert np.flatnonzero(found_in(frame)).tolist() == wrong


def test_the_ratio_to_the_second_column_has_to_agree():
    frame = pd.concat(
        [rounds_of([100.0, 110_000.0, 95.0], workers=[20, 20_000, 20]), OTHERS], ignore_index=True
    )
    assert found_in(frame)[1]
    assert not found_in(frame, replace(CHECK, per="workers")).any()


def test_without_the_second_column_the_value_decides_alone():
    frame = pd.concat([rounds_of([100.0, 110_000.0, 95.0], workers=[20, None, 0]), OTHERS], ignore_index=True)
    frame["workers"] = frame["workers"].astype("Int64")
    assert np.flatnonzero(found_in(frame, replace(CHECK, per="workers"))).tolist() == [1]


def test_a_month_among_years_is_found_only_where_it_is_asked_for_and_there_are_other_rounds():
    frame = pd.concat(
        [rounds_of([100.0, 110.0 / 12, 95.0]), rounds_of([9.0], firm="y"), OTHERS], ignore_index=True
    )
    assert not found_in(frame).any()
    months = check_unit_slip(survey_of(frame), replace(CHECK, months=True))
    assert rows_of(months) == [1]
    assert "multiplied by 12" in months[0].suggestions[0]


def test_a_finding_says_factor_and_reference_and_proposes_the_value_in_the_usual_unit():
    frame = pd.concat(
        [rounds_of([100.0, 110_000.0, 95.0]), rounds_of([0.1], firm="y"), OTHERS], ignore_index=True
    )
    survey = survey_of(frame)
    found = shown(survey, check_unit_slip(survey, CHECK))
    assert found["value_shown"].tolist() == ["110000.0", "0.1"]
    assert "times the median of the enterprise's 2 other rounds, about 1,000 times it" in found["message"][0]
    assert "of the median of its group by sector and size, about 1/1,000 of it" in found["message"][1]
    assert found["suggestion"][0].startswith("in the usual unit it would be 110, the value divided by 1,000")
    assert found["suggestion"][1].startswith(
        "in the usual unit it would be 100, the value multiplied by 1,000"
    )
    assert found["suggestion"].str.endswith(CHECK.suggestion).all()


def test_values_of_a_confidential_column_are_in_neither_note_nor_suggestion():
    frame = pd.concat([rounds_of([100.0, 123_456.0, 95.0]), OTHERS], ignore_index=True)
    hidden = (*VARIABLES[:-1], replace(VARIABLES[-1], confidential="yes"))
    survey = survey_of(frame, hidden)
    found = shown(survey, check_unit_slip(survey, CHECK))
    assert len(found) == 1
    assert "123" not in repr(found.drop(columns="raw_value").to_dict())


def test_a_round_in_which_all_report_in_thousands_is_one_finding_on_the_column():
    frame = OTHERS.assign(sales=OTHERS["sales"].where(OTHERS["round"] != 2, OTHERS["sales"] / 1000))
    failures = check_unit_slip(survey_of(frame), CHECK)
    assert rows_of(failures) == []
    notes = notes_on_whole(failures)
    assert len(notes) == 2
    assert "24 enterprises" in notes[0] and "period 2" in notes[0] and "1/909 of" in notes[0]


def test_tables_without_enterprises_and_rounds_are_judged_by_the_group():
    frame = pd.concat([OTHERS.head(30), rounds_of([100_000.0])], ignore_index=True)
    survey = survey_of(frame, roles=Roles())
    assert rows_of(check_unit_slip(survey, CHECK)) == [30]
    assert "the median of its group" in check_unit_slip(survey, CHECK)[0].notes[0]


@pytest.mark.parametrize("sales", [[], [None, None], [5.0], [0.0, -1.0], [7.0] * 40, [1e-300, 1e300]])
def test_it_never_raises(sales):
    survey = survey_of(rounds_of(sales))
    for check in (CHECK, replace(CHECK, per="workers", months=True)):
        assert rows_of(check_unit_slip(survey, check)) == []


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_matter(random):
    frame = simulated(World(n_firms=40, rate=0.1), 3)
    order = list(range(len(frame)))
    random.shuffle(order)
    assert found_in(frame)[order].tolist() == found_in(frame.iloc[order].reset_index(drop=True)).tolist()


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 10**6))
def test_the_unit_in_which_all_report_is_no_matter(scale):
    frame = simulated(World(n_firms=40, rate=0.1), 4)
    scaled = frame.assign(sales=frame["sales"] * scale)
    assert found_in(frame).any()
    assert found_in(frame).tolist() == found_in(scaled).tolist()


def test_many_rounds_of_one_enterprise_are_judged_by_their_median():
    frame = pd.concat([rounds_of([100.0] * 5 + [1e5] + [104.0] * 6), OTHERS], ignore_index=True)
    assert np.flatnonzero(found_in(frame)).tolist() == [5]
