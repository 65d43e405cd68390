"""Every optimizer, found by name: its first steps in closed form, its schedule, its clipping."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.training.optimizers.base import Optimizer, Schedule

OPTIMIZERS = registry.names("optimizer")
every_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)
CURVATURE = np.array([0.5, 1.0, 3.0])
START = np.array([1.0, -2.0, 0.5])


def build(name: str, **settings: Any) -> Optimizer:
    recipe: Optimizer = registry.build("optimizer", registry.component("optimizer", name).Config(name=name, **settings))
    return recipe


def descend(recipe: Optimizer, steps: int) -> np.ndarray:
    """The way of w over the bowl sum(curvature * w^2) / 2, whose gradient is curvature * w."""
    w = nn.Parameter(torch.from_numpy(START.copy()))
    optimizer, curvature = recipe.make([w]), torch.from_numpy(CURVATURE)
    way = []
    for _ in range(steps):
        optimizer.zero_grad()
        (curvature * w * w).sum().div(2).backward()
        optimizer.step()
        way.append(w.detach().numpy().copy())
    return np.stack(way)


@every_optimizer
def test_lowers_a_bowl(name: str) -> None:
    way = descend(build(name, lr=0.02), 300)
    assert (CURVATURE * way[-1] ** 2).sum() < 0.05 * (CURVATURE * START**2).sum()


@every_optimizer
def test_rate_is_that_of_the_configuration(name: str) -> None:
    optimizer = build(name, lr=0.123).make([nn.Parameter(torch.zeros(1))])
    assert [group["lr"] for group in optimizer.param_groups] == [0.123]


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd(momentum: float) -> None:
    w, velocity, wanted = START.copy(), np.zeros(3), []
    for _ in range(4):
        velocity = momentum * velocity + CURVATURE * w
        w = w - 0.1 * velocity
        wanted.append(w)
    np.testing.assert_allclose(descend(build("sgd", lr=0.1, momentum=momentum), 4), wanted, rtol=1e-12)


def test_sgd_over_many_updates_is_a_longer_memory_with_shorter_steps() -> None:
    """Momentum 0.9 is an average over ten; under a constant gradient the steps grow to lr, and not to ten times it."""
    recipe = build("sgd", lr=0.1, momentum_steps=10, schedule=Schedule.constant, warmup_steps=0)
    assert recipe.learning_rate(5, 100) == pytest.approx(0.01)
    (group,) = recipe.make([nn.Parameter(torch.zeros(1))]).param_groups
    assert group["momentum"] == pytest.approx(0.9)
    sizes = 0.01 * np.cumsum(group["momentum"] ** np.arange(200))
    assert sizes[-1] == pytest.approx(0.1)
    assert build("sgd", momentum_steps=1).make([nn.Parameter(torch.zeros(1))]).param_groups[0]["momentum"] == 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"momentum_steps": 0.5}, "optimizer.momentum_steps = 0.5"),
        ({"momentum_steps": math.inf}, "optimizer.momentum_steps = inf"),
        ({"momentum_steps": 3, "momentum": 0.5}, "optimizer.momentum = 0.5: it must be 0"),
    ],
)
def test_sgd_has_one_momentum(settings: dict[str, float], said: str) -> None:
    with pytest.raises(RequestError) as error:
        build("sgd", **settings)
    assert said in str(error.value)


@pytest.mark.parametrize(("name", "decay"), [("adam", 0.0), ("adamw", 0.1)])
def test_adam_with_and_without_decay(name: str, decay: float) -> None:
    """Kingma & Ba's algorithm 1; decay is taken from the weight itself, not from the gradient."""
    settings = {"weight_decay": decay} if decay else {}
    w, m, v, wanted = START.copy(), np.zeros(3), np.zeros(3), []
    for t in range(1, 5):
        g = CURVATURE * w
        m, v = 0.9 * m + 0.1 * g, 0.95 * v + 0.05 * g * g
        w = w - 0.1 * decay * w
        w = w - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.95**t)) + 1e-8)
        wanted.append(w)
    found = descend(build(name, lr=0.1, beta1=0.9, beta2=0.95, **settings), 4)
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_rmsprop() -> None:
    w, v, wanted = START.copy(), np.zeros(3), []
    for _ in range(4):
        g = CURVATURE * w
        v = 0.9 * v + 0.1 * g * g
        w = w - 0.1 * g / (np.sqrt(v) + 1e-8)
        wanted.append(w)
    np.testing.assert_allclose(descend(build("rmsprop", lr=0.1, decay=0.9), 4), wanted, rtol=1e-9)


