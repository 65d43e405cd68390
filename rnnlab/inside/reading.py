"""A language model reads a text, and what its units do at each symbol is kept.

Shapes: N symbols of the text, R rows that are read side by side, T steps, H hidden units, V vocabulary, K guesses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnlab.models.stack import StackState
from rnnlab.models.tasks.language_model import LanguageModel
from rnnlab.models.trace import TraceEdit

WARM_UP = 512
"""Symbols that a row reads before its own stretch, so that it knows what a reader would know by then."""
HELD = 2**25
"""Numbers of a trace that are held at once."""


class Part(NamedTuple):
    """What is kept of a layer, as ``Stack.layers`` counts them: one of its cell's ``names`` ("h", "c", "f", ...)."""

    layer: int
    name: str


class Guesses(NamedTuple):
    """The likeliest next symbols after each one, best first: int64 (N, K), and their probabilities, float32 (N, K)."""

    symbols_NK: np.ndarray
    probabilities_NK: np.ndarray


@dataclass(frozen=True, slots=True)
class Reading:
    """What happened at each of N symbols.

    values   of each part that was asked for: float32 (N, H), after the symbol was read
    nats_N   how surprising each symbol was, float32: -log of the probability that it had before it was read;
             NaN for the first one, which nothing comes before
    guesses  what the model expected after each symbol; None where no guess was asked for
    """

    values: Mapping[Part, np.ndarray]
    nats_N: np.ndarray
    guesses: Guesses | None


Allocate = Callable[[Part, tuple[int, int]], np.ndarray]
"""Makes the float32 array (N, H) that a part is kept in: in memory, or on the disk where it is large."""


def in_memory(part: Part, shape: tuple[int, int]) -> np.ndarray:
    return np.empty(shape, dtype=np.float32)


@torch.no_grad()
def read(
    model: LanguageModel,
    symbols_N: np.ndarray,
    parts: Sequence[Part],
    *,
    rows: int = 1,
    warm_up: int = WARM_UP,
    guesses: int = 0,
    edit: TraceEdit | None = None,
    allocate: Allocate = in_memory,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Reading:
    """Let a model in evaluation mode read N >= 1 symbols from its initial state.

    rows      1 reads them in their order, as a person does. More are read side by side, each a stretch of the
              text after the ``warm_up`` symbols before it (at least 1): many times faster, and equal up to what a
              model remembers for longer than that.
    guesses   how many of the likeliest next symbols are kept
    edit      changes intermediates, as for ``Stack.trace``; its t counts the steps of a chunk
    progress  (steps done, of)
    """
    N = len(symbols_N)
    plan = Stretches(N, min(rows, N), warm_up)
    cells = list(model.stack.layers())
    values = {part: allocate(part, (N, cells[part.layer].hidden_size)) for part in parts}
    names = [[part.name for part in parts if part.layer == layer] for layer in range(len(cells))]
    nats_N = np.full(N, np.nan, dtype=np.float32)
    best = Guesses(np.empty((N, guesses), np.int64), np.empty((N, guesses), np.float32)) if guesses else None
    state: StackState | None = None
    for start, symbols_RT in plan.chunks(symbols_N, chunk_steps(model, plan.rows)):
        x_RTD = model.embedding(torch.from_numpy(symbols_RT[:, :-1]))
        trace = model.stack.trace(x_RTD, state, edit=edit, names=names)
        state = trace.state
        log_RTV = model.head(trace.output_BTH).log_softmax(dim=-1)
        for part, kept in values.items():
            plan.keep(kept, start, trace.stacked(*part))
        follows_RT1 = torch.from_numpy(symbols_RT[:, 1:, None])
        plan.keep(nats_N, start, -log_RTV.gather(2, follows_RT1)[:, :, 0], shift=1)
        if best is not None:
            found = log_RTV.topk(guesses, dim=-1)
            plan.keep(best.symbols_NK, start, found.indices)
            plan.keep(best.probabilities_NK, start, found.values.exp())
        progress(min(start + symbols_RT.shape[1] - 1, plan.steps), plan.steps)
    return Reading(values, nats_N, best)


def chunk_steps(model: LanguageModel, rows: int) -> int:
    """How many steps of so many rows a trace may hold."""
    each = sum(cell.hidden_size * len(cell.names) for cell in model.stack.layers())
    return max(1, HELD // (rows * each))


class Stretches:
    """N symbols as R rows of equal length, each with what comes before it as its warm-up.

    Row r owns the symbols from r L on, up to (r + 1) L, where L = ceil(N / R), and starts up to ``warm_up``
    before them. All rows take the same number of steps; what lies beyond the text is not kept.
    """

    def __init__(self, symbols: int, rows: int, warm_up: int) -> None:
        self.symbols = symbols
        self.own = math.ceil(symbols / rows)
        self.rows = math.ceil(symbols / self.own)
        self.owned = [row * self.own for row in range(self.rows)]
        self.starts = [max(0, first - warm_up) for first in self.owned]
        self.steps = max(
            min(first + self.own, symbols) - start for first, start in zip(self.owned, self.starts, strict=True)
        )

    def chunks(self, symbols_N: np.ndarray, steps: int) -> Iterator[tuple[int, np.ndarray]]:
        """(first step, symbols of all rows, (R, T + 1)): each chunk with the symbol that follows its last step."""
        for start in range(0, self.steps, steps):
            stop = min(start + steps, self.steps)
            at_RT = np.array(self.starts)[:, None] + np.arange(start, stop + 1)
            yield start, symbols_N[np.minimum(at_RT, self.symbols - 1)].astype(np.int64)

    def keep(self, into: np.ndarray, start: int, values_RT: Tensor, shift: int = 0) -> None:
        """Write what rows have at the steps from ``start`` on to the places of the symbols that they own.

        shift: how many symbols after its step a value belongs.
        """
        for row, (first, begin) in enumerate(zip(self.owned, self.starts, strict=True)):
            at = begin + start + shift
            low, high = max(first, at), min(first + self.own, self.symbols, at + values_RT.shape[1])
            if low < high:
                into[low:high] = values_RT[row, low - at : high - at].numpy()
