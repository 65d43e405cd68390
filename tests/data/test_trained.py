"""Each set that is drawn, trained on for a moment: its loss falls, and stands beside that of no memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.data.generated import Generated
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import read_log
from rnnlab.train import run

EASY = {
    "adding": ["data.length=6"],
    "copy": ["data.delay=3", "data.variable=true"],
    "temporal_order": ["data.length=14", "data.min_length=10"],
    "parity": ["data.length=3"],
    "dyck": ["data.length=8"],
    "recall": ["data.length=3", "data.pairs=1"],
    "random_labels": ["data.examples=32"],
    "reverse": ["data.length=4", "data.min_length=2", "data.kinds=6"],
    "shapes": ["data.examples=1000", "data.batch_size=16"],
    "dates": ["data.lengths=[medium]", "data.locales=[en_GB]", "data.examples=2000"],
}
DRAWN = [name for name in registry.names("data") if issubclass(registry.component("data", name), Generated)]
DECODING = ["task=encoder_decoder", "attention=general"]
TASK = {registry.component("task", task).shape: [f"task={task}"] for task in registry.names("task")}
TASK |= {"pairs": [*DECODING, "encoder=recurrent"], "captions": [*DECODING, "encoder=cnn"]}
SHORT = [
    "cell=gru", "cell.hidden_size=32", "stack.dropout=0", "optimizer.lr=0.01", "optimizer.warmup_steps=0",
    "trainer.max_steps=120", "trainer.val_every=20", "data.held_out=200", "tracking.store=none", "threads=1",
]  # fmt: skip


@pytest.mark.parametrize("name", DRAWN)
def test_the_loss_falls_below_what_needs_no_memory(name: str, workspace: Path) -> None:
    shape = registry.component("data", name).shape
    overrides = [f"data={name}", *TASK[shape], *EASY.get(name, []), *SHORT]
    result = run(compose(overrides).experiment, overrides)
    points = [
        entry["values"]["val/loss"]
        for entry in read_log(RunFolder.find(result.run_id))
        if entry["kind"] == "metric" and "val/loss" in entry["values"]
    ]
    assert len(points) == 6 and points[-1] < points[0]
    assert result.metrics["best/val_loss"] < 0.95 * result.metrics["baseline/memoryless"]
    assert ("baseline/uniform" in result.metrics) is (shape != "numbers")
    task = registry.component("task", compose(overrides).experiment.task.name)
    assert {f"final/{figure}" for figure in task.figures} <= set(result.metrics)
