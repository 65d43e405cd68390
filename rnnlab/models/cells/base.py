"""What a recurrent cell is: one step of its paper's equations, and what can be done for all steps at once.

Shapes: B batch, T time, D input features, H hidden units, G gates (all pre-activations side by side).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig, require


class InputStart(str, Enum):
    """How the weights on a cell's input start.

    fan_in: variance 1/D (LeCun 1998), so that an input of unit variance gives a sum of unit variance.
    torch: U(-1/sqrt(H), 1/sqrt(H)) as in torch.nn, much smaller where the hidden state is larger than the input.
    normal: N(0, 0.1^2) whatever the sizes (Greff 2017).
    """

    fan_in = "fan_in"
    torch = "torch"
    normal = "normal"


State = tuple[Tensor, ...]
"""The state of one layer: h first, then what else the cell carries, each (B, H)."""

Weights = SimpleNamespace
"""What the steps of one window read beside their input and state, by name: ``w.R_GH``."""

Edit = Callable[[str, Tensor], Tensor]
"""Receives each named intermediate of a step, and returns what the step goes on with."""


def unedited(name: str, value: Tensor) -> Tensor:
    """The identity edit: the step as the paper has it."""
    return value


class Cell(nn.Module, ABC):
    """A recurrent unit.

    A subclass writes its equations into its docstring, one per line, and the same in ``step``. It names
    its state and its intermediates, makes its parameters in ``__init__`` and counts them in
    ``parameter_count``. A parameter's name ends in its shape: ``R_GH`` holds one block of H rows for
    each of ``gates``, which the equations call R_i, R_f, and so on.

    Where torch has a fused kernel for exactly these equations it also overrides ``native``, and where
    they are linear in the state, ``scan``; the stack then prefers these to its loop.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """hidden_size: units H of each layer. input_start: how the weights on the input start."""

        hidden_size: int = 512
        input_start: InputStart = InputStart.fan_in

        def __post_init__(self) -> None:
            require(self.hidden_size >= 1, "cell.hidden_size", self.hidden_size, "it must be at least 1")

    gates: ClassVar[tuple[str, ...]] = ()
    """The letters of the blocks that a parameter with a G in its name holds, in their order."""
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    bridged: ClassVar[tuple[str, ...] | None] = None
    """The parts of the state that a decoder may start with, any numbers in (-1, 1); None for all of them."""
    names: ClassVar[tuple[str, ...]]
    """Every name that a step passes through ``edit``, in the order of the equations; h is the output."""
    step_weights: ClassVar[tuple[str, ...]] = ()
    """The parameters that ``step`` reads, matrices (H, ...) and vectors."""
    bounded: ClassVar[bool] = False
    """Whether the state stays finite however long the sequence, as its paper promises."""

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__()
        self.config = config
        self.input_size = input_size
        self.hidden_size = config.hidden_size

    @classmethod
    @abstractmethod
    def parameter_count(cls, config: Any, input_size: int) -> int:
        """How many numbers a cell of this configuration learns, from its sizes alone."""

    def input_weights(self, rows: int) -> nn.Parameter:
        """The weights on the input, (rows, D), started as the configuration says."""
        if self.config.input_start is InputStart.torch:
            return uniform_parameter(rows, self.input_size, hidden_size=self.hidden_size)
        if self.config.input_start is InputStart.normal:
            return normal_parameter(rows, self.input_size)
        return nn.Parameter(fan_in_uniform(torch.empty(rows, self.input_size)))

    def initial_state(self, rows: int) -> State:
        """The state before the first step: zeros, (B, H) for each name of ``state_names``."""
        like = next(self.parameters())
        return tuple(like.new_zeros(rows, self.hidden_size) for _ in self.state_names)

    def made_of(self) -> tuple[type[Cell], ...]:
        """The classes whose equations a step computes: with its settings they tell it from any other."""
        return (type(self),)

    def resized(self, hidden_size: int) -> Cell:
        """A new cell of the same kind and settings with another number of units."""
        return type(self)(replace(self.config, hidden_size=hidden_size), self.input_size)

    def weights(self) -> Weights:
        """What the steps read, made once for a window: the parameters named in ``step_weights``."""
        return Weights(**{name: getattr(self, name) for name in self.step_weights})

    def symbols(self) -> dict[str, Any]:
        """What the letters of the equations stand for: tensors, numbers, or the name of a function."""
        known = dict(self.named_parameters(recurse=False)) | vars(self.weights())
        found: dict[str, Any] = {}
        for name, value in known.items():
            letters, _, shape = name.rpartition("_")
            if shape.startswith("G"):
                blocks = value.chunk(len(self.gates))
                found |= {f"{letters}_{gate}": block for gate, block in zip(self.gates, blocks, strict=True)}
            else:
                found[letters] = value
        return found

    @abstractmethod
    def project(self, x_BTD: Tensor) -> Tensor:
        """All that needs no state, for every step in one product: p_BTG."""

    def project_over_time(self, x_BTD: Tensor) -> Tensor:
        """The same with time first, so that each step lies in one piece: p_TBG."""
        return self.project(x_BTD.transpose(0, 1).contiguous())

    @abstractmethod
    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        """One time step: the output h_BH, and the state that the next step starts from.

        A function of its arguments and of plain settings alone, each row by itself. Sizes are read from
        the tensors: then one compiled program serves all of them.
        """

    has_native: ClassVar[bool] = False
    """Whether torch has a fused kernel for exactly these equations, and ``native`` calls it."""

    def native(self, x_BTD: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        """The same as ``step`` over all of T, in torch's fused kernel: y_BTH and the last state."""
        raise AssertionError(f"{type(self).__name__} has no fused kernel: has_native is False")

    has_scan: ClassVar[bool] = False
    """Whether the equations are linear in the state, and ``scan`` computes all steps in parallel."""

    def scan(self, x_BTD: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        """The same as ``step`` over all of T, in parallel over time: y_BTH and the last state."""
        raise AssertionError(f"{type(self).__name__} is not linear in its state: has_scan is False")


def fan_in_uniform(weights: Tensor) -> Tensor:
    """Fill (outputs, inputs) with U(-sqrt(3/inputs), sqrt(3/inputs)), whose variance is 1/inputs (LeCun 1998)."""
    bound = math.sqrt(3.0 / weights.shape[1])
    return weights.detach().uniform_(-bound, bound)


def uniform_parameter(*shape: int, hidden_size: int) -> nn.Parameter:
    """U(-1/sqrt(H), 1/sqrt(H)), torch.nn's initialisation of every recurrent weight and bias."""
    bound = 1.0 / math.sqrt(hidden_size)
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


def normal_parameter(*shape: int) -> nn.Parameter:
    """N(0, 0.1^2), the initialisation of every weight in Greff et al. 2017."""
    return nn.Parameter(torch.empty(shape).normal_(std=0.1))
