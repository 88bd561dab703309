"""The findings page: what is doubtful in the data, for those who can find out what is right.

It is one HTML file without scripts or outside assets; every value is escaped, no arm stands beside a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.reporting.page import rendered

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
    values = {
        "facts": facts,
        "counts": _counts(facts.findings),
        "by_check": by_check(still, facts.summary),
        "by_enterprise": by_group(still, "unit_id", "Enterprise"),
        "by_enumerator": by_group(still, "enumerator", "Enumerator"),
        "n_enterprises": int(still.loc[still["unit_id"] != "", "unit_id"].nunique()),
        "checks": _cells(open_checks(still, facts.summary), _CHECKS),
        "catalogue": _cells(facts.catalogue, _CATALOGUE),
        "arms": _cells(facts.by_arm, _ARMS),
        "enumerators": _whole(facts.enumerators),
        "files": _whole(facts.files),
        "changes": _whole(facts.form_changes),
        "missing": heat_of(facts.missingness, "share_missing"),
        "coverage": heat_of(facts.coverage, "share"),
        "durations": _durations(facts.durations),
        "days": _days(facts.days),
    }
    return rendered("findings.html.j2", values, is_synthetic=facts.is_synthetic)


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
class Grouped:
    """Findings by the values of a column, in the order of these.

    Parameters
    ----------
    names : (n_groups,)
    counts : (n_groups, 3)
        Errors, warnings and findings for information in each group.
    order, starts : (n_findings,), (n_groups + 1,)
        Positions of the findings, group by group, and where each group begins in these.
    """

    names: Sequence[str]
    counts: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]

    def head(self, group: int) -> npt.NDArray[np.int64]:
        """Positions of the findings of a group that are listed."""
        return self.order[self.starts[group] : self.starts[group + 1]][:MOST_ROWS]


def grouped(still: pd.DataFrame, column: str) -> Grouped:
    """Group findings by a column without a look at each of them."""
    codes, names = pd.factorize(still[column], sort=True)
    rank = still["severity"].map({s: i for i, s in enumerate(SEVERITY_WORDS)}).to_numpy(dtype=np.int64)
    n = np.bincount(codes * len(SEVERITY_WORDS) + rank, minlength=len(names) * len(SEVERITY_WORDS))
    counts = n.reshape(len(names), len(SEVERITY_WORDS))
    return Grouped(
        names=[str(name) for name in names],
        counts=counts,
        order=np.argsort(codes, kind="stable"),
        starts=np.concatenate([[0], np.cumsum(counts.sum(axis=1))]),
    )


def by_check(still: pd.DataFrame, summary: pd.DataFrame) -> tuple[Listing, ...]:
    """Open findings by check, errors first, then by how many there are."""
    said = dict(zip(summary["check_id"], summary["definition"], strict=True)) if len(summary) else {}
    groups = grouped(still, "check_id")
    listings = []
    for group, check in enumerate(groups.names):
        head = still.iloc[groups.head(group)]
        title = f"{head['code'].iloc[0]} · {check}"
        listings.append(_listing(title, said.get(check, ""), head, groups.counts[group]))
    return tuple(sorted(listings, key=lambda each: (-each.n_errors, -each.n_warnings, each.title)))


def by_group(still: pd.DataFrame, column: str, word: str) -> tuple[Listing, ...]:
    """Open findings by enterprise or enumerator, those with most errors first, up to a limit."""
    mine = still[still[column] != ""]
    groups = grouped(mine, column)
    chosen = np.lexsort((-groups.counts[:, 1], -groups.counts[:, 0]))[:MOST_ENTERPRISES]
    return tuple(
        _listing(
            f"{word} {groups.names[group]}",
            "",
            mine.iloc[groups.head(group)],
            groups.counts[group],
            without=(column,),
        )
        for group in chosen.tolist()
    )


def _listing(
    title: str, detail: str, head: pd.DataFrame, counts: npt.NDArray[np.int64], *, without: Sequence[str] = ()
) -> Listing:
    cells = {c: _words(head[c]) for c, _ in CELL_COLUMNS if c not in without}
    given = [(c, label) for c, label in CELL_COLUMNS if any(cells.get(c, ()))]
    same = [(c, label) for c, label in given if c in SAID_ONCE and len(set(cells[c])) == 1]
    shown = [each for each in given if each not in same]
    n_errors, n_warnings, n_infos = counts.tolist()
    return Listing(
        title=title,
        detail=detail,
        n_errors=n_errors,
        n_warnings=n_warnings,
        n_infos=n_infos,
        common=tuple((label, cells[c][0]) for c, label in same),
        header=tuple(label for _, label in shown),
        rows=tuple(zip(*(cells[c] for c, _ in shown), strict=True)),
        n_more=int(counts.sum()) - len(head),
        is_number=tuple(head[c].dtype.kind in "iuf" for c, _ in shown),
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
