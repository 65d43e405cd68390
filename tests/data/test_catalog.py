from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.config import registry
from rnnlab.data.catalog import catalog
from rnnlab.data.python_source import PythonSource
from rnnlab.data.spec import DataSpec


def test_one_row_for_every_set(cache: Path) -> None:
    rows = catalog()
    assert [row["name"] for row in rows] == registry.names("data")
    assert all(row["source"] and row["licence"] for row in rows)
    assert all(row["fingerprint"] is None and row["items"] is None for row in rows)


def test_what_was_prepared_has_its_fingerprint(cache: Path) -> None:
    spec = PythonSource(PythonSource.Config(max_bytes=100_000)).prepare()
    row = next(row for row in catalog() if row["name"] == "python_source")
    assert row["fingerprint"] == spec.fingerprint
    assert row["items"] == sum(spec.sizes.values())


def test_what_another_version_prepared_is_not_read(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    PythonSource(PythonSource.Config(max_bytes=100_000)).prepare()
    monkeypatch.setattr(DataSpec, "form", classmethod(lambda cls: "of another version"))
    row = next(row for row in catalog() if row["name"] == "python_source")
    assert row["fingerprint"] is None


def test_imports_no_torch(cache: Path) -> None:
    code = "import sys; from rnnlab.data.catalog import catalog; catalog(); print('torch' in sys.modules)"
    root = str(Path(__file__).resolve().parents[2])
    answer = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": root}, capture_output=True, text=True
    )
    assert answer.stdout.strip() == "False", answer.stderr
