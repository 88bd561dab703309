"""Examine the findings: pre-trends, single enterprises, other specifications, attrition bounds."""

from pathlib import Path

import pandas as pd

from impacteval.config import restore
from impacteval.design import Outcome, Plan
from impacteval.errors import job
from impacteval.sensitivity.tables import (
    BOUNDS_COLUMNS,
    SENSITIVITY_COLUMNS,
    SPECIFICATION_COLUMNS,
    StoredInfluence,
    bounds_rows,
    sensitivity_rows,
    specification_rows,
)
from impacteval.tables import ESTIMATE_COLUMNS, read_arrays, read_csv, read_parquet, write_csv


def main(
    enterprise: Path,
    estimates: Path,
    influence: list[str],
    output: dict[str, str],
    plan: Plan,
    outcomes: tuple[Outcome, ...],
) -> None:
    panel = read_parquet(enterprise)
    table = read_csv(estimates, ESTIMATE_COLUMNS)
    cluster_of = panel.drop_duplicates("unit").set_index("unit")["cluster"]
    found: list[dict[str, object]] = []
    for path in influence:
        mine = table[table["family"] == Path(path).stem]
        found += sensitivity_rows(mine, StoredInfluence(**read_arrays(Path(path))), cluster_of, plan)
    write_csv(Path(output["sensitivity"]), pd.DataFrame(found, columns=list(SENSITIVITY_COLUMNS)))
    specifications = pd.DataFrame(
        specification_rows(panel, outcomes, plan), columns=list(SPECIFICATION_COLUMNS)
    )
    write_csv(Path(output["specifications"]), specifications)
    bounds = pd.DataFrame(bounds_rows(panel, outcomes, plan), columns=list(BOUNDS_COLUMNS))
    write_csv(Path(output["bounds"]), bounds)


if __name__ == "__main__":
    with job(snakemake.log[0]):
        main(
            Path(snakemake.input.enterprise),
            Path(snakemake.input.estimates),
            list(snakemake.input.influence),
            dict(snakemake.output.items()),
            restore(Plan, snakemake.params.plan),
            restore(tuple[Outcome, ...], snakemake.params.outcomes),
        )
