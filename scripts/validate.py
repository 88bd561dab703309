"""Run every check on the raw and on the corrected data, and list what fails."""

from pathlib import Path

from impacteval.config import restore
from impacteval.config.decided import read_log
from impacteval.errors import job
from impacteval.survey.declared_forms import form_changes
from impacteval.tables import read_csv, read_parquet
from impacteval.validation.checked import check_survey
from impacteval.validation.files import FILE_FINDING_COLUMNS
from impacteval.validation.rules import Rules
from impacteval.validation.written import write_tables


def main(given: dict[str, list[str] | str], forms: Path, output: Path, rules: Rules) -> None:
    text = {Path(p).stem.removesuffix("_text"): read_parquet(Path(p)) for p in given["text"]}
    files = read_csv(Path(str(given["files"])), FILE_FINDING_COLUMNS)
    log = read_log(Path(str(given["corrections"])).parent, unblinded_on=rules.unblinded_on)
    files = files.assign(raw_value=files["value_shown"], raw_partner=files["partner"])
    checked = check_survey(text, rules, log, files=files)
    write_tables(output.parent, checked, form_changes(forms, rules.forms))


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            dict(snakemake.input.items()),
            Path(snakemake.params.forms),
            Path(snakemake.output.findings),
            restore(Rules, snakemake.params.rules),
        )
