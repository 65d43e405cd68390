"""A cell of one's own in one file, right as it stands, and the same with one mistake in it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rnnlab.config import registry, store

LEAKY = '''
"""A gated leaky unit with an output of its own."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.models.backends import run_loop
from rnnlab.models.cells.base import Cell, Edit, State, Weights, uniform_parameter


class Leaky(Cell):
    """Jaeger 2007, made up.

        z_t = sigmoid(W_z x_t + R_z h_(t-1) + b_z)        gate
        g_t = tanh(W_g x_t + R_g h_(t-1) + b_g)           candidate
        c_t = (1 - z_t) * c_(t-1) + z_t * g_t
        h_t = tanh(c_t)
    """

    gates = ("z", "g")
    state_names = ("h", "c")
    names = ("a_z", "z", "a_g", "g", "c", "h")
    step_weights = ("R_GH",)
    bounded = True
    has_scan = True

    def __init__(self, config: Cell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_GD = self.input_weights(2 * H)
        self.R_GH = uniform_parameter(2 * H, H, hidden_size=H)
        self.b_G = nn.Parameter(torch.zeros(2 * H))

    @classmethod
    def parameter_count(cls, config: Cell.Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return 2 * H * (D + H + 1)

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_GD, self.b_G)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH, c_BH = state
        a_z, a_g = (p_BG + h_BH @ w.R_GH.T).chunk(2, dim=-1)
        z_BH = edit("z", torch.sigmoid(edit("a_z", a_z)))
        g_BH = edit("g", torch.tanh(edit("a_g", a_g)))
        c_BH = edit("c", (1 - z_BH) * c_BH + z_BH * g_BH)
        h_BH = edit("h", torch.tanh(c_BH))
        return h_BH, (h_BH, c_BH)

    def scan(self, x_BTD: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        y_BTH, last = run_loop(self, x_BTD, state, w)
        return y_BTH, last
'''
WriteCell = Callable[..., str]


@pytest.fixture
def write_cell(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WriteCell]:
    """``write_cell({"right": "wrong", ...})`` writes the cell with these changes and returns its plug-in's name.

    The cell is ``cell=leaky`` of the plug-in ``leaky``, which is forgotten after the test.
    """
    monkeypatch.setattr(registry, "_added", {})
    monkeypatch.setattr(registry, "_loaded", set())
    monkeypatch.setattr(store, "_stored", set())
    monkeypatch.setattr(sys, "path", [*sys.path])

    def write(changes: dict[str, str] | None = None) -> str:
        source = LEAKY
        for right, wrong in (changes or {}).items():
            assert right in source, right
            source = source.replace(right, wrong)
        (workspace / "leaky.py").write_text(source)
        return "leaky"

    yield write
    sys.modules.pop("leaky", None)
