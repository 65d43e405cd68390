"""Whole runs: the same twice, the same when interrupted anywhere, and ended by whoever may end them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnlab.config.compose import compose, restore
from rnnlab.errors import RequestError
from rnnlab.experiment import Experiment
from rnnlab.parts import Show, load_model
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import read_log
from rnnlab.train import Result, run
from rnnlab.training import checkpoints
from rnnlab.training.checkpoints import weights_sha256

SMALL = ["cell.hidden_size=8", "data.batch_size=2", "data.val_rows=2", "tracking.store=none", "threads=1"]
TEXT = ["data=text", "bptt.window=8", "stack.dropout=0.2", "optimizer.warmup_steps=5", *SMALL]
SHORT = ["trainer.max_epochs=3", "trainer.val_every=9", "trainer.checkpoint_every=14"]
DIGITS = [
    "data=digits", "task=classification", "embedding=none", "trainer.max_steps=12", "trainer.val_every=5", *SMALL,
    "data.batch_size=64", "data.val_rows=100",
]  # fmt: skip


@dataclass
class StopAfter:
    """A reporter that asks for an answer other than "continue" from one step on."""

    step: int
    answer: str = "stop"

    def heartbeat(self, step: int) -> str:
        return self.answer if step >= self.step else "continue"

    def report(self, share: float, figures: dict[str, float]) -> str:
        return "continue"


@dataclass
class Goes:
    """A reporter that lets a run go on, and notes every chunk's end."""

    ends: list[int]

    def heartbeat(self, step: int) -> str:
        self.ends.append(step)
        return "continue"

    def report(self, share: float, figures: dict[str, float]) -> str:
        return "continue"


Runs = Callable[..., Result]


@pytest.fixture
def text(workspace: Path) -> Path:
    """A text of 500 characters: two rows of 28 windows to a pass."""
    path = workspace / "notes.txt"
    path.write_text("".join(f"{n} green bottles, {n * n} walls; " for n in range(40))[:500])
    return path


@pytest.fixture
def train(text: Path) -> Runs:
    """``train("cell=gru", ..., folder=..., reporter=...)`` on the small text."""

    @cache
    def composed(*overrides: str) -> Experiment:
        return compose([*TEXT, *SHORT, f"data.path={text}", *overrides]).experiment

    def start(*overrides: str, **settings: Any) -> Result:
        return run(composed(*overrides), overrides, **settings)

    return start


def points(run_id: str) -> list[tuple[str, int, float]]:
    """What a run has logged, in order; times of day and durations left out."""
    return [
        (key, entry["step"], value)
        for entry in read_log(RunFolder.find(run_id))
        if entry["kind"] == "metric"
        for key, value in entry["values"].items()
        if key != "seconds"
    ]


def lasting(result: Result) -> dict[str, float]:
    return {key: value for key, value in result.metrics.items() if key != "seconds"}


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_a_run_is_the_same_twice(cell: str, train: Runs) -> None:
    first = train(f"cell={cell}")
    torch.manual_seed(77)
    other = train(f"cell={cell}", "seed=1")
    second = train(f"cell={cell}")
    assert first.state == second.state == "complete"
    assert first.weights_sha256 == second.weights_sha256 != other.weights_sha256
    assert lasting(first) == lasting(second)
    assert points(first.run_id) == points(second.run_id)


def test_digits(workspace: Path) -> None:
    first, second = (run(compose(DIGITS).experiment, DIGITS) for _ in range(2))
    assert first.weights_sha256 == second.weights_sha256
    assert lasting(first) == lasting(second)
    assert {"val/accuracy", "test/accuracy", "final/loss_low"} <= set(first.metrics)
    assert first.steps == 12


def test_what_a_result_says(train: Runs) -> None:
    result = train()
    folder = RunFolder.find(result.run_id)
    assert folder.result() == asdict(result)
    last = checkpoints.load(Path(result.checkpoint))
    assert weights_sha256(last["model"]) == result.weights_sha256
    assert last["position"] == last["max_steps"] == result.steps == 84
    assert result.parameters == sum(p.numel() for p in load_model(folder, restored(folder))[0].parameters())
    logged = points(result.run_id)
    validations = [(step, value) for key, step, value in logged if key == "val/loss"]
    assert [step for step, _ in validations] == [9, 18, 27, 36, 45, 54, 63, 72, 81, 84]
    best = min(value for _, value in validations)
    assert result.metrics["best/val_loss"] == best
    assert result.metrics["best/step"] == dict((value, step) for step, value in validations)[best]
    assert result.metrics["val/loss"] == validations[-1][1]
    assert result.metrics["val/bits_per_char"] == pytest.approx(result.metrics["val/loss"] / 0.6931471805599453)
    assert ("test/loss", 84, result.metrics["test/loss"]) in logged
    assert 0 < result.seconds < 60
    losses = [value for key, _, value in logged if key == "train/loss"]
    assert losses[-1] < losses[0]


