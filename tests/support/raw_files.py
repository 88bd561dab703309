"""Raw files as they may be delivered: whole, crafted and damaged."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from impacteval.delivery import SourceTable
from impacteval.survey.problems import FileProblem
from impacteval.survey.read import read_all, read_table
from support.tables import codebook, variable

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
COLUMNS = ("firm", "wage")


def zip_bytes(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def workbook_parts(sheets: Mapping[str, str], *, settings: str = "", states: Mapping[str, str] | None = None):
    """Parts of a workbook, each sheet given by the XML within its ``worksheet`` element.

    Style 1 is a date, style 2 a date with time; shared texts are not used.
    """
    numbered = list(enumerate(sheets, start=1))
    listed = "".join(
        f'<sheet name="{name}" sheetId="{i}" r:id="rId{i}" state="{(states or {}).get(name, "visible")}"/>'
        for i, name in numbered
    )
    related = "".join(
        f'<Relationship Id="rId{i}" Type="{RELATION}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i, _ in numbered
    )
    formats = (
        '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/>'
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATION}">{settings}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
        "xl/styles.xml": f'<styleSheet {MAIN}><cellXfs count="3">{formats}</cellXfs></styleSheet>',
    }
    for (i, _), xml in zip(numbered, sheets.values(), strict=True):
        parts[f"xl/worksheets/sheet{i}.xml"] = f"<worksheet {MAIN}>{xml}</worksheet>"
    return parts


def cells_xml(rows: Mapping[int, str]) -> str:
    """The ``sheetData`` of rows given as XML of their cells."""
    return "<sheetData>" + "".join(f'<row r="{r}">{xml}</row>' for r, xml in rows.items()) + "</sheetData>"


def text_cell(address: str, text: str) -> str:
    """A cell that holds text."""
    return f'<c r="{address}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


HEADER = text_cell("A1", "firm") + text_cell("B1", "wage")


def workbook_bytes(rows: Mapping[int, str], **options) -> bytes:
    """A workbook of one sheet whose first row names the columns firm and wage."""
    return zip_bytes(workbook_parts({"Data": cells_xml({1: HEADER, **rows})}, **options))


def delivered(
    folder: Path, content: bytes, name: str = "firms.csv", *, table: str = "firms", **options
) -> SourceTable:
    """A table of one file that was just put into a folder."""
    (folder / name).write_bytes(content)
    formats = {".csv": "csv", ".xlsx": "xlsx", ".dta": "stata", ".sav": "spss", ".parquet": "parquet"}
    suffix = Path(options.get("member", name)).suffix
    return SourceTable(**{"name": table, "files": (name,), "format": formats.get(suffix, "csv"), **options})


def read_bytes(
    folder: Path, content: bytes, name: str = "firms.csv", columns=COLUMNS, **options
) -> pd.DataFrame:
    """The table that a file's bytes hold."""
    return read_table(folder, delivered(folder, content, name, **options), columns)


def problems_of(
    folder: Path, content: bytes, name: str = "firms.csv", columns=COLUMNS, **options
) -> tuple[FileProblem, ...]:
    """Everything that is said of a file."""
    table = delivered(folder, content, name, **options)
    return read_all(folder, [table], codebook(*(variable(c) for c in columns)))[1]


def shown(problems: Sequence[FileProblem], severity: str = "error") -> str:
    """Problems of a severity, one a line."""
    return "\n".join(str(p) for p in problems if p.severity == severity)


def small_frame() -> pd.DataFrame:
    """Twenty rows of text, numbers and missing values."""
    rng = np.random.default_rng(5)
    wage = rng.integers(1, 900, 20).astype("float64")
    wage[3] = np.nan
    return pd.DataFrame({"firm": [f"F{i:03d}" for i in range(20)], "wage": wage})


def small_files(folder: Path) -> dict[str, bytes]:
    """A small valid file of each format, by the name it is delivered under."""
    import pyreadstat

    frame = small_frame()
    frame.to_csv(folder / "a.csv", index=False)
    frame.to_parquet(folder / "a.parquet", index=False)
    frame.to_excel(folder / "a.xlsx", index=False, engine="xlsxwriter")
    labels = {"wage": {1.0: "one", 2.0: "two"}}
    pyreadstat.write_dta(frame, folder / "a.dta", variable_value_labels=labels, version=14)
    pyreadstat.write_sav(frame, folder / "a.sav", variable_value_labels=labels, row_compress=True)
    pyreadstat.write_sav(frame, folder / "b.sav", compress=True)
    names = ("a.csv", "a.parquet", "a.xlsx", "a.dta", "a.sav", "b.sav")
    files = {name: (folder / name).read_bytes() for name in names}
    return files | {"a.zip": zip_bytes({"data/a.csv": files["a.csv"], "media/x.jpg": b"x" * 99})}


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """A file with some bytes changed, cut out, doubled or cut off."""
    spoiled = bytearray(content)
    for _ in range(int(rng.integers(1, 6))):
        at, length = int(rng.integers(0, len(spoiled))), int(rng.integers(1, 17))
        match int(rng.integers(0, 6)):
            case 0:
                spoiled[at] = int(rng.integers(0, 256))
            case 1:
                spoiled[at] ^= 1 << int(rng.integers(0, 8))
            case 2:
                del spoiled[at : at + length]
            case 3:
                spoiled[at:at] = spoiled[at : at + length]
            case 4:
                spoiled[at : at + length] = bytes([0xFF] * length)
            case _:
                del spoiled[max(1, at) :]
        if not spoiled:
            return b"\0"
    return bytes(spoiled)
