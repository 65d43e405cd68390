"""The trials that every contender runs, the commands that run them, and the figures made of what they leave."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
import torch

from rnnlab.bench.contenders import record
from rnnlab.bench.contenders.grid import (
    CASES,
    LEAST_STEPS,
    ROWS,
    SLOTS,
    TRIALS,
    WINDOW,
    lengths,
    rows,
    text,
    trials,
    windows,
)
from rnnlab.bench.contenders.record import Trained
from rnnlab.bench.process import Measured
from rnnlab.bench.sweep import NEEDS, figures, rnnlab_command, summary, trained_by_rnnlab
from rnnlab.cli import bench
from rnnlab.errors import WorkError
from rnnlab.tracking.folder import RunFolder


@pytest.mark.parametrize("case", CASES)
def test_there_are_32_different_trials(case: str) -> None:
    assert len(set(trials(case, 300))) == len(trials(case, 300)) == TRIALS == 32


def test_lengths_are_the_same_each_time_and_very_different() -> None:
    assert lengths(300) == lengths(300)
    assert 200 < fmean(lengths(300)) < 450 and max(lengths(300)) > 10 * min(lengths(300))
    assert len(lengths(LEAST_STEPS)) == TRIALS


def test_rows_hold_the_text_in_order() -> None:
    stream, symbols = rows()
    characters = text()
    assert stream.shape == (ROWS, len(characters) // ROWS) and symbols == len(set(characters))
    alphabet = sorted(set(characters))
    assert "".join(alphabet[i] for i in stream.flatten()[:5000]) == characters[:5000]


def test_targets_are_one_symbol_later() -> None:
    stream, _ = rows()
    (inputs, targets), (following, _) = list(windows(stream, 2))
    assert inputs.shape == targets.shape == (ROWS, WINDOW)
    assert torch.equal(inputs[:, 1:], targets[:, :-1]) and torch.equal(targets[:, -1], following[:, 0])


def test_the_text_begins_again_where_it_ends() -> None:
    stream = torch.arange(2 * (3 * WINDOW + 1)).view(2, -1)
    found = list(windows(stream, 4))
    assert all(inputs.shape == targets.shape == (2, WINDOW) for inputs, targets in found)
    assert torch.equal(found[3][0], found[0][0]) and torch.equal(found[3][1], found[0][1])


@pytest.mark.parametrize("case", CASES)
def test_rnnlab_runs_the_same_trials(case: str) -> None:
    from rnnlab.sweep.space import parse

    command = rnnlab_command(case, 300)
    space = parse(command[command.index("train") + 2 :], lambda group: [])
    assert len(list(space.grid())) * max(1, len(space.seeds)) == TRIALS


def test_every_contender_is_a_script_and_says_what_it_needs() -> None:
    from importlib.util import find_spec

    assert set(bench.AGAINST) == set(NEEDS) and bench.CASES == CASES and bench.LEAST_STEPS == LEAST_STEPS
    assert all(find_spec(f"rnnlab.bench.contenders.{name}") for name in bench.AGAINST)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--against", "hydra"), "hydra_basic"),
        (("--trial-steps", "3"), "--trial-steps"),
        (("--repeat", "0"), "--repeat"),
        (("--case", "narrow"), "--case"),
    ],
)
def test_a_wrong_request_is_one_line(wrong: tuple[str, str], said: str, cli: Callable[..., Any]) -> None:
    answer = cli("bench", "sweep", *wrong)
    assert answer.exit_code == 2 and said in answer.stderr and answer.stderr.count("\n") == 1


def test_figures_by_hand() -> None:
    """Two slots, from 10 to 20: one works from 10 to 14 and from 15 to 20, the other from 10 to 13."""
    lines = [Trained("a", 10, 14, 3.5), Trained("b", 10, 13, 3), Trained("c", 15, 20, 5)]
    row = figures(Measured(started=7, wall_s=14, peak_bytes=3 * 2**20), lines)
    assert row["wall_s"] == 14 and row["start_up_s"] == 3 and row["peak_mib"] == 3
    assert row["idle_share"] == pytest.approx(1 - 12 / (SLOTS * 10))
    assert row["outside_s"] == pytest.approx((0.5 + 1) / 3)
    assert row["lost"] == TRIALS - 3 and row["repeated"] == 0


def test_a_trial_that_was_trained_twice_is_counted() -> None:
    lines = [Trained(str(n % TRIALS), n, n + 1, 1) for n in range(TRIALS + 2)]
    row = figures(Measured(0, 40, 0), lines)
    assert row["lost"] == 0 and row["repeated"] == 2


def test_nothing_trained_is_an_error() -> None:
    with pytest.raises(WorkError):
        figures(Measured(0, 1, 0), [])


def test_a_summary_has_medians_and_the_worst_of_what_should_be_0() -> None:
    found = summary([{"wall_s": wall, "lost": lost} for wall, lost in ((3.0, 0), (9.0, 1), (4.0, 0))])
    assert found == {"wall_s": 4.0, "lost": 1}


def test_what_a_contender_leaves_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(record.FILE, str(tmp_path / "trials.jsonl"))
    record.leave("a", 10.0, 12.5)
    (line,) = record.read(tmp_path / "trials.jsonl")
    assert (line.trial, line.began, line.seconds) == ("a", 10.0, 2.5) and line.ended > 12.5


def test_a_run_of_rnnlab_tells_when_it_trained(tmp_path: Path) -> None:
    """8 s of training for 64 steps: the first 32 steps, logged at 14 s, began 4 s before."""
    folder = RunFolder.create("abc", root=tmp_path)
    RunFolder.create("def", root=tmp_path)  # not done
    entries = [
        {"kind": "start", "time": 9_500, "name": "seed=0"},
        {"kind": "metric", "time": 14_000, "step": 32, "values": {"train/loss": 3.0}},
        {"kind": "metric", "time": 18_000, "step": 64, "values": {"train/loss": 2.0}},
        {"kind": "finish", "time": 19_000, "status": "FINISHED"},
    ]
    (folder.path / "points.jsonl").write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    folder.write_json("result.json", {"seconds": 8.0, "steps": 64})
    assert trained_by_rnnlab(tmp_path) == [Trained("seed=0", 10.0, 19.0, 8.0)]