def restored(folder: RunFolder) -> Experiment:
    return restore(folder.config())


def test_the_loaded_model_is_the_best_one(train: Runs) -> None:
    result = train()
    folder = RunFolder.find(result.run_id)
    model, spec = load_model(folder, restored(folder))
    best = checkpoints.load(folder.path / "best.ckpt")
    assert weights_sha256(model.state_dict()) == weights_sha256(best["model"])
    assert best["position"] == result.metrics["best/step"]
    assert not model.training and spec.shape == "stream"


EVERYTHING = (
    "stack.depth=2", "stack=dense", "stack.backend=loop", "stack.variational=true", "stack.zoneout=0.1",
    "stack.drop_connect=0.2", "stack.layer_norm=true", "stack.learned_state=true", "stack.parameters=3000",
    "bptt.reset_at_documents=true",
)  # fmt: skip


def test_a_hidden_size_that_is_chosen_is_said_recorded_and_built_again(train: Runs) -> None:
    said: list[str] = []
    result = train(*EVERYTHING, show=Show(saying=said.append))
    folder = RunFolder.find(result.run_id)
    model, _ = load_model(folder, restore(folder.config()))
    hidden_size = next(model.stack.layers()).hidden_size
    count = sum(parameter.numel() for parameter in model.stack.parameters())
    assert f"stack.parameters = 3000: hidden_size {hidden_size}, {count:,} parameters" in said
    (start,) = (entry for entry in read_log(folder) if entry["kind"] == "start")
    assert start["params"]["cell.hidden_size"] == str(hidden_size)
    assert abs(count - 3000) < 300


def test_masks_that_last_survive_an_interruption(train: Runs) -> None:
    whole = train(*EVERYTHING)
    stopped = train(*EVERYTHING, reporter=StopAfter(20))
    assert stopped.state == "interrupted"
    resumed = train(*EVERYTHING, folder=RunFolder.find(stopped.run_id))
    assert resumed.weights_sha256 == whole.weights_sha256
    assert lasting(resumed) == lasting(whole)


def test_interrupted_after_any_chunk_it_ends_as_if_undisturbed(train: Runs) -> None:
    """Three passes with validations inside; checkpoints and validations at different steps."""
    going = Goes([])
    undisturbed = train(reporter=going)
    wanted = points(undisturbed.run_id)
    assert len(going.ends) > 10
    for step in going.ends[:-1]:
        first = train(reporter=StopAfter(step))
        folder = RunFolder.find(first.run_id)
        assert (first.state, first.steps) == ("interrupted", step)
        assert folder.result() is None
        second = train(folder=folder)
        assert (second.state, second.run_id) == ("complete", first.run_id)
        assert second.weights_sha256 == undisturbed.weights_sha256, step
        assert lasting(second) == lasting(undisturbed)
        assert sorted(points(first.run_id)) == sorted(wanted)


def test_digits_interrupted_and_resumed(workspace: Path) -> None:
    experiment = compose(DIGITS).experiment
    undisturbed = run(experiment)
    for step in (4, 5, 11):
        folder = RunFolder.find(run(experiment, reporter=StopAfter(step)).run_id)
        assert run(experiment, folder=folder).weights_sha256 == undisturbed.weights_sha256
        assert sorted(points(folder.id)) == sorted(points(undisturbed.run_id))


def test_interrupted_at_its_very_end(train: Runs) -> None:
    undisturbed = train()
    first = train(reporter=StopAfter(84))
    assert (first.state, first.steps) == ("interrupted", 84)
    second = train(folder=RunFolder.find(first.run_id))
    assert second.state == "complete" and second.weights_sha256 == undisturbed.weights_sha256
    assert lasting(second) == lasting(undisturbed)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_interrupts(number: int, train: Runs) -> None:
    """Sent in mid-training: the chunk is finished, a checkpoint written, and the run can go on."""
    undisturbed = train()
    before = signal.getsignal(number)

    def send(step: int, of: int, loss: float) -> None:
        if step == 42:
            os.kill(os.getpid(), number)

    first = train(show=Show(training=send))
    assert signal.getsignal(number) is before
    assert (first.state, first.steps) == ("interrupted", 42)
    assert train(folder=RunFolder.find(first.run_id)).weights_sha256 == undisturbed.weights_sha256


def test_pruned(train: Runs) -> None:
    result = train(reporter=StopAfter(20, "prune"))
    folder = RunFolder.find(result.run_id)
    assert result.state == "pruned" and folder.result()["state"] == "pruned"
    assert "test/loss" not in result.metrics, "the test part is for runs that came to their end"
    kinds = {entry["kind"]: entry for entry in read_log(folder)}
    assert kinds["finish"]["status"] == "FINISHED" and kinds["tag"]["tags"] == {"rnnlab.state": "pruned"}
    assert train(folder=folder).weights_sha256 == train().weights_sha256, "it can be continued"


