"""Apply the logged corrections and withdrawals, unless errors are still open."""

from pathlib import Path

from impacteval.config import CORRECTION_COLUMNS, read_rows, restore
from impacteval.errors import job
from impacteval.survey.applied import applied_table
from impacteval.survey.clean import clean_text
from impacteval.survey.consent import WITHDRAWAL_COLUMNS, parse_withdrawals
from impacteval.survey.corrections import OPTIONAL_COLUMNS, parse_corrections
from impacteval.survey.log_rules import LogRules
from impacteval.survey.types import type_columns
from impacteval.tables import FINDING_COLUMNS, read_csv, read_parquet, write_csv, write_parquet
from impacteval.validation.finding import stop_on_open_errors


def main(given: dict[str, list[str] | str], output: dict[str, list[str] | str], rules: LogRules) -> None:
    findings, corrections = Path(str(given["findings"])), Path(str(given["corrections"]))
    stop_on_open_errors(read_csv(findings, FINDING_COLUMNS), findings)
    text = {Path(p).stem.removesuffix("_text"): read_parquet(Path(p)) for p in given["text"]}
    rows = read_rows(corrections, CORRECTION_COLUMNS, corrections, optional=OPTIONAL_COLUMNS)
    logged = parse_corrections(rows, unblinded_on=rules.unblinded_on)
    files = [Path(p) for p in given["withdrawals"]]
    withdrawn = [w for p in files for w in parse_withdrawals(read_rows(p, WITHDRAWAL_COLUMNS, p))]
    cleaned = clean_text(text, logged, withdrawn, rules)
    for (name, frame), path in zip(cleaned.text.items(), output["clean"], strict=True):
        write_parquet(Path(path), type_columns(frame, rules.codebook.of_table(name)).frame)
    write_csv(Path(str(output["applied"])), applied_table(cleaned.applied, rules.codebook, rules.roles))
    write_csv(Path(str(output["removed"])), cleaned.removed)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            dict(snakemake.input.items()),
            dict(snakemake.output.items()),
            restore(LogRules, snakemake.params.rules),
        )
