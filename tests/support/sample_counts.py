"""What a person counts in the real survey files with plain pandas, and where the checks should say so."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

Rows = set[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A group of rows that is odd, and the check that finds exactly these rows.

    ``rows`` gives the lines on which they begin (0: the file as a whole);
    ``check`` is empty where no check finds them. ``drafted``: found before the draft was finished.
    ``shown`` limits the findings to those with this value. ``verdict`` is what a person says.
    """

    sample: str
    what: str
    rows: Callable[[pd.DataFrame], Rows]
    check: str
    verdict: str
    column: str = ""
    shown: str | None = None
    drafted: bool = False


def rows_where(mask: pd.Series) -> Rows:
    """Rows of a file in which something holds."""
    return {int(line) for line in mask.index[mask]}


def number(frame: pd.DataFrame, column: str) -> pd.Series:
    """A column of text as numbers, NaN where it is none."""
    return pd.to_numeric(frame[column].where(frame[column] != ""), errors="coerce")


def beyond(frame: pd.DataFrame, column: str, codes: tuple[float, ...] = (-88.0, -66.0)) -> Rows:
    """Rows more than three standard deviations from the mean, codes left out."""
    values = number(frame, column)
    values = values.mask(values.isin(codes))
    return rows_where((values - values.mean()).abs() > 3 * values.std())


def started_at_night(frame: pd.DataFrame) -> Rows:
    """Interviews that started from 21 to 7 o'clock."""
    hour = pd.to_datetime(frame["X.U.FEFF.start"], utc=True).dt.tz_convert("Asia/Baghdad").dt.hour
    return rows_where((hour >= 21) | (hour < 7))


def overlapping(frame: pd.DataFrame) -> Rows:
    """Interviews that overlap with another of the same enumerator."""
    start, end = (pd.to_datetime(frame[c], utc=True) for c in ("X.U.FEFF.start", "end"))
    rows: Rows = set()
    for _, mine in frame.groupby("enumerator_num"):
        for i in mine.index:
            others = mine.index.drop(i)
            if ((start[others] < end[i]) & (end[others] > start[i])).any():
                rows.add(int(i))
    return rows


def has_word(frame: pd.DataFrame, column: str, word: str) -> pd.Series:
    """Whether an answer to a question with several answers holds one of them."""
    return frame[column].str.split().apply(lambda words: word in words)


