"""Real interviews: a household survey of Rwanda (LWH) and a file of back-checks, against plain loops.

The LWH file comes with the settings of DIME's ``iehfc``; its enumerator checks are counts by
enumerator and averages of income. Both are recomputed here without the package.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from math import asin, cos, radians, sin, sqrt
from statistics import mean

import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.stats.anova import anova_lm

from impacteval.checks.enumerators import EnumeratorEffect, Heaping
from impacteval.checks.fieldwork import Duration, FormVersion, InterviewTime, Overlap
from impacteval.delivery import Fieldwork, FormFile, Roles
from impacteval.validation.durations import judge_durations
from impacteval.validation.enumerator_dashboard import enumerator_dashboard
from impacteval.validation.enumerator_effects import enumerator_effects
from impacteval.validation.enumerators import heaping_shares
from impacteval.validation.fieldwork import check_form_version, check_interview_time, interview_days
from impacteval.validation.finding import findings_of
from impacteval.validation.overlaps import check_overlap
from support.interviews import rows_said, said
from support.surveys import make_survey
from support.tables import variable

pytestmark = pytest.mark.reference

FOLDER = ("data", "survey")
INCOMES = ("inc_1", "inc_2", "inc_10", "inc_11")
LWH_ROLES = Roles(
    unit="hhid", enumerator="enumerator", start="submissiondate", form_version="formdef_version"
)
FORMS = (
    FormFile(table="firms", file="a.xlsx", version="2304301500", deployed="2023-04-30"),
    FormFile(table="firms", file="b.xlsx", version="2305021814", deployed="2023-05-02"),
)
AGAIN = Roles(unit="hhid", enumerator="a_bcer_id", start="starttime", end="endtime", latitude="gpslatitude", longitude="gpslongitude")  # fmt: skip


@pytest.fixture(scope="module")
def lwh_rows(reference):
    with reference.path(*FOLDER, "LWH_FUP2_raw_data.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def settings_of_iehfc(reference):
    with reference.path(*FOLDER, "LWH_iehfc_parameters.csv").open(encoding="utf-8", newline="") as lines:
        return {row["Parameter"]: row["Value"] for row in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def lwh(lwh_rows):
    kinds = {
        "submissiondate": ("date", "%m/%d/%Y"),
        "formdef_version": ("integer", ""),
        **dict.fromkeys(INCOMES, ("decimal", "")),
    }
    columns = ("hhid", "enumerator", *kinds)
    book = [variable(c, kinds.get(c, ("text", ""))[0], format=kinds.get(c, ("text", ""))[1]) for c in columns]
    cells = {c: [row[c] for row in lwh_rows] for c in columns}
    return make_survey({"firms": cells}, book, {"firms": LWH_ROLES}, forms=FORMS)[0]


def test_roles_are_those_that_iehfc_was_given(settings_of_iehfc):
    assert settings_of_iehfc["enumerator_var_select_var"] == LWH_ROLES.enumerator
    assert settings_of_iehfc["enumerator_date_var_select_var"] == LWH_ROLES.start
    assert settings_of_iehfc["enumerator_ave_vars_select_var"] in INCOMES


def test_dashboard_counts_interviews_and_days_of_all_enumerators(lwh, lwh_rows):
    found = enumerator_dashboard(lwh, "firms", findings_of(lwh, [])).set_index("enumerator")
    assert found["n_interviews"].to_dict() == dict(Counter(row["enumerator"] for row in lwh_rows))
    assert len(found) == 62 and found["n_interviews"].sum() == 1206
    days = defaultdict(list)
    for row in lwh_rows:
        month, day, year = row["submissiondate"].split("/")
        days[row["enumerator"]].append(f"{year}-{int(month):02d}-{int(day):02d}")
    assert found["first_day"].to_dict() == {who: min(mine) for who, mine in days.items()}
    assert found["last_day"].to_dict() == {who: max(mine) for who, mine in days.items()}


def test_timeline_of_four_days(lwh):
    found = interview_days(lwh, "firms")
    assert found[["day", "n_interviews"]].to_numpy().tolist() == [
        ["2023-05-02", 300], ["2023-05-03", 300], ["2023-05-04", 300], ["2023-05-05", 306],
    ]  # fmt: skip


def test_the_two_interviews_with_the_old_form_are_found(lwh, lwh_rows):
    old = [i for i, row in enumerate(lwh_rows, 2) if row["formdef_version"] == "2304301500"]
    assert len(old) == 2
    check = FormVersion(kind="form_version", id="v", table="firms")
    assert rows_said(check_form_version, lwh, check) == old


def test_all_interviews_are_in_a_window_that_holds_them_and_the_last_day_is_out_of_one_that_does_not(
    lwh, lwh_rows
):
    check = InterviewTime(kind="interview_time", id="t", table="firms")
    for last, wanted in (("2023-05-05", 0), ("2023-05-04", 306)):
        fieldwork = (Fieldwork(first_day="2023-05-02", last_day=last),)
        declared = replace(lwh, fieldwork=fieldwork, exported_on="2023-05-05")
        assert len(rows_said(check_interview_time, declared, check)) == wanted


@pytest.mark.parametrize("income", ["inc_1", "inc_11"])
def test_averages_by_enumerator_and_their_correlation_are_those_of_other_software(lwh, lwh_rows, income):
    check = EnumeratorEffect(
        kind="enumerator_effect", id="e", table="firms", outcome=income, draws=99, p=0.02, least=1
    )
    found = enumerator_effects(lwh, check).set_index("enumerator")
    values = defaultdict(list)
    for row in lwh_rows:
        values[row["enumerator"]].append(float(row[income]))
    overall = mean(v for mine in values.values() for v in mine)
    for who, mine in values.items():
        assert found.loc[who, "mean"] + overall == pytest.approx(mean(mine), rel=1e-9, abs=1e-6)
    frame = pd.DataFrame([(who, v) for who, mine in values.items() for v in mine], columns=["e", "y"])
    between, within = anova_lm(smf.ols("y ~ C(e)", frame).fit())["mean_sq"]
    sizes = [len(mine) for mine in values.values()]
    n0 = (1206 - sum(s * s for s in sizes) / 1206) / 61
    assert found["icc"].iloc[0] == pytest.approx((between - within) / (between + (n0 - 1) * within), rel=1e-9)


def test_round_incomes_are_those_with_one_digit_before_their_zeros(lwh, lwh_rows):
    check = Heaping(kind="heaping", id="h", table="firms", columns=INCOMES)
    found = heaping_shares(lwh, check)
    counts, rounded = Counter(), Counter()
    for row in lwh_rows:
        for text in (row[c] for c in INCOMES):
            digits = f"{abs(Decimal(text)):f}".replace(".", "").strip("0")
            if digits:
                counts[row["enumerator"]] += 1
                rounded[row["enumerator"]] += len(digits) == 1
    assert found["n"].to_dict() == dict(counts)
    assert found["n_hits"].to_dict() == {who: rounded[who] for who in counts}


@pytest.fixture(scope="module")
def visits(reference):
    frame = pd.read_stata(reference.path(*FOLDER, "ipa_household_backcheck.dta"), convert_categoricals=False)
    return frame[["hhid", "a_bcer_id", "starttime", "endtime", "gpslatitude", "gpslongitude"]]


@pytest.fixture(scope="module")
def back_checks(visits):
    cells = {
        name: list(values.dt.strftime("%Y-%m-%dT%H:%M:%S")) if name.endswith("time") else ["" if pd.isna(v) else str(v) for v in values]
        for name, values in visits.items()
    }  # fmt: skip
    kinds = {
        "starttime": "datetime",
        "endtime": "datetime",
        "gpslatitude": "decimal",
        "gpslongitude": "decimal",
    }
    book = [variable(name, kinds.get(name, "text")) for name in cells]
    return make_survey({"firms": cells}, book, {"firms": AGAIN})[0]


def distance_km(one, two):
    phi, psi = radians(one.gpslatitude), radians(two.gpslatitude)
    lam = radians(two.gpslongitude - one.gpslongitude)
    h = sin((psi - phi) / 2) ** 2 + cos(phi) * cos(psi) * sin(lam / 2) ** 2
    return 2 * 6371.0088 * asin(sqrt(h))


def test_overlaps_and_journeys_are_those_of_a_loop_over_all_pairs(back_checks, visits):
    check = Overlap(kind="overlap", id="o", table="firms")
    wanted = set()
    for _, mine in visits.groupby("a_bcer_id"):
        ordered = mine.sort_values(["starttime", "endtime"])
        held = [v for v in ordered.itertuples() if v.starttime < v.endtime]
        for one, two in combinations(held, 2):
            if two.starttime < one.endtime and one.starttime < two.endtime:
                wanted |= {one.Index, two.Index}
        for i in range(1, len(held)):
            one, two = held[i - 1], held[i]
            hours = (two.starttime - max(v.endtime for v in held[:i])).total_seconds() / 3600
            gap = (two.starttime - one.endtime).total_seconds() / 3600
            if hours >= 0 and distance_km(one, two) > max(0.2, 80 * gap):
                wanted |= {one.Index, two.Index}
    assert wanted, "the file has visits at once"
    assert rows_said(check_overlap, back_checks, check) == sorted(i + 2 for i in wanted)


def test_durations_and_their_median_are_those_of_the_file(back_checks, visits):
    check = Duration(kind="duration", id="d", table="firms", share=0.75)
    judged = judge_durations(back_checks, check)
    minutes = (visits["endtime"].dt.floor("s") - visits["starttime"].dt.floor("s")).dt.total_seconds() / 60
    known = minutes[minutes >= 0]
    pd.testing.assert_series_equal(judged.minutes.dropna(), known, check_names=False)
    limit = known[known > 0].median() * 0.75
    assert judged.is_short.sum() == (known < limit).sum() > 0
    assert judged.is_long.sum() == (known > 360).sum()


def test_every_visit_ends_after_it_starts(back_checks, visits):
    found = said(
        check_interview_time, back_checks, InterviewTime(kind="interview_time", id="t", table="firms")
    )
    wrong = int((visits["starttime"] >= visits["endtime"]).sum())
    assert (found["source_row"] > 0).sum() == wrong
