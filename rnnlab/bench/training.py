"""What a training step of rnnlab costs beside a bare PyTorch loop: the same model, interleaved in one process.

rnnlab runs as a user runs it: through Lightning, with its log, MLflow, checkpoints and progress bar.
At the end of each of its chunks the bare loop trains as many windows; so both see the same machine.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import torch
from torch import Tensor, nn

from rnnlab.config.compose import compose
from rnnlab.parts import Show
from rnnlab.tracking.folder import RunFolder
from rnnlab.train import run

ROWS, WINDOW, VOCABULARY, EMBEDDING = 32, 64, 100, 64


class BareLoop:
    """What one would write without rnnlab: nn.LSTM, AdamW, clipping, a carried state, and no logging."""

    def __init__(self, hidden_size: int) -> None:
        self.embedding = nn.Embedding(VOCABULARY, EMBEDDING)
        self.lstm = nn.LSTM(EMBEDDING, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, VOCABULARY)
        self.parameters = [p for part in (self.embedding, self.lstm, self.head) for p in part.parameters()]
        self.optimizer = torch.optim.AdamW(self.parameters, lr=3e-3, weight_decay=0.01, fused=True)
        self.text_BN = torch.randint(0, VOCABULARY, (ROWS, 20_000))
        self.state: tuple[Tensor, Tensor] | None = None
        self.position = 0

    def train_window(self) -> Tensor:
        start = self.position % (self.text_BN.shape[1] - WINDOW - 1)
        inputs, targets = (self.text_BN[:, start + i : start + i + WINDOW] for i in (0, 1))
        y_BTH, (h, c) = self.lstm(self.embedding(inputs), self.state)
        loss = nn.functional.cross_entropy(self.head(y_BTH).flatten(0, 1), targets.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.state = (h.detach(), c.detach())
        self.position += WINDOW
        return loss.detach()


@dataclass(slots=True)
class Interleaved:
    """A Reporter: between rnnlab's chunks, the bare loop trains as many windows. Times are seconds a step."""

    bare: BareLoop
    rnnlab_times: list[float] = field(default_factory=list)
    bare_times: list[float] = field(default_factory=list)
    step: int = 0
    since: float = 0.0

    def heartbeat(self, step: int) -> str:
        now, windows = time.perf_counter(), step - self.step
        if self.since:
            self.rnnlab_times.append((now - self.since) / windows)
            for _ in range(windows):
                loss = self.bare.train_window()
            loss.item()
            self.bare_times.append((time.perf_counter() - now) / windows)
        self.step, self.since = step, time.perf_counter()
        return "continue"

    def report(self, share: float, figures: dict[str, float]) -> str:
        self.since = 0.0  # the chunk after a validation is not counted: the bare loop has none
        return "continue"


def training(steps: int, threads: int, show: Show) -> list[dict[str, float]]:
    """A row for H = 64 and H = 256: milliseconds a step of both, and the ratio of each pair of chunks."""
    return [compared(hidden_size, steps, threads, show) for hidden_size in (64, 256)]


def compared(hidden_size: int, steps: int, threads: int, show: Show) -> dict[str, float]:
    interleaved = Interleaved(BareLoop(hidden_size))
    with tempfile.TemporaryDirectory() as place:
        overrides = [
            "data=python_source", f"data.batch_size={ROWS}", f"bptt.window={WINDOW}",
            f"cell.hidden_size={hidden_size}", f"embedding.size={EMBEDDING}", "stack.dropout=0",
            f"trainer.max_steps={steps}", "trainer.checkpoint_every=100", f"trainer.val_every={steps}",
            "trainer.final=false", f"threads={threads}", f"tracking.uri=sqlite:///{place}/mlflow.db",
        ]  # fmt: skip
        folder = RunFolder.create(root=Path(place))
        run(compose(overrides).experiment, overrides, folder=folder, reporter=interleaved, show=show)
    return row(hidden_size, interleaved)


def row(hidden_size: int, interleaved: Interleaved) -> dict[str, float]:
    ratios = [ours / bare for ours, bare in zip(interleaved.rnnlab_times, interleaved.bare_times, strict=True)]
    low, _, high = quantiles(ratios, n=4)
    return {
        "hidden_size": hidden_size,
        "bare_ms": 1e3 * median(interleaved.bare_times),
        "rnnlab_ms": 1e3 * median(interleaved.rnnlab_times),
        "ratio": median(ratios),
        "ratio_quarter": low,
        "ratio_three_quarters": high,
        "chunks": len(ratios),
    }