KNOWN = (
    Known(sample="garments", what="byte order mark", rows=lambda f: {0}, check="file-c02",
          verdict="harmless; was read and is said"),
    Known(sample="garments", what="department is `sweing`", rows=lambda f: rows_where(f["department"] == "sweing"),
          check="lines-department-allowed", shown="sweing", verdict="one `replace` rule for all rows"),
    Known(sample="garments", what="`finishing ` with a blank at the end", shown="finishing ",
          rows=lambda f: rows_where(f["department"] == "finishing "), check="lines-department-allowed",
          verdict="one rule; two departments would be three otherwise"),
    Known(sample="garments", what="a day of 1905", rows=lambda f: rows_where(f["year"].str.endswith("1905")),
          check="lines-year-constraint", verdict="Excel shows the number 2020 as this date"),
    Known(sample="garments", what="productivity above 1",
          rows=lambda f: rows_where(number(f, "actual_productivity") > 1),
          check="lines-actual_productivity-plausible", verdict="possible where targets are beaten: keep with a reason, or correct"),
    Known(sample="garments", what="work in progress is empty", rows=lambda f: rows_where(f["wip"] == ""),
          check="lines-wip-required", verdict="all rows of finishing, where it is not asked: give `relevant`"),
    Known(sample="garments", what="workers that are no whole number",
          rows=lambda f: rows_where(number(f, "no_of_workers") % 1 != 0), check="lines-no_of_workers-type",
          verdict="half workers: ask, or declare it a decimal"),
    Known(sample="garments", what="target of 0.07 where others have 0.35 to 0.8",
          rows=lambda f: rows_where(number(f, "targeted_productivity") < 0.3),
          check="lines-targeted_productivity-plausible", verdict="probably 0.7 mistyped"),
    Known(sample="lwh", what="household id in two rows", rows=lambda f: rows_where(f["hhid"].duplicated(keep=False)),
          check="households-key", verdict="three pairs: one sent twice, two with other answers"),
    Known(sample="lwh", what="-88 or -66 among numbers", drafted=True, check="households-*-codes",
          rows=lambda f: rows_where(f.drop(columns=["aa_1_1"]).isin(["-88", "-66"]).any(axis=1)),
          verdict="declare them as missing codes"),
    Known(sample="lwh", what="-88 among yes and no", rows=lambda f: rows_where(f["aa_1_1"] == "-88"),
          check="households-aa_1_1-allowed", verdict="declare it as a missing code"),
    Known(sample="lwh", what="income 11 beyond 3 SD", rows=lambda f: beyond(f, "inc_11"), check="incomes",
          column="inc_11", verdict="call back"),
    Known(sample="lwh", what="income 12 beyond 3 SD", rows=lambda f: beyond(f, "inc_12"), check="incomes",
          column="inc_12", verdict="call back"),
    Known(sample="lwh", what="`Other` is 15 % of crops", rows=lambda f: {0}, check="other-crops",
          verdict="coffee and cassava, in several spellings: add them to the list"),
    Known(sample="kobo", what="neighbourhood not in the list of the form", drafted=True,
          rows=lambda f: rows_where(f["neighbourhood"] != ""), check="households-neighbourhood-allowed",
          verdict="names seem to have been replaced after fieldwork: one decision for all rows"),
    Known(sample="kobo", what="`about_half` where the list has `about_half_pay`",
          rows=lambda f: rows_where(f["pay_water_charges_when"] == "about_half"),
          check="households-pay_water_charges_when-allowed", verdict="probably another form version; one rule"),
    Known(sample="kobo", what="spending on piped water empty though asked", column="spend_piped+water_sources",
          rows=lambda f: rows_where(has_word(f, "water_sources", "piped") & (f["spend_piped"] == "")),
          check="households-spend_piped-answered", verdict="probably another form version; the outcome cannot be used"),
    Known(sample="kobo", what="required answer missing", check="households-water_source_cook-required",
          rows=lambda f: rows_where(f["water_source_cook"] == ""), verdict="ask"),
    Known(sample="kobo", what="connection fee in thousands", check="unit-connection-fees-amount",
          rows=lambda f: rows_where(number(f, "connection_fees_amount") < 1000), verdict="the thousand fits all others: correct after a call"),
    Known(sample="kobo", what="water charge in thousands", check="unit-pay-water-charges-amount",
          rows=lambda f: rows_where(number(f, "pay_water_charges_amount") < 1000), verdict="the thousand fits all others: correct after a call"),
    Known(sample="kobo", what="water from trucks paid in thousands", check="unit-spend-trucking",
          rows=lambda f: rows_where(number(f, "spend_trucking").between(1, 999)), verdict="4,000 fits the others: call"),
    Known(sample="kobo", what="spends more than it earns", check="expenses-at-most-income",
          rows=lambda f: rows_where(number(f, "tot_expenses") > number(f, "inc_employment_pension")),
          verdict="possible; ask"),
    Known(sample="kobo", what="returned on the day of the interview", check="households-return_date-constraint",
          rows=lambda f: rows_where(f["return_date"] == f["date_assessment"]),
          verdict="perhaps the date that the tablet offers was left standing"),
    Known(sample="kobo", what="interview started from 21 to 7 o'clock", check="households-interview-time",
          rows=started_at_night, verdict="clocks of tablets 12 hours wrong, or forms filled in at home"),
    Known(sample="kobo", what="two interviews of an enumerator at once", check="households-overlap",
          rows=overlapping, verdict="forms opened before the visit, or filled in later: talk to the team"),
    Known(sample="kobo", what="more than 10 air coolers", check="range-air-coolers-nb",
          rows=lambda f: rows_where(number(f, "air_coolers_nb") > 10), verdict="perhaps hours in the place of the number"),
    Known(sample="kobo", what="sent before it ended", check="",
          rows=lambda f: rows_where(pd.to_datetime(f["X_submission_time"], utc=True, errors="coerce")
                                    < pd.to_datetime(f["end"], utc=True)),
          verdict="perhaps a wrong clock; the server's times have no zone, which C30 says in one finding"),
    Known(sample="kobo", what="income and spending are the same amount", check="",
          rows=lambda f: rows_where(number(f, "tot_expenses") == number(f, "inc_employment_pension")),
          verdict="possible, but perhaps copied; no check compares two amounts of one interview"),
)  # fmt: skip


def found_rows(known: Known, findings: pd.DataFrame) -> Rows:
    """Rows of the findings that a group should give; a ``*`` in its check stands for any column."""
    pattern = known.check.replace("*", ".+")
    mine = findings[findings["check_id"].str.fullmatch(pattern)] if known.check else findings.iloc[:0]
    if known.column:
        mine = mine[mine["column"] == known.column]
    if known.shown is not None:
        mine = mine[mine["value_shown"] == known.shown]
    rows = {int(r) for r in mine["source_row"]}
    return rows if rows == {0} else rows - {0}


def raw_text(path: Path) -> pd.DataFrame:
    """A CSV file as text, cells as they stand, indexed by the line on which each row begins."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines)
        begins = [reader.line_num + 1 for _ in reader]
    frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    return frame.set_axis(begins[: len(frame)], axis="index")


def compared(
    files: Mapping[str, pd.DataFrame],
    drafted: Mapping[str, pd.DataFrame],
    finished: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Counts by hand beside counts of the checks, one row a group; ``both`` counts rows in both."""
    rows = []
    for known in KNOWN:
        by_hand = known.rows(files[known.sample])
        found = found_rows(known, (drafted if known.drafted else finished)[known.sample])
        rows.append(
            {"sample": known.sample, "what": known.what, "by_hand": len(by_hand), "found": len(found),
             "both": len(by_hand & found), "check": known.check, "verdict": known.verdict}
        )  # fmt: skip
    return pd.DataFrame(rows)
