"""The manifest lists what was made and nothing of the machine."""

import json
from pathlib import Path

from impacteval.audit.manifest import manifest
from impacteval.provenance import sha256_of


def test_declared_outputs_alone_are_listed_by_hash(tmp_path: Path) -> None:
    """Bug: files of earlier runs, say of a family that was renamed, were listed too; the manifest
    lists what the workflow declares, so that equal inputs give equal bytes.
    """
    for name in ("tables/estimates.csv", "report/en/figures/a.svg", "estimates/old_family.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    declared = [tmp_path / "tables/estimates.csv", tmp_path / "report/en/figures"]
    listed = manifest("workshop", 7, tmp_path, declared, {"raw": {"firms.csv": "0"}}, is_synthetic=True)
    assert listed["synthetic"] is True
    outputs = listed["outputs"]
    assert isinstance(outputs, dict)
    assert sorted(outputs) == ["report/en/figures/a.svg", "tables/estimates.csv"]
    assert outputs["tables/estimates.csv"]["sha256"] == sha256_of(tmp_path / "tables/estimates.csv")
    assert listed["seed"] == 7
    assert str(tmp_path) not in json.dumps(listed)
