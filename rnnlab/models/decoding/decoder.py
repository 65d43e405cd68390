"""A decoder: what it reads, where it looks, and what it says, for one step or for all steps of a known target.

Shapes: B batch, U steps of the target, S steps or places of the memory, D input features, Q features of the
stack's output, M of the memory, K of a key, V target symbols.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnnlab.models.attention.base import Attention
from rnnlab.models.cells.base import fan_in_uniform
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.encoders.base import Memory
from rnnlab.models.stack import Stack, StackState

END = 0
"""The symbol that ends a target, and is read before its first one."""


class Readout(nn.Module):
    """Logits out of what the stack gives and what was looked at: W_V tanh(W [y; context]) (Luong et al. 2015, eq. 5).

    Without attention they are read off the stack's output as it is.
    """

    def __init__(self, query_size: int, context_size: int, symbols: int) -> None:
        super().__init__()
        self.joint = nn.Linear(query_size + context_size, query_size) if context_size else None
        self.head = nn.Linear(query_size, symbols)
        for layer in (self.joint, self.head):
            if layer is not None:
                fan_in_uniform(layer.weight)

    def forward(self, y_BUQ: Tensor, context_BUM: Tensor) -> Tensor:
        """The logits of the symbol after each step: (B, U, V)."""
        if self.joint is not None:
            y_BUQ = self.joint(torch.cat([y_BUQ, context_BUM], dim=-1)).tanh()
        logits_BUV: Tensor = self.head(y_BUQ)
        return logits_BUV


class About(NamedTuple):
    """What is written about: a memory, its keys, and the state that the decoder starts in."""

    memory_BSM: Tensor
    keys_BSK: Tensor
    valid_BS: Tensor | None
    state: StackState

    def repeated(self, times: int) -> About:
        """Each row so many times, one after the other: (B * times, ...)."""

        def rows(values: Tensor) -> Tensor:
            return values.repeat_interleave(times, dim=0)

        valid_BS = None if self.valid_BS is None else rows(self.valid_BS)
        state = tuple(tuple(map(rows, parts)) for parts in self.state)
        return About(rows(self.memory_BSM), rows(self.keys_BSK), valid_BS, state)


class Place(NamedTuple):
    """Where a decoder stands between two steps: its stack's state, and the context that the next step reads."""

    state: StackState
    context_BM: Tensor

    def rows(self, index_B: Tensor) -> Place:
        """The places of these rows."""
        state = tuple(tuple(part[index_B] for part in parts) for parts in self.state)
        return Place(state, self.context_BM[index_B])


class Said(NamedTuple):
    """What a decoder says over a target.

    logits_BUV   of the symbol after each step
    weights_BUS  where it looked; (B, U, 0) without attention
    x_BUD        what its stack read
    state        after the last step
    """

    logits_BUV: Tensor
    weights_BUS: Tensor
    x_BUD: Tensor
    state: StackState


Symbols = Callable[[int, Tensor | None], Tensor]
"""(step, the logits (B, V) of the step before, None at the first) -> the symbols that are read, (B,)."""


class Decoder:
    """A stack over target symbols, attention and readout. Its modules are the task's."""

    def __init__(self, embedding: Embedding, stack: Stack, attention: Attention, readout: Readout) -> None:
        self.embedding = embedding
        self.stack = stack
        self.attention = attention
        self.readout = readout

    @property
    def fed(self) -> bool:
        """Whether a step reads the context of the one before."""
        return self.attention.config.feed

    def about(self, memory: Memory, state: StackState) -> About:
        """A memory, made ready for a whole target."""
        return About(memory.memory_BSM, self.attention.keys(memory.memory_BSM), memory.valid_BS, state)

    def start(self, about: About) -> Place:
        """Before the first step nothing was looked at."""
        features = self.attention.memory_size if self.fed else 0
        return Place(about.state, about.memory_BSM.new_zeros(about.memory_BSM.shape[0], features))

    def read_off(self, y_BUQ: Tensor, about: About) -> tuple[Tensor, Tensor, Tensor]:
        """Logits, contexts and weights, from what the stack gave."""
        context_BUM, weights_BUS = self.attention(y_BUQ, about.keys_BSK, about.memory_BSM, about.valid_BS)
        return self.readout(y_BUQ, context_BUM), context_BUM, weights_BUS

    def step(self, symbols_B: Tensor, place: Place, about: About) -> tuple[Said, Place]:
        """Read one symbol in each row. U of what is said is 1."""
        x_B1D = torch.cat([self.embedding(symbols_B[:, None]), place.context_BM[:, None]], dim=-1)
        y_B1Q, state = self.stack(x_B1D, place.state)
        logits_B1V, context_B1M, weights_B1S = self.read_off(y_B1Q, about)
        context_BM = self.attention.handed_on(context_B1M[:, 0]) if self.fed else place.context_BM
        return Said(logits_B1V, weights_B1S, x_B1D, state), Place(state, context_BM)

    def say(self, symbols_BU: Tensor, about: About) -> Said:
        """Read known symbols: all at once, unless a step reads what the one before it looked at."""
        if self.fed:
            return self.say_stepwise(symbols_BU.shape[1], lambda u, logits_BV: symbols_BU[:, u], about)
        x_BUD = self.embedding(symbols_BU)
        y_BUQ, state = self.stack(x_BUD, about.state)
        logits_BUV, _, weights_BUS = self.read_off(y_BUQ, about)
        return Said(logits_BUV, weights_BUS, x_BUD, state)

    def say_stepwise(self, steps: int, symbols: Symbols, about: About) -> Said:
        """Step after step, each reading what ``symbols`` makes of what was said before."""
        place, logits_BV, all_said = self.start(about), None, []
        for u in range(steps):
            said, place = self.step(symbols(u, logits_BV), place, about)
            logits_BV = said.logits_BUV[:, 0]
            all_said.append(said)
        logits, weights, inputs, states = zip(*all_said, strict=True)
        return Said(torch.cat(logits, dim=1), torch.cat(weights, dim=1), torch.cat(inputs, dim=1), states[-1])

    def say_freely(self, steps: int, about: About) -> Said:
        """Step after step, each reading the likeliest symbol of the one before, whether a sentence has ended or not."""
        first_B = torch.full(about.memory_BSM.shape[:1], END, device=about.memory_BSM.device)

        def own(u: int, logits_BV: Tensor | None) -> Tensor:
            return first_B if logits_BV is None else logits_BV.argmax(dim=-1)

        return self.say_stepwise(steps, own, about)
