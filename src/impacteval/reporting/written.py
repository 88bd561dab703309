"""The files of a report: its page, and the codebook with all indicators beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from impacteval.reporting.codebook_page import codebook_page
from impacteval.reporting.content import Facts
from impacteval.reporting.document import sections_of
from impacteval.reporting.exhibits import figures_of
from impacteval.reporting.indicator_rows import indicators_of
from impacteval.reporting.page import render
from impacteval.tables import read_csv, write_text


def write_report(
    inputs: Mapping[str, str], output: Mapping[str, str], facts: Facts, record: Mapping[str, object]
) -> None:
    """Write both pages.

    Parameters
    ----------
    inputs : mapping
        ``figures``: folder of the drawn figures; ``form_changes``: the table of these.
    output : mapping
        Paths of ``report`` and ``codebook``.
    facts : Facts
    record : mapping
        Inputs of the run: files, digests and versions.
    """
    folder = Path(inputs["figures"])
    figures = {f.name: replace(f, svg=(folder / f"{f.name}.svg").read_bytes()) for f in figures_of(facts)}
    write_text(Path(output["report"]), render(facts, sections_of(facts, figures, record)))
    page = codebook_page(
        facts.codebook,
        facts.study.title,
        read_csv(Path(inputs["form_changes"])),
        is_synthetic=facts.study.synthetic,
        indicators=indicators_of(facts),
    )
    write_text(Path(output["codebook"]), page)
