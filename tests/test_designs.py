"""Every task with every cell: composes, trains, goes on to the bit where it was stopped, and can be swept.

Tasks, cells and encoders are discovered. A design is a task with a shape of data that it can be about; the fast part
runs each design and each cell at least once, the slow part every pair of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rnnlab.config import registry
from rnnlab.config.compose import restore
from rnnlab.experiment import NONE
from rnnlab.rerun import OWN_TIME, StopAt, points, resume
from rnnlab.sweep.driver import SweepResult, sweep
from rnnlab.sweep.folder import SWEEP
from rnnlab.sweep.watching import LineWatcher
from rnnlab.tracking.folder import RunFolder
from rnnlab.train import run

SMALL = [
    "cell.hidden_size=4", "stack.dropout=0.2", "optimizer.warmup_steps=1", "data.batch_size=3", "data.val_rows=4",
    "trainer.max_steps=2", "trainer.val_every=1", "trainer.final=true", "tracking.store=none", "threads=1",
    "device=cpu",
]  # fmt: skip
DRAWN = ["data.examples=12", "data.held_out=4"]
DECODER = ["task.teacher_forcing=0.5", "task.forcing_windows=2", "embedding.size=4"]
DESIGNS: dict[tuple[str, str], list[str]] = {
    ("classification", "sequences"): [
        "data=linear_or_random", "embedding=none", "task.pooling=attention",
        "stack.bidirectional=true", *DRAWN,
    ],
    ("encoder_decoder", "pairs"): [
        "data=reverse", "data.length=4", "data.min_length=2", "data.kinds=3", "encoder=recurrent", "attention=dot",
        *DRAWN, *DECODER,
    ],
    ("encoder_decoder", "captions"): [
        "data=shapes", "encoder=cnn", "encoder.size=16", "attention=general", "attention.feed=true",
        "attention.feed_dropout=0.5", *DRAWN, *DECODER,
    ],
    ("forecasting", "series"): ["data=sunspots", "embedding=none", "data.past=6", "data.future=3"],
    ("language_model", "stream"): ["data=text", "data.path=notes.txt", "bptt.window=6", "embedding.size=4"],
    ("regression", "numbers"): ["data=adding", "embedding=none", "data.length=6", *DRAWN],
    ("sequence_labelling", "steps"): ["data=recall", "data.length=9", "data.pairs=2", "data.kinds=3", *DRAWN],
}  # fmt: skip
"""(task, shape of data) -> the smallest such experiment, on data that is drawn, packaged or written here."""


def shapes(task: str) -> set[str]:
    """The shapes of data that a task can be about: of one that decodes, those that encoders read."""
    kind = registry.component("task", task)
    if not kind.decodes:
        return {kind.shape}
    return {registry.component("encoder", name).reads for name in registry.names("encoder") if name != NONE}


CELLS = registry.names("cell")
DISCOVERED = sorted((task, shape) for task in registry.names("task") for shape in shapes(task))
AT_ONCE = {design: CELLS[place :: len(DISCOVERED)] for place, design in enumerate(DISCOVERED)}
"""Each cell with one design, in turn."""
FAST = [pytest.param(design, AT_ONCE[design], id=design[1]) for design in DISCOVERED]
REST = [
    pytest.param(design, [cell for cell in CELLS if cell not in AT_ONCE[design]], id=design[1], marks=pytest.mark.slow)
    for design in DISCOVERED
]


def test_every_task_has_a_design_for_each_shape_of_data_that_it_can_be_about() -> None:
    assert sorted(DESIGNS) == DISCOVERED, "give a new task, or what a new encoder reads, its smallest experiment here"


@pytest.mark.parametrize(("design", "cells"), [*FAST, *REST])
def test_cells_are_swept_and_each_run_goes_on_to_the_bit(
    design: tuple[str, str], cells: list[str], workspace: Path
) -> None:
    text = "".join(f"{n} green bottles, {n * n} walls; " for n in range(12))
    (workspace / "notes.txt").write_text(text)
    task, _ = design
    words = [f"task={task}", *DESIGNS[design], *SMALL, f"cell={','.join(cells)}", "sweep.workers.inline=true"]
    swept = sweep(words, seen_by=LineWatcher(lambda line: None))
    assert (swept.state, swept.counts) == ("complete", {"complete": len(cells)})
    runs = {run.config()["cell"]["name"]: run for run in swept_runs(swept)}
    assert sorted(runs) == cells
    for cell, whole in runs.items():
        again = stopped_and_resumed(whole)
        assert said(again) == said(whole), cell
        assert points(again) == points(whole), cell


def swept_runs(swept: SweepResult) -> list[RunFolder]:
    """The folders of a sweep's runs."""
    return [RunFolder.find(run) for run in RunFolder(Path(swept.folder)).read_json(SWEEP)["runs"]]


def stopped_and_resumed(whole: RunFolder) -> RunFolder:
    """The same run, stopped after its first step and gone on with to its last."""
    first = run(restore(whole.config()), reporter=StopAt(1))
    assert (first.state, first.steps) == ("interrupted", 1)
    second = resume(first.run_id)
    assert (second.state, second.steps) == ("complete", 2)
    return RunFolder.find(first.run_id)


def said(run: RunFolder) -> dict[str, Any]:
    """What a run came to: its weights and all of its figures but the time it took."""
    result = run.result()
    assert result is not None
    figures = {key: value for key, value in result["metrics"].items() if key not in OWN_TIME}
    return {**figures, **{key: result[key] for key in ("weights_sha256", "parameters", "backend", "message")}}
