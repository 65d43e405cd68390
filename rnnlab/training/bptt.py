"""Truncated backpropagation through time: the window, and what happens to the state between windows.

The gradient stops at a window's start; the state (where it is carried) does not. Nothing is remembered
inside a module: the learner hands the last window's state, cut from its graph, to the next window.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from rnnlab.config.schema import ComponentConfig, late, require
from rnnlab.data.contents import Sequences, Stream
from rnnlab.data.windows import SequenceBatches, StreamWindows, largest_rows
from rnnlab.models.stack import StackState

Windows = StreamWindows | SequenceBatches


class CarriedState(str, Enum):
    """What a window starts from: the state that the window before it ended in, or the initial one."""

    carried = "carried"
    fresh = "fresh"


class BPTT:
    """The truncation of a run."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """window: steps T through which the gradient flows. reset_at_documents: the state is set
        back where a document starts. Sequences with a label are never cut: these say nothing there.
        omega: the factor alpha on the regulariser that keeps the size of gradients over time (Pascanu 2013);
        0 for none."""

        window: int = 64
        state: CarriedState = CarriedState.carried
        reset_at_documents: bool = False
        omega: float = late(0.0)

        def __post_init__(self) -> None:
            require(self.window >= 1, "bptt.window", self.window, "it must be at least 1")
            finite = math.isfinite(self.omega)
            require(finite and self.omega >= 0, "bptt.omega", self.omega, "it must be at least 0, and finite")


def training_windows(config: BPTT.Config, split: Stream | Sequences, rows: int, seed: int) -> Windows:
    """The windows of one pass over a training split, ``rows`` side by side."""
    if isinstance(split, Stream):
        return StreamWindows(split, rows, config.window, config.reset_at_documents)
    return SequenceBatches(split, rows, seed)


def evaluation_windows(config: BPTT.Config, split: Stream | Sequences, rows: int, window: int) -> Windows:
    """The windows of an evaluation, in order and up to the last symbol, in ``rows`` rows or fewer."""
    if isinstance(split, Stream):
        rows = min(rows, max(1, largest_rows(split, window)))
        return StreamWindows(split, rows, window, config.reset_at_documents, keep_rest=True)
    return SequenceBatches(split, rows, None)


def cut(state: StackState) -> StackState:
    """The same numbers, without the graph that led to them."""
    return tuple(tuple(part.detach() for part in layer) for layer in state)
