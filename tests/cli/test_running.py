"""The table of a run's figures: losses in their units, beside the baselines."""

from __future__ import annotations

import math

import pytest

from rnnlab.cli.running import figures


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
