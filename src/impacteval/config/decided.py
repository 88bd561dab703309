"""What people decided about the data: corrections, withdrawals, which enterprises are one."""

from __future__ import annotations

from pathlib import Path

from impacteval.config.load import read_rows
from impacteval.survey.consent import WITHDRAWAL_COLUMNS, parse_withdrawals
from impacteval.survey.corrections import CORRECTION_COLUMNS, OPTIONAL_COLUMNS, parse_corrections
from impacteval.survey.decisions import DECISION_COLUMNS, read_decisions
from impacteval.validation.checked import Log

CORRECTIONS, WITHDRAWALS, DECISIONS = "corrections.csv", "withdrawals.csv", "decisions.csv"
# Files that a study has only where somebody withdrew, or where enterprises were compared.
OPTIONAL = (WITHDRAWALS, DECISIONS)


def read_log(folder: Path, *, unblinded_on: str = "") -> Log:
    """Read the decisions in a study's configuration folder.

    Raises
    ------
    ConfigError
        When a file is not a table of the expected columns.
    DataError
        Naming every line that says too little or contradicts another.
    """
    path = folder / CORRECTIONS
    corrections = read_rows(path, CORRECTION_COLUMNS, path, optional=OPTIONAL_COLUMNS)
    return Log(
        corrections=parse_corrections(corrections, unblinded_on=unblinded_on),
        withdrawals=parse_withdrawals(_rows(folder / WITHDRAWALS, WITHDRAWAL_COLUMNS)),
        decisions=read_decisions(_rows(folder / DECISIONS, DECISION_COLUMNS)),
    )


def _rows(path: Path, columns: tuple[str, ...]) -> dict[int, dict[str, str]]:
    return read_rows(path, columns, path) if path.is_file() else {}
