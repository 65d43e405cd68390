"""How often each gate of each unit is nearly shut or nearly open, at the moments of a run that are kept.

Shapes: B rows, T steps, H hidden units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Batch, Sequences, Stream
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.experiment import Experiment
from rnnlab.inside.text import from_file
from rnnlab.models.stack import StackState
from rnnlab.models.tasks.base import Task
from rnnlab.parts import initial_model
from rnnlab.probes.saturation import OPEN, SHUT, gates_of
from rnnlab.tracking.folder import BEST_CHECKPOINT, RunFolder
from rnnlab.training import checkpoints
from rnnlab.training.bptt import BPTT, CarriedState, evaluation_windows
from rnnlab.training.record import best_weights

ROWS = 16
"""Rows of a stream that are read side by side."""
HELD = 2**25
"""Numbers of a trace that are held at once."""
LONGEST = 256


@dataclass(frozen=True, slots=True)
class Moment:
    """Weights of a run: ``names`` are init, best and last, or several of them where they are of one step."""

    names: tuple[str, ...]
    step: int
    weights: Mapping[str, Tensor]

    @property
    def title(self) -> str:
        return " and ".join(self.names)


@dataclass(frozen=True, slots=True)
class Material:
    """What is read: one split of a run's data or a text; ``steps`` in all rows together, and where it is from."""

    split: Stream | Sequences
    steps: int
    origin: str


@dataclass(frozen=True, slots=True)
class Shares:
    """Of one gate of one layer: the share of steps at which each unit is below 0.1 and above 0.9, float64 (H,)."""

    layer: str
    gate: str
    below_H: np.ndarray
    above_H: np.ndarray


def check_gates(model: Task) -> None:
    """RequestError, with the cell, where the model has no gate to look at."""
    cell = next(model.stack.layers())
    if not gates_of(cell):
        raise RequestError(
            f"cell={cell.config.name}: its equations have no gate that is a sigmoid; possible for a run of a gated"
            " cell, as cell=lstm or cell=gru"
        )


def moments_of(folder: RunFolder, experiment: Experiment, spec: DataSpec) -> list[Moment]:
    """The kept weights of a run by step; RequestError where none is kept.

    Where a run began with another's weights its beginning is not kept, and not among them.
    """
    found: dict[int, Moment] = {}
    best_weights(folder)  # says what can be done where there is no checkpoint
    if experiment.init_from is None:
        found[0] = Moment(("init",), 0, fresh_model(experiment, spec).state_dict())
    for name, path in (("best", folder.path / BEST_CHECKPOINT), ("last", folder.checkpoint)):
        if path.exists():
            content = checkpoints.load(path)
            step = int(content["position"])
            before = found.get(step, Moment((), step, content["model"]))
            found[step] = replace(before, names=(*before.names, name))
    return [found[step] for step in sorted(found)]


def fresh_model(experiment: Experiment, spec: DataSpec) -> Task:
    """The model as it is before the first window, in evaluation mode."""
    return initial_model(experiment, spec).eval()


def material(
    experiment: Experiment, spec: DataSpec, text: Path | None, most: int, say: Callable[[str], None]
) -> Material:
    """A file's text, or what training never saw of the run's own data: about ``most`` steps of it.

    RequestError where the data cannot be had, is not what the run was trained on, or a text is no input of it.
    """
    if text is not None:
        if spec.shape != "stream":
            raise RequestError(f"--text {text}: task={experiment.task.name} reads no text; leave it out")
        read = from_file(text, spec, most)
        return cut(Stream(read.symbols_N, np.zeros(1, np.int64)), spec, most, read.origin)
    dataset: Dataset = registry.build("data", experiment.data)
    dataset.say = say
    known = dataset.prepare()
    if (known.symbols, known.input_size) != (spec.symbols, spec.input_size):
        raise RequestError(f"data={experiment.data.name}: it is not what the run was trained on any more")
    name = "test" if spec.sizes.get("test", 0) > 1 else "val"
    return cut(dataset.split(name), spec, most, f"the {name} part of data={experiment.data.name}")


def cut(split: Stream | Sequences, spec: DataSpec, most: int, origin: str) -> Material:
    """The first ``most`` symbols of a stream, or as many whole sequences as have about so many steps."""
    if isinstance(split, Stream):
        ids = split.ids[: most + 1]
        if len(ids) < 2:
            raise RequestError(f"{origin}: it has {len(ids)} symbols; at least 2 are needed")
        return Material(Stream(ids, split.documents[split.documents < len(ids)]), len(ids) - 1, origin)
    items = min(len(split.labels), max(1, most // spec.max_length))
    lengths = None if split.lengths is None else split.lengths[:items]
    steps = items * spec.max_length if lengths is None else int(lengths.sum())
    return Material(Sequences(split.inputs[:items], split.labels[:items], lengths), steps, origin)


@torch.inference_mode()
def gate_shares(
    model: Task, read: Material, bptt: BPTT.Config, progress: Callable[[int, int], None] = lambda done, of: None
) -> list[Shares]:
    """Let a model in evaluation mode read the material, and count. progress: (steps done, of)."""
    cells = list(zip(model.stack.names, model.stack.layers(), strict=True))
    gates = {(number, gate): cells[number][0] for number in range(len(cells)) for gate in gates_of(cells[number][1])}
    below = {place: torch.zeros(cells[place[0]][1].hidden_size, dtype=torch.float64) for place in gates}
    above = {place: torch.zeros_like(counted) for place, counted in below.items()}
    done = 0
    state: StackState | None = None
    for batch in batches(model, read, bptt):
        kept = state if bptt.state is CarriedState.carried and isinstance(read.split, Stream) else None
        trace = model.stack.trace(model.embedding(batch.inputs), kept, batch.reset, lengths_B=batch.lengths)
        state = trace.state
        valid_BT = valid_steps(batch)
        for number, gate in gates:
            value_BTH = trace.stacked(number, gate)
            below[number, gate] += ((value_BTH < SHUT) & valid_BT[:, :, None]).sum(dim=(0, 1))
            above[number, gate] += ((value_BTH > OPEN) & valid_BT[:, :, None]).sum(dim=(0, 1))
        done += int(valid_BT.sum())
        progress(done, read.steps)
    return [
        Shares(layer, gate, (below[number, gate] / done).numpy(), (above[number, gate] / done).numpy())
        for (number, gate), layer in gates.items()
    ]


def batches(model: Task, read: Material, bptt: BPTT.Config) -> Iterator[Batch]:
    """The material in windows or batches whose traces are not too large."""
    each = sum(cell.hidden_size * len(cell.names) for cell in model.stack.layers())
    if isinstance(read.split, Stream):
        steps, rows = max(1, min(LONGEST, HELD // (ROWS * each), read.steps // ROWS)), ROWS
    else:
        steps, rows = 1, max(1, HELD // (each * read.split.inputs.shape[1]))
    windows = evaluation_windows(bptt, read.split, rows, steps)
    return (windows.batch(0, index) for index in range(windows.windows_per_epoch))


def valid_steps(batch: Batch) -> Tensor:
    """bool (B, T); they come first in either order of steps."""
    rows, steps = batch.inputs.shape[:2]
    if batch.lengths is None:
        return torch.ones(rows, steps, dtype=torch.bool)
    return torch.arange(steps) < batch.lengths[:, None]
