"""The report as one HTML page that needs nothing else: no script, no network, all values escaped."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from impacteval.reporting.content import Facts, Figure, Section, Table
from impacteval.reporting.synthetic import declared

TEMPLATES = Path(__file__).parent / "templates"


def rendered(template: str, values: Mapping[str, object], *, is_synthetic: bool) -> str:
    """Render a page: everything is escaped, a name that is not given is an error, simulated data say so."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests["table"] = lambda part: isinstance(part, Table)
    environment.tests["figure"] = lambda part: isinstance(part, Figure)
    environment.tests["paragraph"] = lambda part: isinstance(part, str)
    environment.filters["data_uri"] = _data_uri
    html = environment.get_template(template).render(values)
    return declared(html) if is_synthetic else html


def render(facts: Facts, sections: Sequence[Section]) -> str:
    """Render the report's page as HTML."""
    values = {"facts": facts, "study": facts.study, "sections": sections}
    return rendered("report.html.j2", values, is_synthetic=facts.study.synthetic)


def _data_uri(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
