"""The table of a run's figures: losses in their units, beside the baselines."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from rnnlab.cli.running import figures, next_commands
from rnnlab.train import Result


def test_a_squared_error_is_not_in_nats() -> None:
    metrics = {"val/rmse": 0.2, "best/val_loss": 0.04, "final/loss": 0.04, "final/loss_low": 0.031234,
               "final/loss_high": 0.05, "baseline/memoryless": 0.1667}  # fmt: skip
    best, final, baseline = figures(metrics)
    assert best == {"": "validation, best", "mean squared error": 0.04, "95 % interval": ""}
    assert final[""] == "validation" and final["95 % interval"] == "0.0312 to 0.05"
    assert baseline == {"": "memoryless", "mean squared error": 0.1667}


def test_one_stream_is_said_of_streams_alone() -> None:
    text = figures({"final/loss": 1.5, "final/bits_per_char": 1.5 / math.log(2), "baseline/1-gram": 3.0})
    assert text[0][""] == "validation, one stream" and text[0]["bits"] == pytest.approx(1.5 / math.log(2))
    assert text[1] == {"": "1-gram", "nats": 3.0, "bits": pytest.approx(3.0 / math.log(2))}
    steps = figures({"test/loss": 0.5, "test/accuracy": 0.9, "test/solved": 0.25})
    assert (steps[0][""], steps[0]["accuracy"], steps[0]["solved"]) == ("test", 0.9, 0.25)


ENDED = Result("ab12", "complete", {}, "0" * 64, 9, 1.0, 30, "last.ckpt")


@pytest.mark.parametrize(
    ("shape", "verb"),
    [("stream", "sample ab12"), ("pairs", "translate ab12 --split test"), ("captions", "caption ab12 --split test")],
)
def test_what_has_learnt_to_write_is_told_by_which_verb_it_does(shape: str, verb: str) -> None:
    write, longer, _ = next_commands(ENDED, shape)
    assert write.startswith(f"rnnlab {verb} ") and longer.startswith("rnnlab resume ab12 trainer.max_steps=60 ")


@pytest.mark.parametrize("shape", ["sequences", "numbers", "steps", "series"])
def test_what_does_not_write_can_be_measured(shape: str) -> None:
    assert [line.split()[1] for line in next_commands(ENDED, shape)] == ["evaluate", "resume", "ui"]
    assert [line.split()[:3] for line in next_commands(replace(ENDED, state="interrupted"), shape)] == [
        ["rnnlab", "resume", "ab12"]
    ]
    assert next_commands(replace(ENDED, state="diverged"), shape) == []
