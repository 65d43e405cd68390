"""Depth and time: layers of one cell, what connects them, and the trace of everything inside them.

Shapes: B batch, T time, D input features, H hidden units.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig, require
from rnnlab.models.backends import Backend, choose_backend, prepare, run_cell, run_steps
from rnnlab.models.cells.base import Cell, State, Weights
from rnnlab.models.connections import Connections, joined
from rnnlab.models.masks import Masks
from rnnlab.models.over_time import CellOverTime
from rnnlab.models.sequences import last_valid
from rnnlab.models.start import check_state, learned_start
from rnnlab.models.trace import Recorder, Trace, TraceEdit
from rnnlab.models.zoneout import Zoneout

# cuDNN wants all weights of a kernel in one piece of memory and else copies them at each call: some
# megabytes on the device, less than the trouble of parameters that are views of one another.
warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")

StackState = tuple[State, ...]
"""The state of every cell, lowest first: its parts, and behind them the masks that stay for longer than a step.

It goes in and comes out; no module remembers it.
"""


class Stack(nn.Module):
    """Layers of one cell over time: each is cell, normalisation, dropout, and what it is connected with.

    Dropout is our own also where a fused kernel runs a layer: cuDNN's keeps a state of its own that
    no seed reaches.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """depth: layers.

        hidden_sizes: units of each layer, lowest first; empty for cell.hidden_size in all.
        parameters: choose the hidden size whose stack, without embedding and head, comes nearest to this.
        connections: plain, residual (input added to output), or dense (a layer reads all below it).
        bidirectional: a second cell in each layer reads from each row's last valid step to the first.
        dropout: probability that a layer's output is zeroed, the last layer's too.
        variational: dropout zeroes the same units at all steps of a row, until its next reset.
        zoneout: probability that a unit of the state keeps its old value for a step.
        drop_connect: probability that a recurrent weight is zeroed, for as long as a state is carried.
        layer_norm: normalise each layer's output over its units, before dropout.
        learned_state: each layer's initial state is learned.
        backend: how the steps are computed.
        """

        depth: int = 1
        hidden_sizes: list[int] = field(default_factory=list)
        parameters: int | None = None
        connections: Connections = Connections.plain
        bidirectional: bool = False
        dropout: float = 0.4
        variational: bool = False
        zoneout: float = 0.0
        drop_connect: float = 0.0
        layer_norm: bool = False
        learned_state: bool = False
        backend: Backend = Backend.auto

        def __post_init__(self) -> None:
            sizes, wanted = self.hidden_sizes, self.parameters
            require(self.depth >= 1, "stack.depth", self.depth, "it must be at least 1")
            one_each = f"it must hold a size for each of the {self.depth} layers of stack.depth, or nothing"
            require(len(sizes) in (0, self.depth), "stack.hidden_sizes", sizes, one_each)
            require(all(size >= 1 for size in sizes), "stack.hidden_sizes", sizes, "each must be at least 1")
            require(wanted is None or wanted >= 1, "stack.parameters", wanted, "it must be at least 1, or null")
            either = "it chooses the hidden size: leave out stack.hidden_sizes"
            require(wanted is None or not sizes, "stack.parameters", wanted, either)
            for name in ("dropout", "zoneout", "drop_connect"):
                require(0 <= getattr(self, name) < 1, f"stack.{name}", getattr(self, name), "it must be in [0, 1)")
            inside = f"stack.zoneout = {self.zoneout} acts inside the time loop; possible: auto, compiled, loop"
            fused = self.backend in (Backend.native, Backend.scan)
            require(not (self.zoneout and fused), "stack.backend", self.backend.value, inside)

        @property
        def directions(self) -> int:
            """Cells in each layer."""
            return 2 if self.bidirectional else 1

    def __init__(self, config: Config, cells: Sequence[Cell]) -> None:
        """``cells``: those of the lowest layer first; in each layer the forward one, then the backward one."""
        super().__init__()
        for cell in cells:
            check_state(cell)
        self.config = config
        self.cells = nn.ModuleList(cells)
        backwards = [False, True] * config.depth if config.bidirectional else [False] * config.depth
        norms = [nn.LayerNorm(cell.hidden_size) if config.layer_norm else nn.Identity() for cell in cells]
        starts = [learned_start(cell) if config.learned_state else None for cell in cells]
        self.norms = nn.ModuleList(norms)
        self.starts = nn.ModuleList(start for start in starts if start is not None)
        per_row, per_step = (config.dropout, 0.0) if config.variational else (0.0, config.dropout)
        self.over_time = tuple(
            CellOverTime(cell, backward, norm, start, Masks(cell, per_row, config.drop_connect), per_step)
            for cell, backward, norm, start in zip(cells, backwards, norms, starts, strict=True)
        )
        self.runners = tuple(Zoneout(cell, config.zoneout) if config.zoneout else cell for cell in cells)
        self.backend = choose_backend(config.backend, self.runners[0])

    def prepare(self, say: Callable[[str], None]) -> None:
        """Have the backend ready for where the weights are now; the loop instead, where steps cannot be compiled.

        ``say`` is told of either. Without this the first window does it.
        """
        self.backend = prepare(self.backend, self.runners[0], next(self.parameters()), say)

    @property
    def output_size(self) -> int:
        """Features of y_BTH, which the task reads."""
        return sum(self._output_sizes())

    def _output_sizes(self) -> list[int]:
        """Features of y_BTH from each cell that it comes from."""
        sizes = [cell.hidden_size for cell in self.layers()]
        return sizes if self.config.connections is Connections.dense else sizes[-self.config.directions :]

    def layers(self) -> Iterator[Cell]:
        """The cells, lowest layer first; of each layer the forward one, then the backward one."""
        for cell in self.cells:
            assert isinstance(cell, Cell)
            yield cell

    @property
    def names(self) -> list[str]:
        """What ``layers()`` are called: layer0, ..., or layer0.forward, layer0.backward, ..."""
        directions = [".forward", ".backward"] if self.config.bidirectional else [""]
        return [f"layer{layer}{direction}" for layer in range(self.config.depth) for direction in directions]

    def initial_state(self, rows: int) -> StackState:
        return tuple(cell.initial_state(rows) for cell in self.over_time)

    def forward(
        self,
        x_BTD: Tensor,
        state: StackState | None = None,
        reset_BT: Tensor | None = None,
        lengths_B: Tensor | None = None,
    ) -> tuple[Tensor, StackState]:
        """Run all layers over all steps.

        ``state``: where to go on from; None for the initial state, and new masks.
        ``reset_BT``: rows whose state is set back to the initial one before step t.
        ``lengths_B``: valid steps of each row, at the last of which a backward cell starts.
        Returns y_BTH and the last state.
        """

        def run(number: int, x: Tensor, s: State, w: Weights, start: int) -> tuple[Tensor, State]:
            return run_cell(self.runners[number], x, s, w, self.backend)

        return self._through_layers(x_BTD, state, reset_BT, lengths_B, run)

    def trace(
        self,
        x_BTD: Tensor,
        state: StackState | None = None,
        reset_BT: Tensor | None = None,
        edit: TraceEdit | None = None,
        lengths_B: Tensor | None = None,
        names: Sequence[Sequence[str]] | None = None,
    ) -> Trace:
        """The same run through the loop, with every named intermediate of each cell and step kept.

        ``names``: those of each layer that are wanted, where all would take too much memory.

        ``edit(layer, t, name, value)`` may return another value, with which the step goes on. Layers are
        counted as in ``layers()``, and a backward cell's steps in its own order.
        The tensors stay in the graph: ``Trace.gradients`` gives dL/d of each of them.
        """
        recorder = Recorder([cell.names for cell in self.layers()] if names is None else names, edit)

        def run(number: int, x: Tensor, s: State, w: Weights, start: int) -> tuple[Tensor, State]:
            p_BTG = self.runners[number].project(x)
            recorder.reads[number].append((x, p_BTG))
            return run_steps(self.runners[number], p_BTG, s, w, lambda t: recorder.edit_at(number, start + t))

        y_BTH, last = self._through_layers(x_BTD, state, reset_BT, lengths_B, run)
        return Trace(values=recorder.values, output_BTH=y_BTH, state=last, reads=recorder.reads)

    def ends(self, y_BTH: Tensor, lengths_B: Tensor | None) -> Tensor:
        """What each cell gave last: the forward ones at each row's last valid step, the backward ones at the first."""
        if not self.config.bidirectional:
            return last_valid(y_BTH, lengths_B)
        halves = y_BTH.split(self._output_sizes(), dim=-1)
        read = [half[:, 0] if i % 2 else last_valid(half, lengths_B) for i, half in enumerate(halves)]
        return torch.cat(read, dim=-1)

    def _through_layers(
        self,
        x_BTD: Tensor,
        state: StackState | None,
        reset_BT: Tensor | None,
        lengths_B: Tensor | None,
        run: Callable[[int, Tensor, State, Weights, int], tuple[Tensor, State]],
    ) -> tuple[Tensor, StackState]:
        assert not (self.config.bidirectional and reset_BT is not None), "a backward cell would see past a reset"
        connections, directions = self.config.connections, self.config.directions
        below, outputs, after = [x_BTD], [], []
        for first in range(0, len(self.cells), directions):
            x_BTD, halves = joined(below), []
            for number in range(first, first + directions):
                given, over_time = None if state is None else state[number], self.over_time[number]
                y_BTH, last = over_time.through(x_BTD, given, reset_BT, lengths_B, partial(run, number))
                halves.append(y_BTH)
                after.append(last)
            outputs.append(connections.added(x_BTD, joined(halves)))
            below = connections.seen(below, outputs[-1])
        read = outputs if connections is Connections.dense else outputs[-1:]
        return joined(read), tuple(after)
