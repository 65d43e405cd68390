"""A sequence for a sequence, or for a picture: read everything, then write.

Shapes: B batch, S steps or places of what is read, U steps of what is written, V target symbols, Q features of the
decoder's output.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.attention.base import Attention
from rnnlab.models.decoding.bridge import Bridge, BridgeKind
from rnnlab.models.decoding.decoder import END, About, Decoder, Readout, Said
from rnnlab.models.decoding.searching import greedy
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.encoders.base import Encoder
from rnnlab.models.stack import Stack, StackState
from rnnlab.models.tasks.base import Task
from rnnlab.scores.targets import nearest

NOTHING = -1
"""What stands behind the end of a target."""


class EncoderDecoder(Task):
    """An encoder, and a decoder that starts in the state which a bridge makes of it, and may look back at it.

    The stack is the decoder's: it reads the true symbol before each one (teacher forcing), the end in front of the
    first. Written freely it reads its own. Both are measured: ``loss`` is that of teacher forcing, in nats per
    symbol; ``error`` the share of targets that greedy writing does not hit exactly, and ``symbol_error`` its edits
    per symbol of the (nearest) target.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Task.Config):
        """bridge: what state the decoder starts in.

        teacher_forcing: how probably a step of training reads the true symbol before it, and not the one that the
        model holds for likeliest; each for itself (scheduled sampling, Bengio et al. 2015).
        forcing_windows: windows of training over which that falls linearly, from 1.
        """

        bridge: BridgeKind = BridgeKind.learned
        teacher_forcing: float = 1.0
        forcing_windows: int = 0

        def __post_init__(self) -> None:
            share, windows = self.teacher_forcing, self.forcing_windows
            require(0 <= share <= 1, "task.teacher_forcing", share, "it must be in [0, 1]")
            require(windows >= 0, "task.forcing_windows", windows, "it must be at least 0")

    shape = "pairs"
    figures = ("loss", "error", "symbol_error")
    decodes = True
    criterion = "error"
    config: Config

    def __init__(
        self,
        config: Config,
        embedding: Embedding,
        stack: Stack,
        spec: DataSpec,
        encoder: Encoder,
        attention: Attention,
    ) -> None:
        super().__init__(config, embedding, stack, spec)
        self.encoder = encoder
        self.attention = attention
        self.bridge = Bridge(config.bridge, encoder, stack)
        self.readout = Readout(stack.output_size, attention.memory_size, len(spec.target_symbols))
        self.decoder = Decoder(embedding, stack, attention, self.readout)
        self.limit = spec.target_length
        self.register_buffer("windows_trained", torch.zeros((), dtype=torch.int64))
        self.windows_trained: Tensor

    def about(self, inputs: Tensor, lengths_B: Tensor | None) -> About:
        """What is written about, for inputs as a ``Batch`` has them."""
        memory = self.encoder(inputs, lengths_B)
        return self.decoder.about(memory, self.bridge(memory, self.stack))

    def forward(
        self,
        inputs: Tensor,
        state: StackState | None = None,
        reset: Tensor | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, StackState]:
        """Write freely: the logits of as many steps as the longest target has, and the state after them.

        A decoder starts from what its encoder has read: ``state`` is not looked at.
        """
        said = self.decoder.say_freely(self.limit, self.about(inputs, lengths))
        return said.logits_BUV, said.state

    def reads(self, batch: Batch) -> tuple[Tensor, StackState | None, Tensor | None]:
        """See ``Task.reads``: true symbols, the bridge's state, and steps up to each end.

        Of a decoder that is fed, the contexts among what it reads are those of this batch.
        """
        about = self.about(batch.inputs, batch.lengths)
        return self.decoder.say(read_before(batch.targets), about).x_BUD, about.state, asked(batch).sum(dim=1)

    def loss(self, batch: Batch, state: StackState | None) -> tuple[Tensor, StackState]:
        batch = trimmed(batch)
        said = self.said(batch, self.about(batch.inputs, batch.lengths))
        return nats(said.logits_BUV, batch).sum() / asked(batch).sum(), said.state

    def said(self, batch: Batch, about: About) -> Said:
        """The decoder over a batch of training, with the share of true symbols that is due."""
        true_BU = read_before(batch.targets)
        if self.config.teacher_forcing == 1:
            return self.decoder.say(true_BU, about)
        true_share = self.true_share()
        if self.training:
            self.windows_trained += 1
        taught_BU = torch.rand(true_BU.shape, device=true_BU.device) < true_share

        def symbols(u: int, logits_BV: Tensor | None) -> Tensor:
            if logits_BV is None:
                return true_BU[:, u]
            return torch.where(taught_BU[:, u], true_BU[:, u], logits_BV.argmax(dim=-1))

        return self.decoder.say_stepwise(true_BU.shape[1], symbols, about)

    def true_share(self) -> float:
        """How probably a step reads the true symbol now."""
        over = self.config.forcing_windows
        progress = min(1.0, int(self.windows_trained) / over) if over else 1.0
        return 1 + progress * (self.config.teacher_forcing - 1)

    def step_losses(self, y_BTH: Tensor, batch: Batch) -> Tensor:
        about = self.about(batch.inputs, batch.lengths)
        return nats(self.decoder.read_off(y_BTH, about)[0], batch)

    def score(self, batch: Batch, state: StackState | None) -> tuple[dict[str, Tensor], StackState]:
        batch = trimmed(batch)
        about = self.about(batch.inputs, batch.lengths)
        said = self.decoder.say(read_before(batch.targets), about)
        written = greedy(self.decoder, about, self.limit)
        right = None if batch.alternatives is None else batch.alternatives.cpu().numpy()
        found = nearest(written.symbols_BU.cpu().numpy(), batch.targets.cpu().numpy(), right)
        sums = {
            "nats": nats(said.logits_BUV, batch).sum(dtype=torch.float64),
            "count": asked(batch).sum(dtype=torch.float64),
            "wrong": (~found.exact).sum(),
            "rows": len(batch.targets),
            "edits": found.edits.sum(),
            "symbols": found.lengths.sum(),
        }
        return {name: torch.as_tensor(value, dtype=torch.float64) for name, value in sums.items()}, said.state

    def metrics(self, sums: dict[str, float]) -> dict[str, float]:
        return {
            "loss": sums["nats"] / sums["count"],
            "error": sums["wrong"] / sums["rows"],
            "symbol_error": sums["edits"] / max(1.0, sums["symbols"]),
        }


def asked(batch: Batch) -> Tensor:
    """bool (B, U): the steps of each target, its end among them."""
    return batch.targets != NOTHING


def nats(logits_BUV: Tensor, batch: Batch) -> Tensor:
    """The cross-entropy at each step, 0 behind the end: (B, U)."""
    flat, targets = logits_BUV.flatten(0, 1), batch.targets.flatten()
    return nn.functional.cross_entropy(flat, targets, ignore_index=NOTHING, reduction="none").view_as(batch.targets)


def read_before(targets_BU: Tensor) -> Tensor:
    """What a taught decoder reads at each step: the end, then the target up to its last symbol, then ends."""
    return nn.functional.pad(targets_BU[:, :-1], (1, 0), value=END).clamp(min=END)


def trimmed(batch: Batch) -> Batch:
    """Without the steps that are padding in every row."""
    steps = int(asked(batch).sum(dim=1).max())
    inputs = batch.inputs if batch.lengths is None else batch.inputs[:, : int(batch.lengths.max())]
    return replace(batch, inputs=inputs, targets=batch.targets[:, :steps])
