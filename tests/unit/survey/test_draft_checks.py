"""Drafted checks: those that the form and the roles allow, with the fields that their kinds have."""

from __future__ import annotations

import json
import typing

import pytest
from pydantic import TypeAdapter

from impacteval.checks import AnyCheck
from impacteval.delivery import Roles
from impacteval.survey.data_files import DataFile
from impacteval.survey.draft_checks import DraftTable, _asked_for, batteries, one_answer
from impacteval.survey.draft_codebook import variable_of
from impacteval.survey.draft_columns import expected_columns
from support.drafts import drafted, loaded
from support.forms import make_form


def table_of(form, **roles):
    placed = expected_columns(form, [q for q in form.questions if not q.repeat])
    found = [variable_of(p, form, DataFile(table="firms")).variable for p in placed]
    return DraftTable(
        name="firms", placed=placed, variables=found, roles=Roles(**roles), form=form, has_versions=True
    )


def asked(table):
    return [(kind, name, fields) for kind, name, fields in _asked_for(table)]


def test_checks_that_a_form_allows_are_asked_for_with_fields_that_their_kinds_have(form):
    table = table_of(
        form,
        start="start",
        end="end",
        enumerator="enumerator_id",
        form_version="v",
        consent="consent",
        consent_given=("1",),
    )
    found = asked(table)
    by_kind = {typing.get_args(typing.get_type_hints(c)["kind"])[0]: c for c in typing.get_args(AnyCheck)}
    for kind, name, fields in found:
        content = {"id": f"firms-{kind}-{name}", "kind": kind, "table": "firms", **fields}
        assert TypeAdapter(by_kind[kind]).validate_json(json.dumps(content)).kind == kind
    assert {kind for kind, _, _ in found} == {
        "consent", "interview_time", "duration", "overlap", "form_version", "outlier", "heaping", "item_non_response",
        "other_specify", "gate", "personal_data",
    }  # fmt: skip


def test_amounts_choices_and_gates_are_recognised(form):
    found = {(kind, name): fields for kind, name, fields in asked(table_of(form, enumerator="enumerator_id"))}
    assert found["outlier", ""] == {"columns": ["workers", "sales", "export_share", "export_years"]}
    assert found["heaping", ""] == {"columns": ["sales"]}
    assert found["other_specify", "inputs_other"] == {
        "column": "inputs",
        "other": "other",
        "text": "inputs_other",
    }
    assert found["gate", "exports"] == {"column": "exports", "skipping": ["0"]}


def test_checks_have_ids_of_their_own_though_their_columns_differ_only_in_signs(tmp_path):
    texts = [
        ("text", name, "Which?", "${x} = 'other'") for name in ("x_other", "x-other", "y" * 130, "y" * 131)
    ]
    survey = (("type", "name", "label", "relevant"), ("select_one inputs", "x", "X", ""), *texts)
    survey = loaded(drafted(make_form(tmp_path, survey), DataFile(table="firms")), tmp_path)
    ids = [c.id for c in survey.checks if c.kind == "other_specify"]
    assert len(ids) == len(set(ids)) == 4


def test_checks_need_the_roles_they_read(form):
    kinds = {kind for kind, _, _ in asked(table_of(form))}
    assert not kinds & {"interview_time", "duration", "overlap", "form_version", "heaping", "gate", "consent"}


def test_batteries_are_named_and_not_checked_since_reversed_items_cannot_be_seen(tmp_path):
    items = [("select_one yesno", f"item{n}", f"Item {n}") for n in range(9)]
    form = make_form(
        tmp_path, (("type", "name", "label"), ("text", "a", "A"), *items, ("select_one inputs", "b", "B"))
    )
    table = table_of(form)
    assert batteries(table) == [[f"item{n}" for n in range(9)]]
    drafts = drafted(form, DataFile(table="firms"))
    assert "9 items in a row share one list, from item0 to item8" in drafts.checks


@pytest.mark.parametrize(
    ("relevant", "found"),
    [
        ("${a} = 'x'", ("a", "x")),
        ("${a}=1", ("a", "1")),
        ("selected(${a}, 'other')", ("a", "other")),
        ("${a} = -666", ("a", "-666")),
        ("${a} != 'x'", None),
        ("${a} = 1 and ${b} = 2", None),
        ("", None),
    ],
)
def test_a_condition_on_one_answer_is_recognised(relevant, found):
    assert one_answer(relevant) == found
