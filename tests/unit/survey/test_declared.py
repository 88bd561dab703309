"""What a codebook declares and cannot mean."""

from __future__ import annotations

import pytest

from impacteval.survey.declared import codebook_problems
from support.tables import codebook, variable


@pytest.mark.parametrize(
    ("type_", "changes", "said"),
    [
        ("decimal", {"format": "ID"}, "allowed: id, en"),
        ("text", {"format": "id"}, "the type is text"),
        ("date", {"format": "%d/%m/%y"}, "two digits"),
        ("datetime", {"format": "%d/%m/%Y"}, "hours are needed"),
        ("decimal", {"format": "excel"}, "allowed: id, en"),
        ("decimal", {"missing_codes": ("-99=dontknow",)}, "did you mean 'dont_know'"),
        ("decimal", {"missing_codes": ("=refused",)}, "an empty code"),
        ("decimal", {"relevant": "${a} = "}, "relevant: '${a} =': found 'the end'"),
        ("decimal", {"constraint": "slected(., 1)"}, "constraint: 'slected(., 1)'"),
    ],
)
def test_each_problem_names_its_column(type_, changes, said):
    (problem,) = codebook_problems(codebook(variable("x", type_, **changes)))
    assert problem.startswith("codebook.csv: firms, 'x': ")
    assert said in problem


@pytest.mark.parametrize(
    ("type_", "changes"),
    [
        ("decimal", {"format": "id", "missing_codes": ("-99=dont_know", "-98")}),
        ("integer", {"format": "en"}),
        ("date", {"format": "%d %B %Y"}),
        ("date", {"format": "excel1904"}),
        ("datetime", {"format": ""}),
        ("text", {"relevant": "pulldata('a') = 1", "constraint": ". < today()"}),
    ],
)
def test_what_can_be_meant_is_no_problem(type_, changes):
    assert codebook_problems(codebook(variable("x", type_, **changes))) == []
