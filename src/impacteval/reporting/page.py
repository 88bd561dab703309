"""The report as one HTML page that needs nothing else: no script, no network, all values escaped."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from impacteval.reporting.content import Facts, Figure, Section, Table

TEMPLATES = Path(__file__).parent / "templates"


def environment() -> Environment:
    """Templates of the project: everything is escaped, and a name that is not given is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(facts: Facts, sections: Sequence[Section]) -> str:
    """Render the report's page as HTML."""
    templates = environment()
    templates.tests["table"] = lambda part: isinstance(part, Table)
    templates.tests["figure"] = lambda part: isinstance(part, Figure)
    templates.tests["paragraph"] = lambda part: isinstance(part, str)
    templates.filters["data_uri"] = _data_uri
    return templates.get_template("report.html.j2").render(facts=facts, study=facts.study, sections=sections)


def _data_uri(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
