"""What the tests of cells share: a cell held against the equations of its paper, written out in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.models.stack import Stack

Step = Callable[[dict[str, Any], np.ndarray, list[np.ndarray]], list[np.ndarray]]
"""(letters, x_BD, state) -> the next state, whose first part is the output."""


@pytest.fixture
def check_step(make_stack: Callable[..., Stack]) -> Callable[..., None]:
    """``check_step("mgu", step, ...settings)``: nine steps from a random state, equal to 1e-10 at each of them."""

    def check(name: str, step: Step, **settings: Any) -> None:
        stack = make_stack(name, backend="loop", **settings)
        cell = next(stack.layers())
        letters = {
            letter: meant.detach().double().numpy() if isinstance(meant, torch.Tensor) else meant
            for letter, meant in cell.symbols().items()
        }
        drawn = np.random.default_rng(0)
        x_BTD = drawn.normal(size=(2, 9, cell.input_size))
        state = [drawn.uniform(-0.5, 0.5, size=(2, cell.hidden_size)) for _ in cell.state_names]
        output, (after,) = stack(torch.from_numpy(x_BTD), (tuple(map(torch.from_numpy, state)),))
        for t in range(x_BTD.shape[1]):
            state = step(letters, x_BTD[:, t], state)
            np.testing.assert_allclose(output[:, t].detach().numpy(), state[0], rtol=0, atol=1e-10)
        for ours, theirs in zip(after, state, strict=True):
            np.testing.assert_allclose(ours.detach().numpy(), theirs, rtol=0, atol=1e-10)

    return check