def test_diverged(train: Runs) -> None:
    result = train(
        "cell=elman", "cell.nonlinearity=relu", "optimizer=sgd", "optimizer.lr=1e9", "optimizer.clip_norm=null"
    )
    assert result.state == "diverged"
    assert "loss became" in result.message and "try a lower optimizer.lr" in result.message
    assert RunFolder.find(result.run_id).result()["state"] == "diverged"
    assert all(value == value and abs(value) != float("inf") for value in result.metrics.values())


def test_diverged_with_its_very_last_update(train: Runs) -> None:
    """No training loss tells of it any more: the validation does."""
    broken = ["optimizer=sgd", "optimizer.lr=1e38", "optimizer.warmup_steps=0", "optimizer.clip_norm=null"]
    result = train(*broken, "trainer.max_steps=1", "cell=elman", "cell.nonlinearity=relu")
    assert result.state == "diverged"
    assert "validation loss became" in result.message


def test_early_stopping(train: Runs) -> None:
    """At a rate at which nothing is learnt, the first validation remains the best."""
    still = ["optimizer=sgd", "optimizer.lr=1e-30", "trainer.patience=3"]
    result = train(*still)
    assert (result.state, result.steps) == ("complete", 36)
    assert result.metrics["best/step"] == 9
    assert "no better validation in 3, stopped at step 36" in result.message
    assert "test/loss" in result.metrics
    first = train(*still, reporter=StopAfter(36))
    second = train(*still, folder=RunFolder.find(first.run_id))
    assert (second.state, second.steps, second.message) == ("complete", 36, result.message)


def test_extending_a_finished_run(train: Runs) -> None:
    """The schedule takes its new length; without one, the longer run is the same as a long one."""
    constant = "optimizer.schedule=constant"
    short, long = train(constant), train(constant, "trainer.max_epochs=null", "trainer.max_steps=120")
    extended = train(constant, folder=RunFolder.find(short.run_id), extend_to=120)
    assert extended.steps == long.steps == 120
    assert extended.weights_sha256 == long.weights_sha256


def test_warm_start_takes_the_best_weights(train: Runs) -> None:
    first = train("run_name=teacher")
    best = checkpoints.load(RunFolder.find(first.run_id).path / "best.ckpt")["model"]
    second = train("init_from=teacher", "optimizer=sgd", "optimizer.lr=1e-30", "trainer.max_epochs=1")
    found = checkpoints.load(Path(second.checkpoint))["model"]
    torch.testing.assert_close(found, best, rtol=0, atol=1e-25)


def test_warm_start_that_does_not_fit(train: Runs, workspace: Path) -> None:
    first = train()
    before = sorted(os.listdir(workspace / "runs"))
    with pytest.raises(RequestError, match=r"init_from = .* has other weights"):
        train(f"init_from={first.run_id}", "cell.hidden_size=9")
    assert sorted(os.listdir(workspace / "runs")) == before


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (["bptt.window=1000"], "bptt.window = 1000: the text has 450 symbols"),
        (["data.batch_size=200"], "data.batch_size = 200: the text has 450 symbols"),
        (["task=classification"], "task=classification with data=text"),
        (["embedding=none"], "embedding = 'none'"),
        (["init_from=nothing"], "run 'nothing'"),
        (["device=cuda"], "device = 'cuda': torch sees no GPU"),
    ],
)
def test_a_refused_request_leaves_nothing_behind(overrides: list[str], line: str, train: Runs, workspace: Path) -> None:
    if "device=cuda" in overrides and torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(RequestError) as refused:
        train(*overrides)
    assert line in str(refused.value) and "\n" not in str(refused.value)
    assert not (workspace / "runs").exists()


def test_a_run_that_breaks_is_said_to_have_failed(train: Runs) -> None:
    def broken(step: int, of: int, loss: float) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(show=Show(training=broken))
    folder = RunFolder.find("last")
    assert [entry["status"] for entry in read_log(folder) if entry["kind"] == "finish"] == ["FAILED"]
    assert folder.result() is None
    assert train(folder=folder).weights_sha256 == train().weights_sha256, "it can be resumed all the same"


def test_a_run_that_is_being_written_is_left_alone(train: Runs) -> None:
    folder = RunFolder.find(train(reporter=StopAfter(9)).run_id)
    with folder.lock(), pytest.raises(RequestError, match=f"run {folder.id} is being written by process"):
        train(folder=folder)


def test_threads_are_set_and_put_back(train: Runs) -> None:
    seen: list[int] = []
    before = torch.get_num_threads()
    train(
        "threads=2",
        "trainer.max_steps=2",
        show=Show(training=lambda step, of, loss: seen.append(torch.get_num_threads())),
    )
    assert set(seen) == {2} and torch.get_num_threads() == before
