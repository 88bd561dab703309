"""The findings page: what is doubtful in the data, for those who can find out what is right.

It is one HTML file without scripts or outside assets; every value is escaped, no arm stands beside a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.reporting.page import environment

SEVERITY_WORDS = {
    "error": "error: stops the run",
    "warning": "warning: for review",
    "info": "for information",
}
MOST_ROWS = 50
MOST_ENTERPRISES = 200
CELL_COLUMNS = (
    ("table", "Table"),
    ("source_file", "File"),
    ("source_row", "Row"),
    ("unit_id", "Enterprise"),
    ("period", "Round"),
    ("enumerator", "Enumerator"),
    ("column", "Question"),
    ("value_shown", "Found"),
    ("message", "What is wrong"),
    ("suggestion", "What to do"),
)


# What all rows of a listing have in common is said once above them.
SAID_ONCE = ("table", "source_file", "column", "suggestion")


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFacts:
    """Tables that the findings page shows, each as the validation wrote it; an empty one is left out."""

    title: str
    is_synthetic: bool
    findings: pd.DataFrame
    summary: pd.DataFrame
    catalogue: pd.DataFrame
    by_arm: pd.DataFrame
    enumerators: pd.DataFrame
    missingness: pd.DataFrame
    coverage: pd.DataFrame
    durations: pd.DataFrame
    days: pd.DataFrame
    form_changes: pd.DataFrame
    files: pd.DataFrame
    log_notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Findings under one heading: a check, an enterprise or an enumerator.

    ``common`` is what is said of all of them.
    """

    title: str
    detail: str
    n_errors: int
    n_warnings: int
    n_infos: int
    common: tuple[tuple[str, str], ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_more: int
    is_number: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """A table whose cells are shaded by a share between 0 and 1; an empty share has no cell."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A histogram: for each bar its label, its count, and its height between 0 and 1."""

    caption: str
    bars: tuple[tuple[str, int, float], ...]


def findings_page(facts: SurveyFacts) -> str:
    """Render the page as HTML."""
    still = facts.findings[facts.findings["status"] == "open"]
    return (
        environment()
        .get_template("findings.html.j2")
        .render(
            facts=facts,
            counts=_counts(facts.findings),
            by_check=by_check(still, facts.summary),
            by_enterprise=by_group(still, "unit_id", "Enterprise"),
            by_enumerator=by_group(still, "enumerator", "Enumerator"),
            n_enterprises=int(still.loc[still["unit_id"] != "", "unit_id"].nunique()),
            checks=_cells(open_checks(still, facts.summary), _CHECKS),
            catalogue=_cells(facts.catalogue, _CATALOGUE),
            arms=_cells(facts.by_arm, _ARMS),
            enumerators=_whole(facts.enumerators),
            files=_whole(facts.files),
            changes=_whole(facts.form_changes),
            missing=heat_of(facts.missingness, "share_missing"),
            coverage=heat_of(facts.coverage, "share"),
            durations=_durations(facts.durations),
            days=_days(facts.days),
        )
    )


def open_checks(still: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Checks with open findings, those with most errors first, by what their findings are."""
    mine = summary[summary["n_open"] > 0]
    for severity in ("error", "warning", "info"):
        counted = still.loc[still["severity"] == severity, "check_id"].value_counts()
        mine = mine.assign(**{f"n_{severity}s": mine["check_id"].map(counted).fillna(0.0)})
    return mine.sort_values(["n_errors", "n_warnings", "code"], ascending=[False, False, True], kind="stable")


_CHECKS = {
    "code": "No.",
    "check_id": "Check",
    "definition": "Fails when",
    "n_errors": "Errors",
    "n_warnings": "Warnings",
    "n_infos": "Information",
    "n_accepted": "Accepted",
    "n_corrected": "Corrected",
}
_CATALOGUE = {
    "code": "No.",
    "question": "Question",
    "is_run": "Run",
    "n_checks": "Checks",
    "n_open": "Open findings",
    "needs": "To run it, declare",
}
_ARMS = {
    "code": "No.",
    "check_id": "Check",
    "arm": "Arm",
    "n_rows": "Rows",
    "n_findings": "Findings",
    "share": "Share",
}


def _counts(findings: pd.DataFrame) -> dict[str, int]:
    still = findings[findings["status"] == "open"]
    return {
        "errors": int((still["severity"] == "error").sum()),
        "warnings": int((still["severity"] == "warning").sum()),
        "infos": int((still["severity"] == "info").sum()),
        "accepted": int((findings["status"] == "accepted").sum()),
        "corrected": int((findings["status"] == "corrected").sum()),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """Findings as they are printed: the words of each column, and the severity of each row."""

    columns: dict[str, list[str]]
    severity: list[str]
    numbers: frozenset[str]


def printed(still: pd.DataFrame) -> Printed:
    """Turn findings into words once for all listings."""
    return Printed(
        columns={c: _words(still[c]) for c, _ in CELL_COLUMNS},
        severity=list(still["severity"]),
        numbers=frozenset(c for c, _ in CELL_COLUMNS if still[c].dtype.kind in "iuf"),
    )


def by_check(still: pd.DataFrame, summary: pd.DataFrame) -> tuple[Listing, ...]:
    """Open findings by check, errors first, then by how many there are."""
    said = dict(zip(summary["check_id"], summary["definition"], strict=True)) if len(summary) else {}
    codes, words = list(still["code"]), printed(still)
    listings = [
        _listing(f"{codes[rows[0]]} · {check}", said.get(check, ""), list(rows), words)
        for check, rows in still.groupby("check_id", sort=True).indices.items()
    ]
    return tuple(sorted(listings, key=lambda each: (-each.n_errors, -each.n_warnings, each.title)))


def by_group(still: pd.DataFrame, column: str, word: str) -> tuple[Listing, ...]:
    """Open findings by enterprise or enumerator, those with most errors first, up to a limit."""
    mine = still[still[column] != ""].reset_index(drop=True)
    words = printed(mine)
    groups = mine.groupby(column, sort=True).indices
    ranks = {name: _severities(words, list(rows)) for name, rows in groups.items()}
    chosen = sorted(ranks, key=lambda name: (-ranks[name][0], -ranks[name][1]))[:MOST_ENTERPRISES]
    return tuple(
        _listing(f"{word} {name}", "", list(groups[name]), words, without=(column,)) for name in chosen
    )


def _severities(words: Printed, rows: Sequence[int]) -> tuple[int, int, int]:
    """How many of these rows are errors, warnings and for information."""
    found = [words.severity[row] for row in rows]
    return found.count("error"), found.count("warning"), found.count("info")


def _listing(
    title: str, detail: str, rows: Sequence[int], words: Printed, *, without: Sequence[str] = ()
) -> Listing:
    head = rows[:MOST_ROWS]
    cells = {c: [words.columns[c][row] for row in head] for c, _ in CELL_COLUMNS if c not in without}
    given = [(c, label) for c, label in CELL_COLUMNS if any(cells.get(c, ()))]
    same = [(c, label) for c, label in given if c in SAID_ONCE and len(set(cells[c])) == 1]
    shown = [each for each in given if each not in same]
    n_errors, n_warnings, n_infos = _severities(words, rows)
    return Listing(
        title=title,
        detail=detail,
        n_errors=n_errors,
        n_warnings=n_warnings,
        n_infos=n_infos,
        common=tuple((label, cells[c][0]) for c, label in same),
        header=tuple(label for _, label in shown),
        rows=tuple(zip(*(cells[c] for c, _ in shown), strict=True)),
        n_more=len(rows) - len(head),
        is_number=tuple(c in words.numbers for c, _ in shown),
    )


def _words(column: pd.Series) -> list[str]:
    """Values as they are printed: counts plainly, shares and other fractions with three digits."""
    if column.dtype == "float64":
        return ["" if pd.isna(v) else _number(v) for v in column]
    return ["" if pd.isna(v) else str(v) for v in column]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() or abs(value) >= 1000 else f"{value:,.3g}"


def _cells(frame: pd.DataFrame, columns: dict[str, str]) -> Listing:
    texts = [_words(frame[c]) for c in columns]
    return Listing(
        title="",
        detail="",
        n_errors=0,
        n_warnings=0,
        n_infos=0,
        common=(),
        header=tuple(columns.values()),
        rows=tuple(zip(*texts, strict=True)),
        n_more=0,
        is_number=tuple(frame[c].dtype.kind in "iuf" for c in columns),
    )


def _whole(frame: pd.DataFrame) -> Listing:
    """Any table, its columns headed by their names in words."""
    return _cells(
        frame, {str(c): str(c).replace("_", " ").removeprefix("n ").capitalize() for c in frame.columns}
    )


def heat_of(frame: pd.DataFrame, share: str) -> Heat:
    """Shares by question (rows) and by arm and round (columns)."""
    if frame.empty:
        return Heat(header=(), rows=())
    place = [
        " ".join(word for word in (str(arm), f"round {period}" if period else "") if word) or "all"
        for arm, period in zip(frame["arm"], frame["period"], strict=True)
    ]
    wide = frame.assign(place=place).pivot_table(index="column", columns="place", values=share, sort=False)
    rows = tuple(
        (str(name), tuple(None if pd.isna(v) else float(v) for v in values))
        for name, values in zip(wide.index, wide.to_numpy(), strict=True)
    )
    return Heat(header=tuple(str(c) for c in wide.columns), rows=rows)


def _durations(frame: pd.DataFrame) -> Bars:
    if frame.empty:
        return Bars(caption="", bars=())
    first = frame[frame["table"] == frame["table"].iloc[0]]
    ends = zip(first["from_minutes"], first["to_minutes"], strict=True)
    labels = [
        f"{low:g} to {high:g} minutes" if np.isfinite(high) else f"{low:g} minutes or more"
        for low, high in ends
    ]
    return _bars("Interviews by minutes from start to end", labels, first["n_interviews"])


def _days(frame: pd.DataFrame) -> Bars:
    """Interviews by day from the first to the last; days without an interview have no bar."""
    if frame.empty:
        return Bars(caption="", bars=())
    first = frame[frame["table"] == frame["table"].iloc[0]].groupby("day", sort=True)["n_interviews"].sum()
    return _bars("Interviews by day", [str(day) for day in first.index], first)


def _bars(caption: str, labels: Sequence[str], counts: pd.Series) -> Bars:
    highest = max(int(counts.max()), 1)
    bars = tuple((label, int(n), int(n) / highest) for label, n in zip(labels, counts, strict=True))
    return Bars(caption=caption, bars=bars)
