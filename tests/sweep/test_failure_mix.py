"""Four of twelve runs go wrong, each in its own way: they are named for it, and their neighbours notice nothing."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import read_log

pytestmark = pytest.mark.slow

BAD = {2: "failed", 5: "lost", 7: "out_of_memory", 10: "diverged"}
"""Which of the numbers 0 to 11 goes wrong, and what that is called."""

GOOD = [number for number in range(12) if number not in BAD]

MISCHIEF = """
    import ctypes
    from dataclasses import dataclass

    import torch

    from rnnlab.training.optimizers.adam import Adam

    MIB = 2**20


    class Mischief(Adam):
        '''Adam with a rate of its own for each number; four numbers do harm at the tenth update.'''

        @dataclass(kw_only=True, slots=True)
        class Config(Adam.Config):
            number: int = 0

        def __init__(self, config):
            super().__init__(config)
            self.updates = 0

        def learning_rate(self, step, max_steps):
            return super().learning_rate(step, max_steps) * (1 + self.config.number / 12)

        def clip(self, parameters):
            super().clip(parameters)
            self.updates += 1
            if self.updates == 10:
                harm = {2: self.fail, 5: self.crash, 7: self.fill_memory, 10: self.diverge}.get(self.config.number)
                if harm is not None:
                    harm(parameters)

        def fail(self, parameters):
            raise ArithmeticError("the tenth update is too much")

        def crash(self, parameters):
            ctypes.string_at(0)

        def fill_memory(self, parameters):
            hoard = [b"x" * (16 * MIB) for _ in range(256)]
            raise AssertionError(f"nobody minded {len(hoard) * 16} MiB")

        def diverge(self, parameters):
            for parameter in parameters:
                parameter.data.fill_(float("nan"))
"""

SETTINGS = [
    "plugins=[mischief]", "optimizer=mischief", "data=hello", "bptt.window=4", "cell.hidden_size=8",
    "trainer.max_steps=40", "trainer.val_every=20", "sweep.workers.count=2", "sweep.workers.memory_gb=1",
    "sweep.new=true",
]  # fmt: skip


@pytest.fixture
def sweep_of(rnnlab_process: Callable[..., Any], workspace: Path) -> Callable[[list[int]], Any]:
    """Run a sweep of these numbers, two at a time, in processes of their own."""
    (workspace / "mischief.py").write_text(textwrap.dedent(MISCHIEF), encoding="utf-8")

    def run(numbers: list[int]) -> Any:
        listed = ",".join(map(str, numbers))
        return rnnlab_process("train", "-m", *SETTINGS, f"optimizer.number={listed}", "--json")

    return run


def results(workspace: Path, sweep_id: str) -> dict[int, dict[str, Any]]:
    """``result.json`` of each run of a sweep, by its number; each run has exactly one."""
    runs = json.loads((workspace / "runs" / "sweeps" / sweep_id / "sweep.json").read_text())["runs"]
    found = [json.loads((workspace / "runs" / run / "result.json").read_text()) for run in runs]
    return {number_of(result, workspace): result for result in found}


def number_of(result: dict[str, Any], workspace: Path) -> int:
    overrides = json.loads((workspace / "runs" / result["run_id"] / "environment.json").read_text())["overrides"]
    (number,) = (word.partition("=")[2] for word in overrides if word.startswith("optimizer.number="))
    return int(number)


def stored_runs(workspace: Path) -> dict[str, Any]:
    """What MLflow has, by rnnlab's own ids."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{workspace / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("rnnlab")
    return {run.data.tags["rnnlab.run_id"]: run for run in client.search_runs([experiment.experiment_id])}


def test_eight_are_complete_and_four_are_named_for_what_they_were(
    sweep_of: Callable[[list[int]], Any], workspace: Path
) -> None:
    mixed = sweep_of(list(range(12)))
    assert mixed.exit_code == 1, mixed.stderr
    assert mixed.data["counts"] == {"complete": 8, "diverged": 1, "failed": 1, "lost": 1, "out_of_memory": 1}
    states = {int(row["optimizer.number"]): row["states"] for row in mixed.data["table"]}
    assert states == {number: f"1 {BAD.get(number, 'complete')}" for number in range(12)}

    ended = results(workspace, mixed.data["sweep_id"])
    assert {number: result["state"] for number, result in ended.items() if number in BAD} == BAD
    check_what_was_kept(ended)
    check_the_store(stored_runs(workspace), ended)
    for number in GOOD:
        log = [entry["kind"] for entry in read_log(RunFolder.find(ended[number]["run_id"]))]
        assert log.count("start") == 1 and "resume" not in log, "a neighbour was never begun anew"

    undisturbed = sweep_of(GOOD)
    assert undisturbed.exit_code == 0, undisturbed.stderr
    alone = results(workspace, undisturbed.data["sweep_id"])
    weights = {number: ended[number]["weights_sha256"] for number in GOOD}
    assert weights == {number: alone[number]["weights_sha256"] for number in GOOD}
    assert len(set(weights.values())) == 8, "each number has weights of its own, or equal ones would say nothing"


def check_what_was_kept(ended: dict[int, dict[str, Any]]) -> None:
    """Each bad run says why, in one line."""
    failed, lost, full, diverged = (ended[number] for number in BAD)
    assert failed["message"] == "ArithmeticError: the tenth update is too much"
    assert "mischief.py" in failed["traceback"] and "in fail" in failed["traceback"]
    assert "SIGSEGV" in lost["message"]
    assert full["message"] == "MemoryError (the run may take 2 GiB: sweep.workers.memory_gb)"
    assert "became nan" in diverged["message"]
    assert not any("\n" in result["message"] for result in ended.values())


def check_the_store(stored: dict[str, Any], ended: dict[int, dict[str, Any]]) -> None:
    """MLflow tells the same: FAILED for what broke, FINISHED with a tag for what diverged."""
    for number, result in ended.items():
        run = stored[result["run_id"]]
        wrong = result["state"] in ("failed", "lost", "out_of_memory")
        assert run.info.status == ("FAILED" if wrong else "FINISHED"), number
        assert run.data.tags["rnnlab.state"] == result["state"]
