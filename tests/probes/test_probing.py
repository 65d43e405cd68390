"""Probes in a run: when they look, what they write, that they change nothing, and what is refused."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.config import registry
from rnnlab.config.compose import compose, restore
from rnnlab.data.contents import Stream
from rnnlab.errors import RequestError
from rnnlab.experiment import Experiment, trial_hash
from rnnlab.probes.base import Error, Source, there_are
from rnnlab.probes.probing import Prober, Probing, probe_of, steps_of
from rnnlab.tracking.folder import RunFolder, list_runs
from rnnlab.tracking.log import read_log
from rnnlab.train import Result, run
from tests.conftest import CHECKOUT
from tests.probes.conftest import STREAM, MakeModel

SMALL = [
    "data=text", "bptt.window=8", "cell.hidden_size=6", "embedding.size=4", "data.batch_size=2", "data.val_rows=1",
    "tracking.store=none", "threads=1", "trainer.max_steps=20", "trainer.val_every=9", "trainer.checkpoint_every=7",
    "trainer.final=false", "stack.dropout=0.2",
]  # fmt: skip
PROBES = list(there_are())
TABLES = {
    "gradient_flow", "gradient_decay", "jacobian_singular_values", "jacobian_lyapunov", "jacobian_radius",
    "saturation", "horizon_context", "horizon_perturbation",
}  # fmt: skip


class Kept:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        self.tables: dict[str, Any] = {}
        self.figures: dict[str, float] = {}

    def table(self, name: str, columns: Any) -> None:
        self.tables[name] = columns

    def metrics(self, values: Any, step: int) -> None:
        self.figures |= values


@pytest.fixture
def start(workspace: Path) -> Callable[..., Result]:
    """``start("probe=all", ..., folder=..., reporter=...)`` on a small text."""
    path = workspace / "notes.txt"
    path.write_text("".join(f"{n} green bottles, {n * n} walls; " for n in range(60))[:900])

    def train(*overrides: str, **settings: Any) -> Result:
        return run(compose([*SMALL, f"data.path={path}", *overrides]).experiment, overrides, **settings)

    return train


def written(run_id: str) -> dict[str, bytes]:
    """Every table of a run by its path."""
    folder = RunFolder.find(run_id).path / "tables"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.csv"))}


def points(run_id: str) -> dict[tuple[str, int], float]:
    """The logged figures of probes, by name and step."""
    entries = [entry for entry in read_log(RunFolder.find(run_id)) if entry["kind"] == "metric"]
    return {
        (key, entry["step"]): value
        for entry in entries
        for key, value in entry["values"].items()
        if key.startswith("probe/")
    }


class StopAt:
    """A reporter that interrupts a run."""

    def __init__(self, step: int) -> None:
        self.step = step

    def heartbeat(self, step: int) -> str:
        return "stop" if step >= self.step else "continue"

    def report(self, share: float, figures: dict[str, float]) -> str:
        return "continue"


@given(st.integers(1, 12), st.integers(1, 100_000))
def test_steps_lie_evenly_on_a_logarithmic_axis(times: int, max_steps: int) -> None:
    steps = steps_of(Probing.Config(names=["horizon"], times=times), max_steps)
    assert steps == tuple(sorted(set(steps))) and steps[-1] == max_steps and len(steps) <= times
    if times > 1:
        assert steps[0] == 0
    if max_steps > 2**times * 100:
        assert len(steps) == times


def test_steps_by_name() -> None:
    assert steps_of(Probing.Config(names=["horizon"], times=6), 10_000) == (0, 1, 10, 100, 1000, 10_000)
    assert steps_of(Probing.Config(names=["horizon"], at=[30, 5, 90]), 50) == (5, 30)
    assert steps_of(Probing.Config(), 50) == ()


def test_a_run_is_the_same_with_probes_and_without(start: Callable[..., Result]) -> None:
    plain, probed = start(), start("probe=all", "probe.times=4")
    assert probed.weights_sha256 == plain.weights_sha256
    assert probed.metrics["val/loss"] == plain.metrics["val/loss"]
    assert not (RunFolder.find(plain.run_id).path / "tables").exists()
    steps = [f"{step:08d}" for step in (0, 1, 4, 20)]
    expected = {f"{table}/{step}.csv" for table in TABLES for step in steps}
    assert set(written(probed.run_id)) == expected | {f"input_gradient/{step}.csv" for step in ("00000000", "00000020")}
    assert {step for key, step in points(probed.run_id) if key == "probe/gradient_flow/rate_h"} == {0, 1, 4, 20}


@pytest.mark.parametrize("stop", [1, 2, 4, 9, 16])
def test_an_interrupted_run_has_the_same_tables(stop: int, start: Callable[..., Result]) -> None:
    """Whatever of it was looked at after the last checkpoint is looked at again, and written over."""
    names = ("probe.names=[gradient_flow,saturation]", "probe.at=[0,4,9,17]", "probe.rows=3", "probe.lags=20")
    whole = start(*names)
    first = start(*names, reporter=StopAt(stop))
    assert first.state == "interrupted"
    second = start(*names, folder=RunFolder.find(first.run_id))
    assert second.weights_sha256 == whole.weights_sha256
    assert written(second.run_id) == written(whole.run_id)
    assert points(second.run_id) == points(whole.run_id)


def test_a_run_killed_between_a_probe_and_a_checkpoint(start: Callable[..., Result]) -> None:
    class Killed(StopAt):
        def heartbeat(self, step: int) -> str:
            if step > self.step:
                raise RuntimeError("killed")
            return "continue"

    names = ("probe.names=[gradient_flow]", "probe.at=[0,9,12,20]", "probe.lags=20")
    whole = start(*names)
    with pytest.raises(RuntimeError, match="killed"):
        start(*names, reporter=Killed(12))
    (folder,) = (folder for folder in list_runs() if folder.id != whole.run_id)
    assert "gradient_flow/00000012.csv" in written(folder.id), "step 12 was looked at, and 7 is the last checkpoint"
    start(*names, folder=folder)
    assert written(folder.id) == written(whole.run_id)
    assert points(folder.id) == points(whole.run_id)


def test_an_early_end_is_looked_at(start: Callable[..., Result]) -> None:
    patient = ("trainer.patience=1", "trainer.val_every=2", "optimizer.lr=0.5", "trainer.max_steps=200")
    ended = start("probe.names=[gradient_flow]", "probe.at=[0,150]", *patient)
    assert ended.steps < 150
    assert f"gradient_flow/{ended.steps:08d}.csv" in written(ended.run_id)


def test_a_probe_is_no_part_of_what_a_run_is() -> None:
    plain, probed = (compose([*SMALL, *more]).experiment for more in ([], ["probe=all", "probe.rows=3"]))
    assert trial_hash(plain) == trial_hash(probed)
    assert probed.probe.names == ["all"] and plain.probe.names == []


def test_the_identity_of_a_run_without_probes_is_what_it_was() -> None:
    from rnnlab.config.schema import identity

    assert "probe" not in identity(compose([]).experiment)


def test_a_stored_configuration_without_probes_is_restored(start: Callable[..., Result]) -> None:
    folder = RunFolder.find(start().run_id)
    config = folder.config()
    del config["probe"]
    (folder.path / "config.yaml").write_text(yaml.safe_dump(config))
    restored: Experiment = restore(folder.config())
    assert restored.probe == Probing.Config(name="default")
    assert trial_hash(restored) == trial_hash(restore({**config, "probe": {"name": "default"}}))


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (["probe.names=[gradient_flw]"], r"no such probe; there are .* \(did you mean 'gradient_flow'\?\)"),
        (["probe.names=[saturation]", "cell=elman"], r"probe\.names: saturation with cell=elman: .*another cell"),
        (["probe=all", "probe.lags=900"], r"probe\.lags = 900: a row of data=text reaches \d+ steps back"),
        (["probe=all", "probe.lags=0"], r"probe\.lags = 0: it must be at least 1, or null"),
        (["probe=all", "probe.times=0"], r"probe\.times = 0: it must be at least 1"),
        (["probe=all", "probe.at=[30]"], r"probe\.at = \[30\]: each must be at most trainer\.max_steps = 20"),
    ],
)  # fmt: skip
def test_what_is_refused(overrides: list[str], line: str, start: Callable[..., Result], workspace: Path) -> None:
    with pytest.raises(RequestError, match=line) as refused:
        start(*overrides)
    assert "\n" not in str(refused.value)
    assert not (workspace / "runs").exists()


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (["probe.error=every"], r"probe\.error = 'every': with data=digits a row is asked at its last step alone"),
        (["probe.lags=8"], r"probe\.lags = 8: a row of data=digits reaches 7 steps back .*possible: 1 to 7"),
    ],
)  # fmt: skip
def test_what_is_refused_on_sequences(overrides: list[str], line: str, workspace: Path) -> None:
    digits = ["data=digits", "task=classification", "embedding=none", "cell.hidden_size=6", "probe=all"]
    with pytest.raises(RequestError, match=line):
        run(compose([*digits, *overrides, "tracking.store=none"]).experiment)
    assert not (workspace / "runs").exists()


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_native_and_loop_give_the_same(cell: str, make_model: MakeModel, stream: Stream) -> None:
    source = Source(stream, STREAM, Error.last, 4, 30)
    found = []
    for backend in ("loop", "native"):
        log = Kept()
        model = make_model(cell, backend=backend)
        probes = [probe for probe in map(probe_of, PROBES) if cell != "elman" or probe.name != "saturation"]
        Prober(probes, source).look(model, 0, log)
        found.append(log)
    loop, native = found
    assert loop.figures == pytest.approx(native.figures, rel=1e-9)
    for name, columns in loop.tables.items():
        for key, values in columns.items():
            if values and isinstance(values[0], float):
                np.testing.assert_allclose(values, native.tables[name][key], rtol=1e-8, atol=1e-12)
            else:
                assert values == native.tables[name][key]


STACKS: list[dict[str, Any]] = [{}, {"depth": 2, "zoneout": 0.1, "learned_state": True, "layer_norm": True}]


@pytest.mark.parametrize("name", registry.names("cell"))
@pytest.mark.parametrize("stack", STACKS, ids=["plain", "deep"])
def test_every_probe_answers_for_every_cell_or_says_why_not(
    name: str, stack: dict[str, Any], make_model: MakeModel, stream: Stream
) -> None:
    model, source = make_model(name, stack=stack), Source(stream, STREAM, Error.last, 3, 12)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    training, state = model.training, torch.get_rng_state()
    answered = []
    for probe in map(probe_of, PROBES):
        try:
            probe.asked(model, source)
        except RequestError as error:
            assert f"{probe.name} with cell={name}: " in str(error) and "leave it out" in str(error)
        else:
            answered.append(probe)
    log = Kept()
    Prober(answered, source).look(model, 3, log)
    assert {"gradient_flow", "jacobian", "horizon"} <= {probe.name for probe in answered}
    for table, columns in log.tables.items():
        assert table.endswith("/00000003") and len({len(column) for column in columns.values()}) == 1
    assert all(np.isfinite(value) for value in log.figures.values())
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert model.training == training and torch.equal(torch.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_weights_that_are_no_numbers_end_nothing(make_model: MakeModel, stream: Stream) -> None:
    """A run that diverges says so itself, at its next loss."""
    model = make_model("lstm")
    with torch.no_grad():
        next(model.parameters()).fill_(float("nan"))
        next(model.stack.layers()).R_GH.fill_(float("inf"))
    log = Kept()
    Prober(map(probe_of, PROBES), Source(stream, STREAM, Error.last, 3, 12)).look(model, 3, log)
    assert all(np.isfinite(value) for value in log.figures.values())


def test_tables_have_their_columns_in_order(start: Callable[..., Result]) -> None:
    folder = RunFolder.find(start("probe=all", "probe.at=[20]").run_id)
    heads = {path.parent.name: next(csv.reader(path.open())) for path in (folder.path / "tables").rglob("*.csv")}
    assert heads == {
        "gradient_flow": ["layer", "quantity", "lag", "log10_norm", "low", "high"],
        "gradient_decay": ["layer", "quantity", "rate", "rate_low", "rate_high", "half_life", "half_life_low",
                           "half_life_high", "lags"],
        "input_gradient": ["t", "unit", "feature", "gradient"],
        "jacobian_singular_values": ["layer", "lag", "index", "log10_value"],
        "jacobian_lyapunov": ["layer", "index", "exponent", "low", "high"],
        "jacobian_radius": ["layer", "weight", "block", "radius"],
        "saturation": ["layer", "gate", "below", "above", "mean"],
        "horizon_context": ["context", "loss", "low", "high", "source"],
        "horizon_perturbation": ["lag", "loss_change", "low", "high", "divergence"],
    }  # fmt: skip
    environment = json.loads((folder.path / "environment.json").read_text())
    assert environment["overrides"]


def test_without_a_name_no_probe_is_imported() -> None:
    code = (
        "import sys, rnnlab.train; from rnnlab.config.compose import compose; compose([]);"
        " print(*(name for name in sys.modules if name.startswith('rnnlab.probes.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert not {f"rnnlab.probes.{name}" for name in PROBES} & set(done.stdout.split())
    assert "rnnlab.probes.probing" in done.stdout
