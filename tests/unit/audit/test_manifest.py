"""The manifest lists what was made and nothing of the machine."""

import json
from pathlib import Path

from impacteval.audit.manifest import manifest
from impacteval.provenance import sha256_of


def test_every_result_but_logs_and_the_manifest_itself_is_listed_by_hash(tmp_path: Path) -> None:
    for name in ("tables/estimates.csv", "report/en/report.html", "logs/read.log", "audit/manifest.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    listed = manifest("workshop", 7, tmp_path, {"raw": {"firms.csv": "0"}})
    outputs = listed["outputs"]
    assert isinstance(outputs, dict)
    assert sorted(outputs) == ["report/en/report.html", "tables/estimates.csv"]
    assert outputs["tables/estimates.csv"]["sha256"] == sha256_of(tmp_path / "tables/estimates.csv")
    assert listed["seed"] == 7
    assert str(tmp_path) not in json.dumps(listed)