@every_optimizer
def test_cosine_schedule_in_closed_form(name: str) -> None:
    recipe = build(name, lr=0.4, warmup_steps=10, final_lr_fraction=0.1)
    rates = [recipe.learning_rate(step, 110) for step in range(110)]
    assert rates[:11] == pytest.approx([0.04 * (step + 1) for step in range(10)] + [0.4])
    assert rates[60] == pytest.approx(0.4 * (0.1 + 0.9 / 2))
    assert rates[35] == pytest.approx(0.4 * (0.1 + 0.9 * (1 + math.cos(math.pi / 4)) / 2))
    assert all(later < earlier for earlier, later in zip(rates[10:], rates[11:], strict=False))
    assert rates[-1] > 0.04 == pytest.approx(recipe.learning_rate(110, 110))
    assert recipe.learning_rate(500, 110) == pytest.approx(0.04)


def test_constant_schedule() -> None:
    recipe = build("sgd", lr=0.4, warmup_steps=4, schedule=Schedule.constant)
    assert [recipe.learning_rate(step, 10) for step in range(10)] == pytest.approx([0.1, 0.2, 0.3] + [0.4] * 7)


@pytest.mark.parametrize("schedule", Schedule)
@pytest.mark.parametrize(("warmup", "steps"), [(0, 1), (0, 5), (5, 5), (50, 5), (1, 1)])
def test_short_runs_have_a_rate_at_every_step(schedule: Schedule, warmup: int, steps: int) -> None:
    recipe = build("sgd", lr=0.4, warmup_steps=warmup, schedule=schedule)
    rates = [recipe.learning_rate(step, steps) for step in range(steps)]
    assert all(0 < rate <= 0.4 for rate in rates)
    assert warmup or rates[0] == 0.4


def clipped(gradients: list[list[float]], **settings: float | None) -> list[list[float]]:
    parameters = [nn.Parameter(torch.zeros(len(gradient))) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = torch.tensor(gradient)
    build("sgd", **settings).clip(parameters)
    return [parameter.grad.tolist() for parameter in parameters]


def test_clipping_by_norm_is_over_all_weights_together() -> None:
    assert clipped([[3.0], [0.0, 4.0]], clip_norm=1.0) == [pytest.approx([0.6]), pytest.approx([0.0, 0.8])]
    assert clipped([[0.3], [0.0, 0.4]], clip_norm=1.0) == [pytest.approx([0.3]), pytest.approx([0.0, 0.4])]


def test_clipping_by_value_comes_first() -> None:
    assert clipped([[3.0], [-0.2, -4.0]], clip_norm=None, clip_value=0.5) == [
        pytest.approx([0.5]),
        pytest.approx([-0.2, -0.5]),
    ]
    assert clipped([[3.0], [-4.0]], clip_norm=1.0, clip_value=1.0) == [
        pytest.approx([0.5**0.5]),
        pytest.approx([-(0.5**0.5)]),
    ]


def test_no_clipping() -> None:
    assert clipped([[300.0]], clip_norm=None) == [[300.0]]


COMMON = [("lr", 0.0), ("lr", -1.0), ("lr", float("nan")), ("warmup_steps", -1), ("final_lr_fraction", 1.1)]


@every_optimizer
@pytest.mark.parametrize(("key", "value"), [*COMMON, ("clip_norm", 0.0), ("clip_value", -1.0)])
def test_settings_out_of_range(name: str, key: str, value: float) -> None:
    with pytest.raises(RequestError, match=rf"^optimizer\.{key} = "):
        build(name, **{key: value})


OWN = [("sgd", "momentum", 1.0), ("adam", "beta1", 1.0), ("adamw", "beta2", -0.1), ("rmsprop", "decay", 1.0)]


@pytest.mark.parametrize(("name", "key", "value"), [*OWN, ("adamw", "weight_decay", -0.1)])
def test_own_settings_out_of_range(name: str, key: str, value: float) -> None:
    with pytest.raises(RequestError, match=rf"^optimizer\.{key} = "):
        build(name, **{key: value})
