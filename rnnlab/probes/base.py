"""What a probe looks at, and what it finds.

Shapes: B rows, T steps, D input features, H hidden units.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, ClassVar

import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.config.groups import PROBE
from rnnlab.data.contents import Batch, Sequences, Stream
from rnnlab.data.spec import DataSpec
from rnnlab.data.windows import SequenceBatches, StreamWindows
from rnnlab.errors import RequestError
from rnnlab.models.backends import Backend
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task
from rnnlab.models.trace import Trace
from rnnlab.statistics import mean_interval
from rnnlab.tracking.folder import RunFolder

DEFAULT_LAGS = 200
ALL, GROWTH = "all", "growth"
"""In place of names: every probe that measures, and every one whose pages show how a run grows."""
ONE_ERROR = ("sequences", "numbers", "series")
"""Shapes of data where each row is asked once, at its last step."""
ASKED_IN_TARGETS = ("steps", "pairs", "captions")
"""Shapes of data whose targets say at which steps something is asked: -1 where nothing is."""


class Error(str, Enum):
    """At which steps the loss of a row counts: at the last that is asked, or at every one."""

    last = "last"
    every = "every"


class CannotAnswer(RequestError):
    """A probe looks at something that the model does not have."""


Table = dict[str, list[Any]]
"""Columns of equal length."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Tables by name, and figures: numbers that are followed over training. A figure that is not finite is none."""

    tables: dict[str, Table]
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from.

    split   the validation part
    ngrams  the loss of n-grams on it by n, counted when asked for; nothing where the data is no stream
    """

    split: Stream | Sequences
    spec: DataSpec
    error: Error
    rows: int
    lags: int
    ngrams: Callable[[], Mapping[int, float]] = dict

    def batch(self, rows: int) -> Batch:
        """``rows`` rows or as many as there are, in float64; of a stream, windows spread evenly over it."""
        if isinstance(self.split, Stream):
            rows = min(rows, (len(self.split.ids) - 1) // (self.lags + 1))
            return StreamWindows(self.split, rows, self.lags + 1)[0]
        batch = SequenceBatches(self.split, rows, None).batch(0, 0)
        for name in ("inputs", "targets"):
            values = getattr(batch, name)
            setattr(batch, name, values.double() if values.is_floating_point() else values)
        return batch


class Subject:
    """A model as it is now, copied in float64 and evaluation mode to the CPU, and rows to look at it with.

    ``picture``: whether the probe may write what is wanted once or twice in a run only.
    """

    def __init__(self, model: Task, source: Source, batch: Batch, picture: bool = True) -> None:
        self.model = deepcopy(model).to("cpu", torch.float64).eval()
        self.source = source
        self.batch = batch
        self.picture = picture
        for module in self.model.modules():
            if isinstance(module, Stack) and module.backend is Backend.compiled:
                module.backend = Backend.loop  # a program in float64 would take longer to build than to do without
            if isinstance(module, Embedding):
                module.register_forward_hook(lambda module, inputs, x_BTD: x_BTD.double())

    @property
    def names(self) -> list[str]:
        """Those of ``Stack.layers()``."""
        return self.model.stack.names

    @cached_property
    def trace(self) -> Trace:
        """The run over the rows from the initial state."""
        with torch.enable_grad():
            x_BTD, state, lengths_B = self.model.reads(self.batch)
            return self.model.stack.trace(x_BTD, state, lengths_B=lengths_B)

    @cached_property
    def last_B(self) -> Tensor:
        """The last step of each row at which something is asked."""
        return last_asked(self.batch, self.source.spec.shape)

    def ends(self, layer: int) -> Tensor:
        """The same in a cell's own order of steps, (B,): a backward cell counts from each row's end.

        Where a row is asked once, a backward cell is read at its last own step too.
        """
        backward = self.model.stack.over_time[layer].backward
        if not backward or self.source.spec.shape in ONE_ERROR:
            return self.last_B
        steps = self.batch.inputs.shape[1]
        valid_B = torch.full_like(self.last_B, steps) if self.batch.lengths is None else self.batch.lengths
        return valid_B - 1 - self.last_B

    @property
    def loss(self) -> Tensor:
        """The sum over rows of each one's loss, at its last asked step or at every one: rows do not mix in it."""
        loss_BT = self.model.step_losses(self.trace.output_BTH, self.batch)
        if self.source.error is Error.every:
            return loss_BT.sum()
        return loss_BT.gather(1, self.last_B[:, None]).sum()


class Probe(ABC):
    """One way to look at a model. It reads traces, and changes nothing.

    ``asked`` refuses, in one line, what the probe cannot answer for a model; ``look`` answers.
    """

    name: ClassVar[str]
    """The name of its module, by which it is asked for."""
    together: ClassVar[tuple[str, ...]] = (ALL,)
    """The words that ask for it together with others."""

    def asked(self, model: Task, source: Source) -> None:
        """RequestError where this model has not what the probe looks at."""
        return None

    @abstractmethod
    def look(self, subject: Subject) -> Findings:
        """What the probe finds."""

    def pages(self, model: Task, folder: RunFolder) -> dict[str, str]:
        """HTML by name, once a run has ended: what is told of the whole of it. None by default.

        It is made of the tables in the run's folder: so it holds what was found before an interruption too.
        """
        return {}


def there_are() -> list[str]:
    """The probes by name, those of plug-ins among them; none of rnnlab's own is imported for it."""
    return registry.names(PROBE)


def last_asked(batch: Batch, shape: str) -> Tensor:
    """The last step of each row at which something is asked, (B,)."""
    rows, steps = batch.inputs.shape[:2]
    if shape in ASKED_IN_TARGETS:
        asked_BT = (batch.targets >= 0) * torch.arange(1, batch.targets.shape[1] + 1)
        return (asked_BT.max(dim=1).values - 1).clamp(min=0)
    return torch.full((rows,), steps - 1) if batch.lengths is None else batch.lengths - 1


def at_lag(values_BT: Tensor, end_B: Tensor, lag: int) -> Tensor:
    """The value of each row ``lag`` steps before its end; NaN where the row does not go so far back."""
    at_B = end_B - lag
    found = values_BT.gather(1, at_B.clamp(min=0)[:, None])[:, 0]
    return torch.where(at_B >= 0, found, math.nan)


def doubling(largest: int) -> list[int]:
    """1, 2, 4, ... and ``largest`` itself."""
    return sorted({2**k for k in range(largest.bit_length()) if 2**k <= largest} | ({largest} if largest else set()))


def interval_over_rows(values: Tensor) -> tuple[float, float, float]:
    """The mean and Student's interval around it; NaN where a value is not finite."""
    if not values.isfinite().all():
        return math.nan, math.nan, math.nan
    return mean_interval(values.tolist())[:3]


def column_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """Rows as columns."""
    return {name: [row[place] for row in rows] for place, name in enumerate(columns)}


def cannot(probe: str, model: Task, why: str) -> CannotAnswer:
    """The line for a probe that a model's cell cannot answer."""
    cell = next(model.stack.layers()).config.name
    others = ",".join(name for name in there_are() if name != probe)
    return CannotAnswer(
        f"probe.names: {probe} with cell={cell}: {why}; leave it out, as in probe.names=[{others}], or choose"
        " another cell"
    )
