"""Two runs started at the same moment in one fresh folder: both work, and both reach the new tracking store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = ["train", "data=text", "data.path=notes.txt", "cell.hidden_size=4", "bptt.window=8", "trainer.max_steps=20"]


@pytest.mark.slow
def test_two_at_once(workspace: Path) -> None:
    from mlflow.tracking import MlflowClient

    (workspace / "notes.txt").write_text("the quick brown fox jumps over the lazy dog\n" * 40, encoding="utf-8")
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "rnnlab", *COMMAND, f"seed={seed}", "threads=1", "--json"],
            cwd=workspace,
            env=os.environ | {"RNNLAB_CACHE": str(workspace / "cache")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in (0, 1)
    ]
    answers = [run.communicate(timeout=240) for run in both]
    assert [run.returncode for run in both] == [0, 0], answers
    results = [json.loads(out) for out, _ in answers]
    assert [result["message"] for result in results] == ["", ""]
    client = MlflowClient(f"sqlite:///{workspace}/mlflow.db")
    stored = client.search_runs([client.get_experiment_by_name("rnnlab").experiment_id])
    assert {run.data.tags["rnnlab.run_id"] for run in stored} == {result["run_id"] for result in results}
    assert {run.info.status for run in stored} == {"FINISHED"}
