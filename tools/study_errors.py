"""What the checks of the synthetic study find of the errors planted in its files, beside its ledger.

`python -m tools.study_errors --page docs/validation.md` draws studies, checks them as a user would and
puts the table between its marks.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

import pandas as pd
from tools.documents import between, markdown_table, named_marks
from tools.validation_page import scored

from impacteval.config import load_study
from impacteval.simulation.programme_study.expected_findings import EXPECTED, scorable, scorable_findings
from impacteval.simulation.programme_study.study_files import Simulation, study_files, write_study
from impacteval.simulation.scoring import pooled, score
from impacteval.survey.read import read_tables
from impacteval.validation.checked import Log, check_survey

STUDY = "score_indonesia"
ROOT = Path(__file__).resolve().parent.parent
LEDGER = ("error", "table", "file", "submission", "column", "clean", "planted")


def scores_of(seed: int) -> pd.DataFrame:
    """Recall and precision of the checks on the study drawn with a seed, before any correction."""
    study = load_study(ROOT, STUDY)
    simulation = Simulation(study=STUDY, seed=seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_study(folder, simulation, study_files(ROOT / "config" / STUDY, simulation))
        text = read_tables(folder / "raw", study.study.tables, study.codebook)
        ledger = pd.read_csv(folder / "truth/ledger.csv", dtype="str", keep_default_na=False)
    findings = check_survey(text, study.rules, Log()).row_by_row
    interviews = pd.concat([text["enterprise"], text["workers"]])
    enumerators = dict(zip(interviews["_uuid"], interviews["enumerator"], strict=True))
    sys.stderr.write(f"seed {seed}: {len(interviews):,} interviews\n")
    return score(
        scorable_findings(findings, ledger), scorable(ledger[list(LEDGER)], enumerators), expected=EXPECTED
    )


def main() -> None:
    """Measure; print the table, or put it into the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[20092012, 1, 2])
    parser.add_argument("--page", type=Path, help="put the table between the marks of this document")
    options = parser.parse_args()
    # Great Expectations warns while it is imported.
    warnings.simplefilter("ignore")
    scores = pooled([scores_of(seed) for seed in options.seeds]).set_index("error")
    rows = [[f"`{error}`", *scored(scores.loc[error])] for error in scores.index]
    heads = ["error", "checks", "planted", "recall", "at least", "findings", "precision", "at least"]
    table = markdown_table(heads, rows, left=2)
    sys.stdout.write(table)
    if options.page:
        text = options.page.read_text(encoding="utf-8")
        options.page.write_text(between(text, named_marks("study", "study_errors"), table), encoding="utf-8")


if __name__ == "__main__":
    main()
