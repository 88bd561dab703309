"""Answers of the field team of a synthetic study: what its ledger knows of the findings of a check.

Run after `impacteval check`: only cells and rows that a check found are answered, since a field team
would be asked of no others. Interviews that broke off are accepted as they are.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from impacteval.survey.corrections import CORRECTION_COLUMNS
from impacteval.tables import FINDING_COLUMNS, read_csv, write_csv

# What people look up when they are asked; other errors leave no trace that a call could settle.
LOOKED_UP = {
    "money_unit_1e3_1e6": "unit of the amount mistaken; read again from the books",
    "month_vs_year": "amount of a month given for the year; read again from the books",
    "decimal_comma_text": "written with English marks; read again from the form",
    "negative": "sign mistaken; read again from the books",
    "emp_total_mismatch": "total mistaken; counted again with the enterprise",
    "kwh_mwh": "unit of the meter mistaken; read again from the bill",
    "missing_code_numeric": "code of the enumerator for an answer not given; asked again",
    "skip_violation": "answered though it was not to be asked",
    "gps_out": "sign of the latitude lost by the device",
    "pii_in_text": "personal data taken out",
}
DECIDED = {"decided_by": "data manager (synthetic)", "decided_on": "2012-11-20", "blind": "yes"}


def answers(findings: pd.DataFrame, ledger: pd.DataFrame) -> list[dict[str, str]]:
    """Lines of the log for open findings, in the order of the findings.

    Shares of rows, which change with corrections of rows, are answered when no row is left to correct.
    """
    open_ = findings[findings["status"] == "open"]
    is_row_error = (open_["severity"] == "error") & (open_["source_row"] > 0)
    return [
        *_cells(open_, ledger[ledger["error"].isin(LOOKED_UP)]),
        *_ids(open_, ledger[ledger["error"] == "id_changed"]),
        *_duplicates(open_, ledger[ledger["error"] == "dup"]),
        *(() if is_row_error.any() else _broken_off(open_)),
    ]


def _line(table: str, submission: str, column: str, **said: str) -> dict[str, str]:
    empty = dict.fromkeys(CORRECTION_COLUMNS, "")
    return {**empty, "table": table, "submission": submission, "column": column, **DECIDED, **said}


def _cells(findings: pd.DataFrame, ledger: pd.DataFrame) -> list[dict[str, str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for row in findings.itertuples():
        found.setdefault((str(row.table), str(row.submission)), set()).update(str(row.column).split("+"))
    lines = []
    for row in ledger.itertuples():
        if row.column not in found.get((str(row.table), str(row.submission)), set()):
            continue
        new = "" if row.error in ("skip_violation", "pii_in_text") else str(row.clean)
        said = {"old_value": str(row.planted), "new_value": new, "reason": LOOKED_UP[str(row.error)]}
        lines.append(
            _line(
                str(row.table),
                str(row.submission),
                str(row.column),
                action="replace",
                source="call-back",
                **said,
            )
        )
    return lines


def _ids(findings: pd.DataFrame, ledger: pd.DataFrame) -> list[dict[str, str]]:
    known = set(zip(findings["table"], findings["submission"], strict=True))
    return [
        _line(
            str(row.table),
            str(row.submission),
            str(row.column),
            action="newid",
            old_value=str(row.planted),
            new_value=str(row.clean),
            reason="number mistyped; name, estate and telephone are those of the number in the frame",
            source="form",
        )
        for row in ledger.itertuples()
        if (row.table, row.submission) in known
    ]


def _duplicates(findings: pd.DataFrame, ledger: pd.DataFrame) -> list[dict[str, str]]:
    """The copy leaves, the first one stays and is accepted with its whole key."""
    lines = []
    is_key = findings["check_id"].str.endswith("-key")
    keys = {str(row.submission): row for row in findings[is_key].itertuples()}
    for row in ledger.itertuples():
        if not {str(row.submission), str(row.clean)} <= keys.keys():
            continue
        first = keys[str(row.clean)]
        lines.append(
            _line(str(row.table), str(row.submission), "", action="drop", reason="sent twice", source="logic")
        )
        lines.append(
            _line(
                str(row.table),
                str(row.clean),
                str(first.column),
                action="okay",
                old_value=str(first.value_shown),
                check_id=str(first.check_id),
                reason="sent twice; this one is kept",
                source="logic",
            )
        )
    return lines


def _broken_off(findings: pd.DataFrame) -> list[dict[str, str]]:
    whole = findings[(findings["source_row"] == 0) & (findings["severity"] == "error")]
    whole = whole[whole["check_id"].str.endswith("-answered")]
    return [
        {
            **_line(
                str(row.table),
                "",
                str(row.column),
                action="okay",
                old_value=str(row.value_shown),
                check_id=str(row.check_id),
                reason="interviews that broke off; contacts.csv has them as partial",
                source="form",
            ),
            "source_file": str(row.source_file),
            "source_row": "0",
        }
        for row in whole.itertuples()
    ]


def main() -> None:
    """Add answers to corrections.csv of a synthetic study."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("study")
    study = parser.parse_args().study
    log = Path("config") / study / "corrections.csv"
    ledger = read_csv(
        Path("data") / study / "truth/ledger.csv",
        dict.fromkeys(("error", "table", "file", "submission", "column", "clean", "planted"), "str"),
    )
    findings = read_csv(Path("results") / study / "check/findings.csv", FINDING_COLUMNS)
    before = pd.read_csv(log, dtype="str", keep_default_na=False)
    decided = set(zip(before["table"], before["submission"], before["column"], strict=True))
    lines = [
        a for a in answers(findings, ledger) if (a["table"], a["submission"], a["column"]) not in decided
    ]
    added = pd.DataFrame(lines, columns=list(CORRECTION_COLUMNS))
    both = pd.concat(
        [before.reindex(columns=list(CORRECTION_COLUMNS), fill_value=""), added], ignore_index=True
    )
    both["correction_id"] = [str(i + 1) for i in range(len(both))]
    write_csv(log, both.astype("str"))
    sys.stdout.write(f"{log}: {len(lines)} lines added\n")


if __name__ == "__main__":
    main()
