"""What must also hold on a GPU: a run comes to its end, repeats to the bit, and can be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.experiment import Experiment
from rnnlab.tracking.folder import RunFolder
from rnnlab.train import run

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU on this machine")
every_cell = pytest.mark.parametrize("cell", registry.names("cell"))


@dataclass
class StopAfter:
    """A reporter that asks to stop from one step on."""

    step: int

    def heartbeat(self, step: int) -> str:
        return "stop" if step >= self.step else "continue"

    def report(self, share: float, figures: dict[str, float]) -> str:
        return "continue"


@pytest.fixture
def experiment(workspace: Path) -> Callable[..., Experiment]:
    (workspace / "notes.txt").write_text("".join(f"{n} green bottles, {n * n} walls; " for n in range(60)))

    def composed(*overrides: str) -> Experiment:
        settings = ["data=text", "data.path=notes.txt", "data.batch_size=4", "data.val_rows=2", "bptt.window=8"]
        settings += ["cell.hidden_size=8", "stack.depth=2", "trainer.max_steps=60", "trainer.val_every=20"]
        return compose([*settings, "tracking.store=none", "device=cuda", *overrides]).experiment

    return composed


@every_cell
@pytest.mark.parametrize("backend", ["auto", "loop"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_run_repeats_and_resumes_to_the_bit(
    cell: str, backend: str, precision: str, experiment: Callable[..., Experiment]
) -> None:
    composed = experiment(f"cell={cell}", f"stack.backend={backend}", f"precision={precision}")
    first = run(composed)
    torch.cuda.manual_seed(5)
    torch.rand(10, device="cuda")
    assert first.state == "complete" and "test/loss" in first.metrics
    assert run(composed).weights_sha256 == first.weights_sha256
    folder = RunFolder.find(run(composed, reporter=StopAfter(20)).run_id)
    assert folder.result() is None
    assert run(composed, folder=folder).weights_sha256 == first.weights_sha256


@every_cell
def test_backends_agree(cell: str, experiment: Callable[..., Experiment]) -> None:
    losses = [
        run(experiment(f"cell={cell}", f"stack.backend={backend}", "stack.dropout=0")).metrics["val/loss"]
        for backend in ("auto", "loop")
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_device_is_recorded(experiment: Callable[..., Experiment]) -> None:
    recorded = RunFolder.find(run(experiment()).run_id).read_json("environment.json")
    assert recorded["device"] == torch.cuda.get_device_name()
