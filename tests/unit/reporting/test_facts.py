"""The report types every column that the stages write."""

import pytest

from impacteval.build.flow import FLOW_COLUMNS as WRITTEN_FLOW
from impacteval.derive.indices import INDEX_COLUMNS
from impacteval.describe.attrition import ATTRITION_COLUMNS, COVERAGE_COLUMNS
from impacteval.describe.balance import BALANCE_COLUMNS
from impacteval.describe.before_after import BEFORE_AFTER_COLUMNS
from impacteval.describe.means import EXPOSURE_COLUMNS, MEANS_COLUMNS, POWER_COLUMNS
from impacteval.describe.prior_power import PRIOR_POWER_COLUMNS
from impacteval.programme.costs import COST_COLUMNS, UNIT_COST_COLUMNS
from impacteval.programme.monitoring import MONITORING_COLUMNS
from impacteval.reporting.facts import FLOW_COLUMNS, TABLE_COLUMNS
from impacteval.sensitivity.crosscheck import CROSSCHECK_COLUMNS
from impacteval.sensitivity.tables import BOUNDS_COLUMNS, SENSITIVITY_COLUMNS, SPECIFICATION_COLUMNS

WRITTEN = {
    "attrition": ATTRITION_COLUMNS,
    "coverage": COVERAGE_COLUMNS,
    "balance": BALANCE_COLUMNS,
    "exposure": EXPOSURE_COLUMNS,
    "means": MEANS_COLUMNS,
    "power": POWER_COLUMNS,
    "bounds": BOUNDS_COLUMNS,
    "sensitivity": SENSITIVITY_COLUMNS,
    "specifications": SPECIFICATION_COLUMNS,
    "crosscheck": CROSSCHECK_COLUMNS,
    "before_after": BEFORE_AFTER_COLUMNS,
    "prior_power": PRIOR_POWER_COLUMNS,
    "monitoring": MONITORING_COLUMNS,
    "costs": COST_COLUMNS,
    "unit_costs": UNIT_COST_COLUMNS,
    "indices": tuple(INDEX_COLUMNS),
}


@pytest.mark.parametrize("name", sorted(TABLE_COLUMNS.keys() - {"estimates", "event_study", "cells"}))
def test_columns_read_are_the_columns_written(name: str) -> None:
    assert tuple(TABLE_COLUMNS[name]) == tuple(WRITTEN[name])


def test_columns_of_the_flow_are_those_written() -> None:
    assert tuple(FLOW_COLUMNS) == tuple(WRITTEN_FLOW)
