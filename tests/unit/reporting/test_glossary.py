"""The words of a report are explained."""

from pathlib import Path

from impacteval.reporting.glossary import glossary_parts
from support.reports import make_facts
from support.study import make_study


def test_words_are_explained_with_the_level_of_the_plan(tmp_path: Path) -> None:
    files = make_study().edit_config("plan.yaml", "balance:", "level: 0.9\nbalance:")
    (terms,) = glossary_parts(make_facts(tmp_path, files, {}))
    assert isinstance(terms, tuple) and len(terms) == 8
    assert "about 90% of such intervals" in terms[1]
