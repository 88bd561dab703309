"""Put the estimates of all families into one table, and those by event time into another."""

from pathlib import Path

import pandas as pd

from impacteval.errors import job
from impacteval.tables import ESTIMATE_COLUMNS, read_csv, write_csv


def main(rows: list[str], estimates: Path, event_study: Path) -> None:
    table = pd.concat([read_csv(Path(path), ESTIMATE_COLUMNS) for path in rows], ignore_index=True)
    table = table.sort_values("estimate_id", kind="stable", ignore_index=True)
    write_csv(event_study, table[table["estimand"] == "event_time"])
    write_csv(estimates, table)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(list(snakemake.input.rows), Path(snakemake.output.estimates), Path(snakemake.output.event_study))
