"""What a run writes down about itself before it trains, and what it may take over from another run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

import torch
import yaml

from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.tasks.base import Task
from rnnlab.tracking import environment
from rnnlab.tracking.folder import BEST_CHECKPOINT, CONFIG, ENVIRONMENT, RunFolder, write_atomically
from rnnlab.tracking.log import RunLog
from rnnlab.training import checkpoints

CODE_DIFF = "code.diff"
TAGGED = ("cell", "data", "task", "optimizer")


@dataclass(frozen=True, slots=True)
class Labels:
    """How tracking shows a run.

    name    what people read, unless the run has a ``run_name`` (default: cell and data)
    params  what it was chosen by (default: the overrides)
    parent  the id of the sweep that it belongs to
    """

    name: str | None = None
    params: Mapping[str, Any] | None = None
    parent: str | None = None


def begin(
    folder: RunFolder,
    log: RunLog,
    experiment: Any,
    spec: DataSpec,
    machine: Mapping[str, Any],
    overrides: Sequence[str],
    trial: str,
    labels: Labels,
    chosen: Mapping[str, Any],
) -> None:
    """Write config.yaml and environment.json, and the start (or the resumption) into the log.

    machine: device, threads and backend that the run is computed with
    trial: the hash of all that can change the result but the seed, by which runs of one trial are found
    chosen: settings that the model chose for itself; shown with those that were given
    """
    first = not (folder.path / ENVIRONMENT).exists()
    config = plain(experiment)
    write_atomically(folder.path / CONFIG, yaml.safe_dump(config, sort_keys=False, allow_unicode=True).encode())
    if first:
        described = environment.describe(experiment.plugins)
        data = {"data": spec.fingerprint, "spec": spec.plain(), "overrides": list(overrides)}
        folder.write_json(ENVIRONMENT, {**described, **machine, **data})
    recorded = folder.read_json(ENVIRONMENT)
    tags = {f"rnnlab.{group}": config[group]["name"] for group in TAGGED}
    known = (name for name in ("device", "threads", "backend", "code", "commit") if name in recorded)
    tags |= {f"rnnlab.{name}": recorded[name] for name in known}
    tags |= {
        "rnnlab.data_fingerprint": recorded["data"],
        "rnnlab.trial": trial,
        "rnnlab.seed": experiment.seed,
        "rnnlab.state": "running",
        "rnnlab.torch": recorded["versions"]["torch"],
    }
    name = experiment.run_name or labels.name or f"{experiment.cell.name} {experiment.data.name}"
    shown = dict(split(overrides) if labels.params is None else labels.params) | {**chosen, "seed": experiment.seed}
    log.start(name, experiment.tracking.experiment, shown, tags, labels.parent)
    diff = environment.dirty_diff() if first else None
    if diff:
        write_atomically(folder.path / CODE_DIFF, diff.encode())
    for name in (CONFIG, ENVIRONMENT, CODE_DIFF):
        if (folder.path / name).exists():
            log.file(name)


def record_budget(folder: RunFolder, position: int, max_steps: int) -> None:
    """Note in environment.json from which step on the run had which length: the schedule depends on it."""
    recorded = folder.read_json(ENVIRONMENT)
    budgets = recorded.setdefault("budgets", [])
    if not budgets or budgets[-1][1] != max_steps:
        budgets.append([position, max_steps])
        folder.write_json(ENVIRONMENT, recorded)


def split(overrides: Sequence[str]) -> dict[str, str]:
    """``["cell=lstm", "+a.b=1"]`` as ``{"cell": "lstm", "a.b": "1"}``."""
    pairs = (word.lstrip("+~").partition("=") for word in overrides)
    return {key: value for key, _, value in pairs}


def plain(config: Any) -> dict[str, Any]:
    """A dataclass as nested dictionaries of plain values, ready for YAML."""
    return {key: _plain_value(value) for key, value in asdict(config).items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {key: _plain_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_value(inner) for inner in value]
    return value


def device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def warm_start(model: Task, spec: DataSpec, reference: str) -> None:
    """Start from the best weights of another run; RequestError where they do not fit."""
    folder = RunFolder.find(reference)
    if recorded_spec(folder).symbols != spec.symbols:
        raise RequestError(f"init_from = {reference!r}: run {folder.id} knows other symbols than this data has")
    weights = best_weights(folder)
    own = model.state_dict()
    differing = [name for name in own if name not in weights or weights[name].shape != own[name].shape]
    if differing or len(weights) != len(own):
        named = ", ".join(differing[:3]) or "more weights than this model"
        raise RequestError(f"init_from = {reference!r}: run {folder.id} has other weights ({named})")
    model.load_state_dict(weights)


def recorded_spec(folder: RunFolder) -> DataSpec:
    """What the run's data was like; so a trained model needs its data no more."""
    return DataSpec.restore(folder.read_json(ENVIRONMENT)["spec"])


def best_weights(folder: RunFolder) -> dict[str, torch.Tensor]:
    """The weights of the best validation; the last ones of a run that has not come to a validation."""
    best = folder.path / BEST_CHECKPOINT
    if not best.exists() and not folder.checkpoint.exists() and folder.result() is not None:
        raise RequestError(
            f"run {folder.id} has no checkpoint any more: a sweep keeps those of its best trials (sweep.keep);"
            f" `rnnlab reproduce {folder.id}` trains it again"
        )
    weights: dict[str, torch.Tensor] = checkpoints.load(best if best.exists() else folder.checkpoint)["model"]
    return weights
