"""Evaluation and the final figures: the same whatever the windows, and an interval over blocks."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import fmean, stdev

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from rnnlab.data.contents import Stream
from rnnlab.data.windows import StreamWindows
from rnnlab.training.bptt import CarriedState
from rnnlab.training.evaluation import added, evaluate
from rnnlab.training.final import BLOCKS, Measured, blocks, measure
from rnnlab.training.learner import Learner

MakeLearner = Callable[..., Learner]
CPU = torch.device("cpu")
TEXT = Stream(np.random.default_rng(1).integers(0, 9, 401).astype(np.uint8), np.array([0]))


def windows(window: int) -> StreamWindows:
    return StreamWindows(TEXT, 1, window, keep_rest=True)


@pytest.mark.parametrize("window", [1, 7, 64, 400])
def test_a_carried_evaluation_does_not_depend_on_the_window(window: int, make_learner: MakeLearner) -> None:
    model = make_learner(depth=2).model
    sums = added(evaluate(model, windows(window), CarriedState.carried, CPU))
    ids = torch.from_numpy(TEXT.ids.astype(np.int64))
    with torch.no_grad():
        logits, _ = model(ids[None, :-1])
        wanted = torch.nn.functional.cross_entropy(logits[0].double(), ids[1:], reduction="sum")
    assert sums["count"] == 400
    assert sums["nats"] == pytest.approx(float(wanted), rel=1e-6)


def test_a_fresh_evaluation_starts_each_window_anew(make_learner: MakeLearner) -> None:
    model = make_learner().model
    carried, fresh = (evaluate(model, windows(50), state, CPU) for state in CarriedState)
    assert carried[0] == fresh[0] and carried[1] != fresh[1]


@pytest.mark.parametrize("training", [True, False])
def test_an_evaluation_leaves_no_trace(training: bool, make_learner: MakeLearner) -> None:
    model = make_learner(dropout=0.5).model.train(training)
    torch.manual_seed(3)
    wanted = torch.rand(4)
    torch.manual_seed(3)
    first = evaluate(model, windows(50), CarriedState.carried, CPU)
    assert torch.equal(torch.rand(4), wanted), "no number was drawn"
    assert model.training is training
    assert evaluate(model, windows(50), CarriedState.carried, CPU) == first, "nothing was dropped"


def test_progress_is_told_of_every_window(make_learner: MakeLearner) -> None:
    seen: list[tuple[int, int]] = []
    measure(make_learner().model, windows(100), CarriedState.carried, CPU, lambda done, of: seen.append((done, of)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


@given(st.integers(1, 200))
def test_blocks_are_consecutive_and_nearly_equal(count: int) -> None:
    sums = [{"nats": float(i), "count": 1.0} for i in range(count)]
    made = blocks(sums)
    assert [window for block in made for window in block] == sums
    assert len(made) == min(BLOCKS, count)
    sizes = [len(block) for block in made]
    assert max(sizes) - min(sizes) <= 1


def test_interval_is_student_s_over_block_means(make_learner: MakeLearner) -> None:
    model = make_learner().model
    measured = measure(model, windows(10), CarriedState.carried, CPU)
    sums = evaluate(model, windows(10), CarriedState.carried, CPU)
    means = [fmean(s["nats"] / 10 for s in sums[i : i + 2]) for i in range(0, 40, 2)]
    half = t.ppf(0.975, 19) * stdev(means) / math.sqrt(20)
    loss = fmean(s["nats"] for s in sums) / 10
    assert measured.metrics["loss"] == pytest.approx(loss)
    assert (measured.low, measured.high) == pytest.approx((loss - half, loss + half))


@pytest.mark.parametrize("window", [3, 10, 64, 399])
def test_interval_holds_its_figure(window: int, make_learner: MakeLearner) -> None:
    """Also where the last window is a short rest, whose mean is worth little."""
    measured = measure(make_learner().model, windows(window), CarriedState.carried, CPU)
    assert measured.low < measured.metrics["loss"] < measured.high


def test_one_window_gives_no_interval(make_learner: MakeLearner) -> None:
    measured = measure(make_learner().model, windows(400), CarriedState.carried, CPU)
    assert math.isnan(measured.low) and math.isnan(measured.high)


def test_keys() -> None:
    keyed = Measured({"loss": 1.0, "bits_per_char": 1.4}, 0.9, 1.1).keyed("test")
    assert keyed == {"test/loss": 1.0, "test/bits_per_char": 1.4, "test/loss_low": 0.9, "test/loss_high": 1.1}
