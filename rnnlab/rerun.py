"""Runs that are there already: go on with one, repeat one and compare, load one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rnnlab.config.compose import restore
from rnnlab.config.schema import identity
from rnnlab.data.base import Dataset
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.experiment import Experiment
from rnnlab.models.tasks.base import Task
from rnnlab.parts import Show, load_model
from rnnlab.tracking.folder import ENVIRONMENT, RunFolder
from rnnlab.tracking.log import read_log
from rnnlab.train import Result, delivery, run
from rnnlab.training.checkpoints import load as load_checkpoint

PRUNED = "pruned"
"""The state of a run that a sweep ended before its budget."""
BUDGET = ("max_steps", "max_epochs", "max_minutes")
OWN_TIME = ("seconds",)
"""Metrics that differ between two equal runs."""
EXPLAINS = ("code", "commit", "data", "device", "threads", "python", "machine", "versions")
"""Entries of environment.json that could explain a mismatch."""


def resume(reference: str, overrides: Sequence[str] = (), show: Show | None = None) -> Result:
    """Go on with a run where it stopped, or was pruned, to the bit; ``trainer.max_steps=N`` extends it.

    A run that is done is returned as it is, after sending what its tracking store has not got yet.
    """
    folder = RunFolder.find(reference)
    experiment, extend_to = continued(folder, list(overrides))
    result = folder.result()
    if result is not None and result["state"] != PRUNED and extend_to is None:
        with folder.lock(), delivery(experiment, folder, deliver=True) as undelivered:
            pass
        return Result(**{**result, "message": " ".join([result["message"], *undelivered]).strip()})
    if extend_to is not None:
        check_extension(folder, result, extend_to)
    recorded = folder.read_json(ENVIRONMENT)["overrides"]
    return run(experiment, [*recorded, *overrides], folder=folder, show=show, extend_to=extend_to)


def continued(folder: RunFolder, overrides: list[str]) -> tuple[Experiment, int | None]:
    """The run's experiment with what may change on resuming, and its new length, if one is given."""
    before = restore(folder.config(), plugins_only(overrides))
    extends = any(word.startswith("trainer.max_") for word in overrides)
    if any(word.startswith(("trainer.max_epochs=", "trainer.max_minutes=")) for word in overrides):
        raise RequestError("resume: a run is extended in steps: trainer.max_steps=N")
    cleared = ["trainer.max_epochs=null", "trainer.max_minutes=null"] if extends else []
    after = restore(folder.config(), [*cleared, *overrides])
    for group, name in changed(identity(before), identity(after)):
        if group != "trainer" or name not in BUDGET:
            raise RequestError(
                f"resume {folder.id}: {group}{'.' + name if name else ''} belongs to the run and cannot change;"
                " possible: trainer.max_steps and what is no part of a result (threads, tracking, ...)"
            )
    return after, after.trainer.max_steps if extends else None


def check_extension(folder: RunFolder, result: dict[str, Any] | None, extend_to: int) -> None:
    """RequestError where a run cannot get a new length from where it stands."""
    done = load_checkpoint(folder.checkpoint)["position"]
    logged = max((step for _, step in points(folder)), default=0)
    if extend_to <= done:
        raise RequestError(f"trainer.max_steps = {extend_to}: run {folder.id} has {done} steps already; give more")
    if result is not None and result["state"] == PRUNED:
        raise RequestError(
            f"trainer.max_steps = {extend_to}: run {folder.id} was pruned; `rnnlab resume {folder.id}` first"
            " brings it to its end, then extend it"
        )
    if result is None and logged > done:
        raise RequestError(
            f"trainer.max_steps = {extend_to}: run {folder.id} was killed between two checkpoints;"
            f" `rnnlab resume {folder.id}` first, then extend it"
        )
    if result is not None and (result["state"] != "complete" or result["message"]):
        raise RequestError(
            f"trainer.max_steps = {extend_to}: run {folder.id} ended as {result['state']}: {result['message']};"
            f" start a new run with init_from={folder.id}"
        )


def plugins_only(overrides: list[str]) -> list[str]:
    return [word for word in overrides if word.lstrip("+").startswith("plugins=")]


