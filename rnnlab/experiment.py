"""An experiment: one field per group of the configuration, and what must agree between the groups."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from omegaconf import MISSING

from rnnlab.config import registry
from rnnlab.config.schema import aside, identity, late_group, require
from rnnlab.data.base import Dataset
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.attention.base import Attention
from rnnlab.models.backends import Backend
from rnnlab.models.cells.base import Cell
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.encoders.base import Encoder
from rnnlab.models.sizes import output_size
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task
from rnnlab.probes.probing import Probing
from rnnlab.sweep.base import Sweep
from rnnlab.tracking.setup import Tracking
from rnnlab.training.bptt import BPTT
from rnnlab.training.device import Device, Precision
from rnnlab.training.optimizers.base import Optimizer
from rnnlab.training.trainer import Trainer

NONE = "none"
"""The option of ``encoder`` and ``attention`` for what does not decode."""


@dataclass(kw_only=True, slots=True)
class Experiment:
    """The whole configuration of a run.

    seed       the root of all that is drawn at random: initial weights, dropout, order of the data
    threads    CPU threads of torch; 0: all cores of this slot
    init_from  a run whose trained weights this one starts with: an id, a prefix, a name, last, best
    run_name   a name for people, by which the run can be found again
    plugins    modules or packages with components of one's own
    """

    cell: Cell.Config = MISSING
    embedding: Embedding.Config = MISSING
    stack: Stack.Config = MISSING
    bptt: BPTT.Config = MISSING
    data: Dataset.Config = MISSING
    task: Task.Config = MISSING
    encoder: Encoder.Config = late_group("none")
    attention: Attention.Config = late_group("none")
    optimizer: Optimizer.Config = MISSING
    trainer: Trainer.Config = MISSING
    probe: Probing.Config = aside(MISSING)
    tracking: Tracking.Config = aside(MISSING)
    sweep: Sweep.Config = aside(MISSING)
    seed: int = 0
    threads: int = aside(0)
    device: Device = aside(Device.auto)
    precision: Precision = Precision.float32
    init_from: str | None = None
    run_name: str | None = aside(None)
    plugins: list[str] = aside(default_factory=list)

    def __post_init__(self) -> None:
        require(0 <= self.seed < 2**32, "seed", self.seed, "it must be at least 0 and below 2**32")
        require(self.threads >= 0, "threads", self.threads, "it must be at least 1, or 0 for all cores")
        _check_tied_weights(self)
        _check_decoding(self)
        _check_directions(self)
        _check_omega(self)
        _check_probe_steps(self)


def _check_tied_weights(experiment: Experiment) -> None:
    """Tied weights are one matrix, used on both sides: so both sides must have the same size."""
    task = identity(experiment.task)
    embedding = identity(experiment.embedding)
    if not task.get("tie_weights"):
        return
    if "size" not in embedding:
        raise RequestError(
            f"task.tie_weights = True: embedding={experiment.embedding.name} has no weights to share;"
            " choose embedding=learned"
        )
    if experiment.stack.parameters is not None:
        return  # the hidden size is chosen, and then compared, once the data is described
    size = output_size(experiment.stack, experiment.cell.hidden_size)
    if embedding["size"] != size:
        plain = size == experiment.cell.hidden_size
        raise RequestError(
            f"task.tie_weights = True: embedding.size = {embedding['size']} must equal"
            f" {'cell.hidden_size' if plain else 'what the stack gives'} = {size}"
        )


def _check_decoding(experiment: Experiment) -> None:
    """What decodes needs an encoder; nothing else has a use for one, or for attention to what it gives."""
    task, encoder, attention = experiment.task.name, experiment.encoder.name, experiment.attention.name
    if registry.component("task", task).decodes:
        possible = ", ".join(f"encoder={name}" for name in registry.names("encoder") if name != NONE)
        if encoder == NONE:
            raise RequestError(f"encoder=none: task={task} writes about what an encoder has read; possible: {possible}")
        return
    decoding = ", ".join(name for name in registry.names("task") if registry.component("task", name).decodes)
    for group, name in (("encoder", encoder), ("attention", attention)):
        if name != NONE:
            raise RequestError(f"{group}={name}: task={task} does not decode; possible: {group}=none, task={decoding}")


def _check_directions(experiment: Experiment) -> None:
    """A stream goes on after its window, where a backward cell would have to start; and it is what is predicted."""
    task = experiment.task.name
    kinds = {name: registry.component("task", name) for name in registry.names("task")}
    both_ways = [name for name, kind in kinds.items() if kind.shape != "stream" and not kind.decodes]
    if experiment.stack.bidirectional and kinds[task].decodes:
        raise RequestError(
            f"stack.bidirectional = True: with task={task} the stack is the decoder, which cannot read what it has not"
            " written yet; possible: encoder=recurrent encoder.bidirectional=true, for what is read"
        )
    if experiment.stack.bidirectional and task not in both_ways:
        possible = ", ".join(f"task={name}" for name in both_ways)
        raise RequestError(
            f"stack.bidirectional = True: with task={task} a backward cell would see what is to be predicted, and its"
            f" state cannot be carried; possible with tasks on sequences: {possible}"
        )


def _check_omega(experiment: Experiment) -> None:
    """Omega looks at each step by itself, which no other backend than the loop shows."""
    backend = experiment.stack.backend
    if experiment.bptt.omega and backend not in (Backend.auto, Backend.loop):
        raise RequestError(
            f"stack.backend = {backend.value!r}: with bptt.omega = {experiment.bptt.omega} every step is looked at;"
            " possible: auto, loop"
        )


def _check_probe_steps(experiment: Experiment) -> None:
    """A step that a run never comes to is a mistake, where its length is known in steps."""
    at, steps = experiment.probe.at, experiment.trainer.max_steps
    if at and steps is not None:
        require(max(at) <= steps, "probe.at", at, f"each must be at most trainer.max_steps = {steps}")


def check(experiment: Experiment, spec: DataSpec) -> None:
    """What can only be told once the data is described: whether the task fits it. Raises RequestError."""
    task = registry.component("task", experiment.task.name)
    needed = registry.component("encoder", experiment.encoder.name).reads if task.decodes else task.shape
    if needed == spec.shape:
        return
    asked = f"task={experiment.task.name}" + (f" encoder={experiment.encoder.name}" if task.decodes else "")
    raise RequestError(
        f"{asked} with data={experiment.data.name}: the task needs {_describe(needed)}, this data is"
        f" {_describe(spec.shape)}; possible here: {', '.join(_fitting(spec.shape)) or 'nothing'}"
    )


def _fitting(shape: str) -> list[str]:
    """What an experiment on data of this shape can be, in the words of the command line."""
    found = []
    for name in registry.names("task"):
        task = registry.component("task", name)
        if task.decodes:
            encoders = [e for e in registry.names("encoder") if registry.component("encoder", e).reads == shape]
            found += [f"task={name} encoder={encoder}" for encoder in encoders]
        elif task.shape == shape:
            found.append(f"task={name}")
    return found


def _describe(shape: str) -> str:
    words = {
        "stream": "one long stream",
        "sequences": "sequences with a class each",
        "numbers": "sequences with a number each",
        "steps": "sequences with a class at marked steps",
        "series": "windows of a series with the numbers that follow",
        "pairs": "sequences with a sequence each",
        "captions": "pictures with a sequence each",
    }
    return words.get(shape, shape)


def trial_hash(experiment: Experiment) -> str:
    """The identity of a trial: sha256 over the fields that can change its result, the seed left out."""
    fields: dict[str, Any] = identity(experiment)
    del fields["seed"]
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
