"""What a study says of its programme, and what is wrong with it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from impacteval.config import dump, load_study, restore
from impacteval.derivation import Parameter
from impacteval.errors import ConfigError
from impacteval.programme.types import Account, FrameworkRow
from support.study import NAME, csv_text, make_study

PROGRAMME = """\
costs:
  table: firms
  booked_on: met_on
  component: manager
  payer: estate
  amount: output
  currency: remark
  currency_shown: USD
  rate: fx
  fees: [E1]
trained: {table: firms, person: manager, unit: firm}
"""
RATE = {"parameter": "fx", "value": "9000"}
ROW = {"indicator": "trained", "level": "output", "table": "firms", "measure": "distinct", "column": "manager", "date": "met_on", "by": "estate", "target": "20"}  # fmt: skip
LEVEL = {"indicator": "lost", "level": "impact", "table": "panel", "measure": "mean", "column": "lost_days"}


def names(type_):
    return [f.name for f in fields(type_)]


def study(*rows, programme=PROGRAMME, rates=(RATE,)):
    """The small study with a day, a ledger of costs and a results framework."""
    files = make_study()
    codebook = files.config("codebook.csv")
    day = {"table": "firms", "column": "met_on", "type": "date", "required": "no", "confidential": "no", "label": "Day", "format": "%Y-%m-%d"}  # fmt: skip
    header = files.texts[codebook].splitlines()[0].split(",")
    files = files.put(codebook, files.texts[codebook] + csv_text(header, [day]).split("\n", 1)[1])
    files = files.put(files.config("programme.yaml"), programme)
    files = files.put(files.config("parameters.csv"), csv_text(names(Parameter), rates))
    return files.put(files.config("results_framework.csv"), csv_text(names(FrameworkRow), rows))


def told(files, root):
    with pytest.raises(ConfigError) as caught:
        load_study(files.write(root), NAME)
    return str(caught.value)


def test_a_sound_programme_is_read_and_survives_the_way_through_a_workflow(tmp_path):
    folder = load_study(study(ROW, LEVEL).write(tmp_path), NAME)
    assert folder.programme[0].costs.fees == ("E1",)
    assert [r.target for r in folder.framework] == [20.0, None]
    assert folder.framework[0].by == ("estate",)
    assert restore(Account, dump(folder.account, Account)) == folder.account


def test_a_study_without_these_files_says_nothing_of_its_programme(tmp_path):
    assert load_study(make_study().write(tmp_path), NAME).account == Account()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  table: firms", "  table: frims", "costs: table 'frims' is not in study.yaml; allowed: firms"),
        ("amount: output", "amount: outputs", "costs: column 'outputs' is not in codebook.csv"),
        ("amount: output", "amount: remark", "costs: column 'remark' is text; it must be integer or decimal"),
        ("booked_on: met_on", "booked_on: remark", "costs: column 'remark' is text; it must be date"),
        ("rate: fx", "rate: fxx", "costs.rate 'fxx' is no parameter; allowed: fx; did you mean 'fx'"),
        ("person: manager", "person: foreman", "trained: column 'foreman' is not in codebook.csv"),
        ("fees: [E1]", "fee: [E1]", "key 'costs.fees' is missing"),
        ("payer: estate", "payer: arm", "costs.fees 'E1' is not among the values of column 'arm'"),
        ("currency: remark", "currency: arm", "costs.currency_shown 'USD' is not among the values of column 'arm'"),
    ],
)  # fmt: skip
def test_what_the_ledger_may_not_say(tmp_path, old, new, said):
    assert PROGRAMME.count(old) == 1
    assert said in told(study(programme=PROGRAMME.replace(old, new)), tmp_path)


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        ({**RATE, "value": "0"}, "costs.rate 'fx' is not above 0"),
        ({**RATE, "place": "bekasi"}, "costs.rate 'fx' differs between places; a rate has none"),
    ],
)
def test_what_a_rate_may_not_be(tmp_path, rate, said):
    assert said in told(study(rates=(rate,)), tmp_path)


def test_costs_of_several_arms_are_refused(tmp_path):
    files = study().edit_config(
        "plan.yaml",
        "    - {name: workshop, label: Workshop, value: 1}\n",
        "    - {name: workshop, label: Workshop, value: 1}\n    - {name: visit, label: Visit, value: 2}\n",
    )
    assert "the ledger does not tell arms apart" in told(files, tmp_path)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**ROW, "table": "firm"}, "trained: table 'firm' is not in study.yaml; allowed: firms"),
        ({**ROW, "column": "managr"}, "column 'managr' is not in codebook.csv"),
        ({**ROW, "by": "sex"}, "column 'sex' is not in codebook.csv"),
        ({**ROW, "where": "estat=E1"}, "column 'estat' is not in codebook.csv"),
        ({**ROW, "where": "estate"}, "`where` 'estate' is no condition column=value"),
        ({**ROW, "where": "estate="}, "`where` 'estate=' is no condition column=value"),
        ({**ROW, "date": "remark"}, "column 'remark' is text; it must be date or datetime"),
        ({**ROW, "measure": "sum"}, "column 'manager' is text; it must be integer or decimal"),
        ({**ROW, "measure": "mean", "column": "remark"}, "column 'remark' is text; it must be integer"),
        ({**ROW, "measure": "share"}, "share needs `counted`"),
        ({**ROW, "counted": "E1"}, "`counted` is for share and on_time"),
        ({**ROW, "measure": "on_time", "column": "met_on"}, "on_time needs one column in `counted`"),
        ({**ROW, "measure": "on_time", "column": "met_on", "counted": "remark"}, "column 'remark' is text; it must be date"),
        ({**ROW, "measure": "average"}, "found 'average'"),
        ({**ROW, "target": "many"}, "found 'many' where a number with a decimal point is expected"),
        ({**LEVEL, "column": "lost_day"}, "lost: 'lost_day' is no outcome"),
        ({**LEVEL, "by": "estate"}, "lost: 'estate' is no column of the panel"),
        ({**LEVEL, "where": "estate=E1"}, "lost: 'estate' is no column of the panel"),
        ({**LEVEL, "date": "met_on"}, "the panel is reported by round; leave `date` empty"),
        ({**LEVEL, "measure": "on_time", "counted": "met_on"}, "the panel has no days"),
    ],
)  # fmt: skip
def test_what_a_row_of_the_results_framework_may_not_say(tmp_path, row, said):
    message = told(study(row), tmp_path)
    assert "results_framework.csv" in message
    assert said in message


def test_an_indicator_that_stands_twice_is_refused(tmp_path):
    assert "the indicator 'trained' stands twice" in told(study(ROW, ROW), tmp_path)


def test_groups_of_the_panel_are_what_the_plan_carries(tmp_path):
    grouped = {**LEVEL, "by": "workers|arm", "where": "log_productivity=1"}
    assert load_study(study(grouped).write(tmp_path), NAME).framework[0].by == ("workers", "arm")


def test_a_dose_that_is_no_outcome_is_refused(tmp_path):
    files = make_study().edit_config("plan.yaml", "balance: [workers]", "dose: lost_day")
    assert "plan.yaml: dose 'lost_day' is no outcome; allowed: log_productivity, lost_days" in told(
        files, tmp_path
    )
    named = make_study().edit_config("plan.yaml", "balance: [workers]", "dose: lost_days")
    assert load_study(named.write(tmp_path / "named"), NAME).plan.dose == "lost_days"