def changed(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(group, name) of every setting that differs; name is "" for one that stands outside the groups."""
    for group, value in before.items():
        if isinstance(value, dict):
            yield from ((group, name) for name in value if value[name] != after[group][name])
        elif value != after[group]:
            yield group, ""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """differences: metric or "weights" -> (recorded, repeated). reasons: what differs in code, data or machine."""

    original: str
    result: Result
    differences: dict[str, tuple[Any, Any]]
    reasons: dict[str, tuple[Any, Any]]

    @property
    def same(self) -> bool:
        return not self.differences


def reproduce(reference: str, plugins: Sequence[str] = (), show: Show | None = None) -> Reproduction:
    """Run a finished run again from its records, and compare weights and every logged figure bit for bit."""
    original = RunFolder.find(reference)
    expected = original.result()
    if expected is None:
        raise RequestError(f"run {original.id} is not finished: there is nothing to compare with; `rnnlab resume` it")
    recorded = original.read_json(ENVIRONMENT)
    folder = RunFolder.create()
    result = None
    stops = [position for position, _ in recorded["budgets"][1:]]
    for (_, max_steps), stop in zip(recorded["budgets"], [*stops, None], strict=True):
        fixed = [f"threads={recorded['threads']}", "trainer.max_epochs=null", "trainer.max_minutes=null"]
        named = [f"trainer.max_steps={max_steps}", f"run_name='{original.id} again'"]
        experiment = restore(original.config(), [*plugins, *fixed, *named])
        reporter = None if stop is None or stop >= max_steps else StopAt(stop)
        result = run(
            experiment,
            recorded["overrides"],
            folder=folder,
            reporter=reporter,
            show=show,
            extend_to=max_steps,
        )
    assert result is not None, "a run that ended has a budget"
    again = folder.read_json(ENVIRONMENT)
    reasons = {
        name: (recorded.get(name), again.get(name)) for name in EXPLAINS if recorded.get(name) != again.get(name)
    }
    return Reproduction(original.id, result, differences(original, expected, folder, result), reasons)


@dataclass(slots=True)
class StopAt:
    """A Reporter that stops the run at one step: where the repeated run was stopped, and then extended."""

    step: int

    def heartbeat(self, step: int) -> str:
        return "stop" if step >= self.step else "continue"

    def report(self, share: float, figures: dict[str, float]) -> str:
        return "continue"


def differences(
    original: RunFolder, expected: dict[str, Any], folder: RunFolder, result: Result
) -> dict[str, tuple[Any, Any]]:
    """What is not equal to the bit: the weights, and each logged figure at its first differing step."""
    found: dict[str, tuple[Any, Any]] = {}
    if expected["weights_sha256"] != result.weights_sha256:
        found["weights"] = (expected["weights_sha256"], result.weights_sha256)
    if expected["state"] != result.state:
        found["state"] = (expected["state"], result.state)
    before, after = points(original), points(folder)
    for key, step in sorted(before.keys() | after.keys(), key=lambda point: (point[1], point[0])):
        pair = before.get((key, step)), after.get((key, step))
        if pair[0] != pair[1] and not any(name.startswith(f"{key} ") for name in found):
            found[f"{key} at step {step}"] = pair
    return found


def points(folder: RunFolder) -> dict[tuple[str, int], float]:
    """Every logged figure of a run by (key, step), its own time left out."""
    return {
        (key, entry["step"]): value
        for entry in read_log(folder)
        if entry["kind"] == "metric"
        for key, value in entry["values"].items()
        if key not in OWN_TIME
    }


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A trained run: ``model`` holds its best weights, in evaluation mode on the CPU."""

    run_id: str
    model: Task
    spec: DataSpec
    experiment: Experiment


def load(reference: str, plugins: Sequence[str] = ()) -> LoadedModel:
    """The trained model of a run. ``plugins``: packages of one's own that the run was made with."""
    folder = RunFolder.find(reference)
    experiment = restore(folder.config(), [f"plugins=[{','.join(plugins)}]"] if plugins else [])
    model, spec = load_model(folder, experiment)
    return LoadedModel(folder.id, model, spec, experiment)


def refuse_other_data(loaded: LoadedModel, dataset: Dataset, option: str) -> None:
    """Prepare the data. RequestError, naming the option that asks for it, where a run was trained on something else."""
    if dataset.prepare().fingerprint != loaded.spec.fingerprint:
        raise RequestError(f"{option}: data={dataset.config.name} is not what run {loaded.run_id} was trained on")
