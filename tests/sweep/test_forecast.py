"""A forecast adds up, says it in one line, and knows what is too much."""

from __future__ import annotations

from pathlib import Path

import pytest

import rnnlab
from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.data.spec import DataSpec
from rnnlab.sweep.forecast import EFFICIENCY, RUN_SECONDS, Forecast, forecast, matrix_speed, size
from rnnlab.sweep.sizes import parameters_of

TEXT = DataSpec("stream", tuple("abcdefg"), 0, 0, {"train": 64_001, "val": 0, "test": 0}, 0, "character", "0")
WORDS = ["cell.hidden_size=64", "threads=1", "device=cpu", "data.batch_size=10", "bptt.window=64"]
"""Exactly 100 windows in an epoch."""
SPEED = 1e10


def about(*words: str, runs: int = 1, slots: int = 1, cores: int = 8, spec: DataSpec = TEXT) -> Forecast:
    experiment = compose([*WORDS, *words]).experiment
    return forecast([experiment], [spec], runs, slots, cores, SPEED)


def seconds(*words: str, runs: int = 1, slots: int = 1, cores: int = 8, spec: DataSpec = TEXT) -> float:
    """Without what each run costs beside its training."""
    per_slot = -(-runs // min(runs, slots))
    return 60 * about(*words, runs=runs, slots=slots, cores=cores, spec=spec).minutes - per_slot * RUN_SECONDS


def test_minutes_given_are_taken_at_their_word(workspace: Path) -> None:
    assert seconds("trainer.max_minutes=5", runs=12, slots=3) == pytest.approx(4 * 5 * 60)
    assert seconds("trainer.max_minutes=5", runs=2, slots=3) == pytest.approx(5 * 60)
    assert seconds(runs=1) == pytest.approx(3 * 60), "the default budget"


def test_steps_are_operations_over_speed(workspace: Path) -> None:
    parameters = parameters_of(compose(WORDS).experiment, TEXT)
    operations = 6 * parameters * 10 * 64 / (EFFICIENCY * SPEED)
    took = seconds("trainer.max_steps=100") / 100
    assert operations < took < operations + 0.002
    assert seconds("trainer.max_steps=300") == pytest.approx(300 * took)
    assert seconds("trainer.max_epochs=3") == pytest.approx(300 * took)
    assert seconds("trainer.max_epochs=3", "trainer.max_steps=50") == pytest.approx(50 * took)
    assert seconds("trainer.max_minutes=600", "trainer.max_steps=50") == pytest.approx(50 * took)


def test_validations_cost_a_pass_over_their_part(workspace: Path) -> None:
    validated = DataSpec("stream", TEXT.symbols, 0, 0, TEXT.sizes | {"val": 50_000}, 0, "character", "0")
    words = ("trainer.max_steps=100", "trainer.val_every=30")
    parameters = parameters_of(compose(WORDS).experiment, TEXT)
    passes = 4 * 2 * parameters * 50_000 / (EFFICIENCY * SPEED)
    assert seconds(*words, spec=validated) - seconds(*words) == pytest.approx(passes)


def test_sequences_have_windows_of_their_length(workspace: Path) -> None:
    spec = DataSpec("sequences", (), 3, 4, {"train": 1_000, "val": 0, "test": 0}, 64, "", "0")
    words = ("task=classification", "embedding=none")
    assert seconds(*words, "trainer.max_epochs=2", spec=spec) == pytest.approx(
        seconds(*words, "trainer.max_steps=200", "bptt.window=7", spec=spec)
    )


def test_slots_that_share_cores_slow_each_other_down(workspace: Path) -> None:
    alone = seconds("trainer.max_steps=100", runs=8, slots=2, cores=2)
    crowded = seconds("trainer.max_steps=100", runs=8, slots=4, cores=2)
    roomy = seconds("trainer.max_steps=100", runs=8, slots=4, cores=4)
    assert roomy == pytest.approx(alone / 2)
    assert roomy < crowded <= alone


def test_trials_of_different_sizes_are_averaged(workspace: Path) -> None:
    few, many = (compose([*WORDS, f"trainer.max_steps={steps}"]).experiment for steps in (100, 300))
    both = forecast([few, many], [TEXT, TEXT], 10, 1, 1, SPEED)
    apart = [forecast([one], [TEXT], 5, 1, 1, SPEED) for one in (few, many)]
    assert both.minutes == pytest.approx(sum(each.minutes for each in apart))
    assert both.disk_bytes == pytest.approx(sum(each.disk_bytes for each in apart), abs=2)


def test_the_disk_is_that_of_a_real_run(workspace: Path) -> None:
    words = ["data=hello", "trainer=smoke", "bptt.window=4", "data.batch_size=1", "cell.hidden_size=128"]
    words += ["tracking=none", "trainer.final=false", "threads=1"]
    experiment = compose(words).experiment
    said = forecast([experiment], [registry.build("data", experiment.data).prepare()], 1, 1, 1, SPEED)
    folder = Path(rnnlab.train(words).checkpoint).parent
    real = sum(file.stat().st_size for file in folder.iterdir() if file.name != "code.diff")
    assert 0.8 < said.disk_bytes / real < 1.25
    assert said.free_bytes > 0


def test_the_line_has_everything() -> None:
    assert Forecast(24, 2, 12.2, 180_000_000, 10**12).line == "24 runs, about 12 min on 2 slots, 180 MB of disk"
    assert Forecast(1, 1, 0.5, 20_000, 10**12).line == "1 run, about 30 s on 1 slot, 20 kB of disk"
    full = Forecast(24, 2, 12.2, 2_540_000_000, 100_000_000)
    assert full.line.endswith("2.54 GB of disk, of which only 100 MB are free")


@pytest.mark.parametrize(
    ("minutes", "disk", "free", "large"),
    [(59, 10, 10**12, False), (61, 10, 10**12, True), (1, 6 * 10**9, 10**12, True), (1, 2000, 1000, True)],
)
def test_much_time_much_disk_or_more_than_there_is_is_large(minutes: float, disk: int, free: int, large: bool) -> None:
    assert Forecast(2, 1, minutes, disk, free).is_large is large


@pytest.mark.parametrize(("count", "said"), [(900, "1 kB"), (20_000, "20 kB"), (5_440_000, "5.44 MB"), (3e9, "3 GB")])
def test_sizes_are_said_in_three_figures(count: int, said: str) -> None:
    assert size(count) == said


def test_the_speed_of_this_machine_is_measured() -> None:
    assert 1e7 < matrix_speed(0.01) < 1e14
