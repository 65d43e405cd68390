"""Zoneout: its two ends, its mean in evaluation, and its statistics."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.models.backends import Backend, run_loop
from rnnlab.models.stack import Stack
from rnnlab.models.zoneout import Zoneout

MakeStack = Callable[..., Stack]
every_cell = pytest.mark.parametrize("name", registry.names("cell"))


@pytest.fixture
def x_BTD() -> Tensor:
    return torch.randn(3, 6, 3, dtype=torch.float64)


def random_state(stack: Stack, rows: int = 3) -> tuple[Tensor, ...]:
    return tuple(0.3 * torch.rand_like(part) + 0.5 for part in stack.initial_state(rows)[0])


@every_cell
@pytest.mark.parametrize("training", [True, False])
def test_without_any_a_cell_is_itself(name: str, training: bool, make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack(name, backend="loop").train(training)
    (cell,) = stack.layers()
    state = random_state(stack)
    wanted = run_loop(cell, x_BTD, state, cell.weights())
    torch.testing.assert_close(run_loop(Zoneout(cell, 0.0), x_BTD, state, cell.weights()), wanted, rtol=0, atol=1e-14)


@every_cell
@pytest.mark.parametrize("training", [True, False])
def test_with_all_of_it_the_state_stays(name: str, training: bool, make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack(name).train(training)
    (cell,) = stack.layers()
    state = random_state(stack)
    y_BTH, after = run_loop(Zoneout(cell, 1.0), x_BTD, state, cell.weights())
    assert all(torch.equal(now, before) for now, before in zip(after, state, strict=True))
    if "h" in cell.state_names:
        assert torch.equal(y_BTH, state[cell.state_names.index("h")][:, None].expand_as(y_BTH))


def test_evaluation_takes_the_mean(make_stack: MakeStack, x_BTD: Tensor) -> None:
    """h = p h_(t-1) + (1 - p) u, by a loop over the cell's own steps; the mean of many draws is near a step of it."""
    stack = make_stack("lstm", stack={"zoneout": 0.3}).eval()
    bare = make_stack("lstm", backend="loop")
    state = random_state(stack)
    wanted, current = [], state
    for t in range(6):
        _, (made,) = bare(x_BTD[:, t : t + 1], (current,))
        current = tuple(0.3 * old + 0.7 * new for old, new in zip(current, made, strict=True))
        wanted.append(current[0])
    y_BTH, (after,) = stack(x_BTD, (state,))
    torch.testing.assert_close(y_BTH, torch.stack(wanted, dim=1), rtol=0, atol=1e-14)
    torch.testing.assert_close(after, current, rtol=0, atol=1e-14)


def test_a_unit_is_old_or_new_with_its_probability(make_stack: MakeStack) -> None:
    rows = 4000
    stack = make_stack("lstm", stack={"zoneout": 0.3}).train()
    x_BTD = torch.randn(1, 1, 3, dtype=torch.float64).expand(rows, 1, 3)
    state = tuple(torch.full((rows, 5), 0.2, dtype=torch.float64) for _ in range(2))
    _, (after,) = stack(x_BTD, (state,))
    _, (new,) = make_stack("lstm", backend="loop")(x_BTD, (state,))
    kept = [part == 0.2 for part in after]
    for part, made, old in zip(after, new, kept, strict=True):
        torch.testing.assert_close(part[~old], made[~old], rtol=0, atol=1e-14)
        assert old.double().mean().item() == pytest.approx(0.3, abs=4 * (0.21 / old.numel()) ** 0.5)
    both = (kept[0] & kept[1]).double().mean().item()
    assert both == pytest.approx(0.09, abs=0.015), "parts of the state have masks of their own"


def test_masks_are_new_at_each_step_and_follow_the_seed(make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack("gru", hidden_size=16, stack={"zoneout": 0.5}).train()

    def seeded(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return stack(x_BTD)[0]

    y_BTH = seeded(1)
    assert torch.equal(y_BTH, seeded(1)) and not torch.equal(y_BTH, seeded(2))
    stayed = y_BTH[:, 1:] == y_BTH[:, :-1]
    assert not torch.equal(stayed[:, 0], stayed[:, 1])


def test_it_needs_the_loop(make_stack: MakeStack) -> None:
    assert make_stack("lstm", stack={"zoneout": 0.1}).backend not in (Backend.native, Backend.scan)
    with pytest.raises(RequestError, match=r"stack.backend = 'native': stack.zoneout = 0.1 acts inside .* loop"):
        make_stack("lstm", backend="native", stack={"zoneout": 0.1})


def test_the_weights_are_the_stack_s_once(make_stack: MakeStack) -> None:
    assert list(make_stack("lstm", stack={"zoneout": 0.1}).state_dict()) == list(make_stack("lstm").state_dict())
