"""The parts of a run, put together from an Experiment: data, model, learner, and how they are measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from rnnlab.config import registry
from rnnlab.data.base import Dataset
from rnnlab.data.baselines import baselines
from rnnlab.data.spec import DataSpec
from rnnlab.experiment import Experiment, check
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task
from rnnlab.tracking.folder import RunFolder
from rnnlab.training.bptt import Windows, evaluation_windows, training_windows
from rnnlab.training.device import choose_device
from rnnlab.training.evaluation import added, evaluate
from rnnlab.training.final import STREAM_WINDOW, measure
from rnnlab.training.learner import Learner
from rnnlab.training.record import best_weights, device_name, recorded_spec, warm_start
from rnnlab.training.seeds import INITIALISATION, reseed


@dataclass(slots=True)
class Show:
    """Who is told how far a run is (nobody, by default).

    saying(line); loading(label, bytes, of): a download; training(step, of, loss); measuring(window, of)
    """

    saying: Callable[[str], None] = field(default=lambda line: None)
    loading: Callable[[str, int, int], None] = field(default=lambda label, done, of: None)
    training: Callable[[int, int, float], None] = field(default=lambda step, of, loss: None)
    measuring: Callable[[int, int], None] = field(default=lambda done, of: None)


@dataclass(slots=True)
class Parts:
    """The parts of a run once everything that can be refused has been accepted."""

    experiment: Experiment
    dataset: Dataset
    spec: DataSpec
    learner: Learner
    validation: Windows

    @property
    def model(self) -> Task:
        return self.learner.model

    @property
    def chosen(self) -> dict[str, int]:
        """The settings that the model chose for itself, which stand in no override."""
        if self.experiment.stack.parameters is None:
            return {}
        return {"cell.hidden_size": next(self.model.stack.layers()).hidden_size}

    @property
    def machine(self) -> dict[str, Any]:
        """What the run is computed with. Other machines may give other last bits."""
        return {
            "device": device_name(self.learner.device),
            "threads": torch.get_num_threads(),
            "backend": self.model.stack.backend.value,
        }

    def validate(self) -> dict[str, float]:
        """The figures on the validation part, in parallel rows: fast, and the same every time."""
        carried, device = self.experiment.bptt.state, self.learner.device
        return self.model.metrics(added(evaluate(self.model, self.validation, carried, device)))


def assemble(experiment: Experiment, show: Show) -> Parts:
    """Data, model and learner. Every refusal of a request comes from here, before a folder is made."""
    device = choose_device(experiment.device)
    dataset: Dataset = registry.build("data", experiment.data)
    dataset.say, dataset.progress = show.saying, show.loading
    spec = dataset.prepare()
    check(experiment, spec)
    model = initial_model(experiment, spec)
    if experiment.stack.parameters is not None:
        count = sum(p.numel() for p in model.stack.parameters())
        sized = f"hidden_size {next(model.stack.layers()).hidden_size}, {count:,} parameters"
        show.saying(f"stack.parameters = {experiment.stack.parameters}: {sized}")
    if experiment.init_from is not None:
        warm_start(model, spec, experiment.init_from)
    windows = training_windows(experiment.bptt, dataset.split("train"), experiment.data.batch_size, experiment.seed)
    learner = Learner(
        model,
        registry.build("optimizer", experiment.optimizer),
        windows,
        experiment.bptt.state,
        experiment.seed,
        device,
        experiment.precision.autocast,
        experiment.bptt.omega,
    )
    prepare_stacks(model, show.saying)
    val, rows, window = dataset.split("val"), experiment.data.val_rows, experiment.bptt.window
    return Parts(experiment, dataset, spec, learner, evaluation_windows(experiment.bptt, val, rows, window))


def prepare_stacks(model: Task, say: Callable[[str], None]) -> None:
    """Have the backend of every stack in a model ready; what holds for several of them is said once."""
    said: set[str] = set()

    def say_once(line: str) -> None:
        if line not in said:
            said.add(line)
            say(line)

    for part in model.modules():
        if isinstance(part, Stack):
            part.prepare(say_once)


def model_for(experiment: Experiment, spec: DataSpec) -> Task:
    """The model of an experiment, its weights drawn from torch's default generator (seed it first)."""
    parts = (experiment.cell, experiment.embedding, experiment.stack, experiment.task)
    return build_model(*parts, spec, experiment.encoder, experiment.attention)


def initial_model(experiment: Experiment, spec: DataSpec, further: int = 0) -> Task:
    """The model as it is before the first window; with ``further`` the one of so many seeds behind its own."""
    reseed(experiment.seed + further, INITIALISATION)
    return model_for(experiment, spec)


def final_figures(parts: Parts, folder: RunFolder, show: Show) -> dict[str, float]:
    """The best weights on one stream of the validation part, and, this once, of the test part; baselines beside."""
    return stream_figures(parts, folder, show) | {
        f"baseline/{name}": loss for name, loss in baselines(parts.dataset).items()
    }


def stream_figures(parts: Parts, folder: RunFolder, show: Show) -> dict[str, float]:
    """The same without the baselines."""
    bptt, device = parts.experiment.bptt, parts.learner.device
    parts.model.load_state_dict(best_weights(folder))
    parts.model.to(device)  # Lightning leaves it on the CPU
    figures: dict[str, float] = {}
    for split, key in (("val", "final"), ("test", "test")):
        if parts.spec.sizes.get(split, 0) > 1:
            rows = 1 if parts.spec.shape == "stream" else parts.experiment.data.val_rows
            windows = evaluation_windows(bptt, parts.dataset.split(split), rows, STREAM_WINDOW)
            figures |= measure(parts.model, windows, bptt.state, device, show.measuring).keyed(key)
    return figures


def load_model(folder: RunFolder, experiment: Experiment) -> tuple[Task, DataSpec]:
    """The trained model of a run, with its best weights, in evaluation mode on the CPU."""
    spec = recorded_spec(folder)
    model = model_for(experiment, spec)
    model.load_state_dict(best_weights(folder))
    return model.eval(), spec
