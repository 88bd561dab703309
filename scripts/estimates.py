"""Put the estimates of all families into one table, those by event time into another, and their cells."""

from pathlib import Path

import pandas as pd

from impacteval.errors import job
from impacteval.tables import CELL_COLUMNS, ESTIMATE_COLUMNS, read_csv, write_csv


def together(paths: list[str], columns: dict[str, str], key: str) -> pd.DataFrame:
    """Rows of several tables with the same columns, sorted by their key."""
    table = pd.concat([read_csv(Path(path), columns) for path in paths], ignore_index=True)
    return table.sort_values(key, kind="stable", ignore_index=True)


def main(rows: list[str], cells: list[str], output: dict[str, str]) -> None:
    table = together(rows, ESTIMATE_COLUMNS, "estimate_id")
    write_csv(Path(output["event_study"]), table[table["estimand"] == "event_time"])
    write_csv(Path(output["cells"]), together(cells, CELL_COLUMNS, "effect_id"))
    write_csv(Path(output["estimates"]), table)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            list(snakemake.input.rows),
            list(snakemake.input.cells),
            dict(snakemake.output.items()),
        )
