"""How simulated records are judged: their codebook, roles and checks, as a study would declare them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from impacteval.checks import (
    AddsUp,
    AnyCheck,
    Balance,
    DuplicateFirms,
    Duration,
    ForeignKey,
    Growth,
    Heaping,
    InterviewTime,
    Location,
    Matches,
    MultivariateOutlier,
    NearDuplicates,
    Outlier,
    Overlap,
    PersonalData,
    SameIdentity,
    StraightLine,
    UnitSlip,
    checks_of_codebook,
)
from impacteval.codebook import Codebook, Variable
from impacteval.delivery import Fieldwork, Roles
from impacteval.simulation.records import CODED, CODES, N_ITEMS, REVERSED_ITEM, ROUND_DAYS
from impacteval.validation.rules import Rules

AMOUNTS = ("sales", "wage_bill", "materials", "other_cost", "total_cost", "kwh")
ITEMS = tuple(f"item_{number:02d}" for number in range(1, N_ITEMS + 1))
TEXTS = ("_uuid", "firm_id", "enumerator", "arm", "sector", "estate", "firm_name", "phone", "remark")
CONFIDENTIAL = ("firm_name", "phone")
PLACES = ("lat", "lon", "registered_lat", "registered_lon")


def record_rules(last_day: str = "2013-12-31") -> Rules:
    """Rules for the tables of ``simulation.records``."""
    codebook = Codebook(variables=tuple(_variables()))
    roles = {
        "firms": Roles(
            unit="firm_id",
            period="round",
            submission="_uuid",
            enumerator="enumerator",
            start="start",
            end="end",
            consent="consent",
            consent_given=("yes",),
            arm="arm",
            name="firm_name",
            phone="phone",
            district="estate",
            latitude="lat",
            longitude="lon",
        ),
        "frame": Roles(unit="firm_id", arm="arm", name="firm_name", phone="phone", district="estate"),
    }
    windows = tuple(
        Fieldwork(period=str(number), first_day=first, last_day=last)
        for number, (first, last) in enumerate(zip(ROUND_DAYS, (*ROUND_DAYS[1:], last_day), strict=True))
    )
    return Rules(
        codebook=codebook,
        roles=roles,
        checks=(*checks_of_codebook(codebook, roles), *_checks()),
        fieldwork=windows,
        exported_on=last_day,
        time_zone="Asia/Jakarta",
        protected=("frame",),
    )


PLAIN = Variable(
    table="firms",
    column="",
    type="text",
    unit="",
    required="yes",
    confidential="no",
    minimum=None,
    maximum=None,
    allowed=(),
    missing_codes=(),
    label="",
)
ANY_COUNT = replace(PLAIN, type="integer", hard_minimum=0.0, hard_maximum=5000.0)
ANY_AMOUNT = replace(PLAIN, type="decimal", format="id", hard_minimum=0.0, hard_maximum=9e14)
ANY_YEAR = replace(PLAIN, type="integer", hard_minimum=1900.0, hard_maximum=2013.0)
YES_NO = replace(PLAIN, type="category", allowed=("yes", "no"))
SHARE = replace(PLAIN, type="decimal", hard_minimum=0.0, hard_maximum=100.0, relevant="${exports} = 'yes'")


def _variables() -> Iterator[Variable]:
    for column, kind in {
        **dict.fromkeys(TEXTS, PLAIN),
        **dict.fromkeys(CONFIDENTIAL, replace(PLAIN, confidential="yes")),
        "remark": replace(PLAIN, required="no"),
        "round": replace(PLAIN, type="integer", allowed=("0", "1", "2", "3")),
        **dict.fromkeys(("start", "end"), replace(PLAIN, type="datetime")),
        "consent": YES_NO,
        "founded": ANY_YEAR,
        **dict.fromkeys(PLACES, replace(PLAIN, type="decimal", confidential="yes")),
        **dict.fromkeys(("emp_total", "emp_male", "emp_female"), ANY_COUNT),
        **dict.fromkeys(AMOUNTS, ANY_AMOUNT),
        "profit": replace(PLAIN, type="decimal", format="id"),
        "exports": YES_NO,
        "export_share": SHARE,
        **dict.fromkeys(ITEMS, replace(PLAIN, type="integer", allowed=("1", "2", "3", "4", "5"))),
    }.items():
        codes = CODES if column in CODED else ()
        yield replace(kind, column=column, label=column, missing_codes=codes)
    for column in ("firm_id", "arm", "sector", "estate", "firm_name", "phone"):
        kind = replace(PLAIN, confidential="yes") if column in CONFIDENTIAL else PLAIN
        yield replace(kind, table="frame", column=column, label=column)
    yield replace(ANY_YEAR, table="frame", column="founded", label="founded")


def _checks() -> Iterator[AnyCheck]:
    yield Matches(
        kind="matches",
        id="id",
        table="firms",
        column="firm_id",
        pattern=r"SCI-E-\d{4}-\d",
        check_digit="luhn",
    )
    yield ForeignKey(kind="foreign_key", id="in-frame", table="firms", columns=("firm_id",), other="frame")
    yield AddsUp(
        kind="adds_up", id="staff", table="firms", whole="emp_total", parts=("emp_male", "emp_female")
    )
    yield Balance(
        kind="balance", id="accounts", table="firms", result="profit", plus=("sales",), minus=("total_cost",)
    )
    for column in AMOUNTS:
        per = "" if column == "kwh" else "emp_total"
        yield UnitSlip(
            kind="unit_slip",
            id=f"unit-{column.replace('_', '-')}",
            table="firms",
            column=column,
            groups=("sector",),
            per=per,
            months=column == "sales",
        )
    amounts = ("sales", "wage_bill", "materials")
    yield Outlier(kind="outlier", id="outliers", table="firms", columns=amounts, groups=("sector",))
    yield MultivariateOutlier(
        kind="multivariate_outlier", id="together", table="firms", columns=(*amounts, "emp_total")
    )
    yield Growth(kind="growth", id="growth", table="firms", sales="sales", employment="emp_total")
    yield SameIdentity(kind="same_identity", id="identity", table="firms")
    yield DuplicateFirms(kind="duplicate_firms", id="same-firm", table="frame")
    yield InterviewTime(kind="interview_time", id="times", table="firms")
    yield Duration(kind="duration", id="duration", table="firms", floor_minutes=30)
    yield Overlap(kind="overlap", id="overlap", table="firms")
    yield Location(
        kind="location",
        id="location",
        table="firms",
        registered_latitude="registered_lat",
        registered_longitude="registered_lon",
    )
    yield StraightLine(
        kind="straight_line",
        id="battery",
        table="firms",
        items=ITEMS,
        reversed=(f"item_{REVERSED_ITEM:02d}",),
    )
    yield Heaping(kind="heaping", id="heaping", table="firms", columns=("other_cost",))
    yield NearDuplicates(kind="near_duplicates", id="alike", table="firms", items=ITEMS, least_items=N_ITEMS)
    yield PersonalData(kind="personal_data", id="personal", table="firms")
