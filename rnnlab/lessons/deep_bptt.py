"""Three layers, and backpropagation through a window of time: what the gradient loses where it is cut."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.data.contents import Batch
from rnnlab.describe.unrolled import unrolled_diagram
from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Picture, Row, Table, Text
from rnnlab.lessons.running import assembled, trained
from rnnlab.models.tasks.base import Task
from rnnlab.training.bptt import cut

SETTINGS = ("data=python_source", "stack.depth=3", "stack.dropout=0", "data.batch_size=8")
WINDOWS = (4, 16, 64)


class DeepBPTT(Lesson):
    """Depth and window."""

    title = "Deep networks, and a limited window of time steps"
    place = 60
    look = (
        "The loss is the same whatever the window: the state is carried on, only the gradient is cut.",
        "Distance: |g_window - g_full| / |g_full|. It falls as the window grows, and is 0 where nothing is cut.",
        "The LSTM's gradient reaches further back than the vanilla RNN's, so the same window cuts off more of it.",
        "Compare untrained with trained: how much a window loses changes while the network learns to remember.",
        "Memory and the time of one update grow with the window: that is what the limit is for.",
    )
    next = (
        Try("rnnlab sweep bptt_window", "windows from short to long, trained and compared"),
        Try("rnnlab sweep depth", "one to several layers at equal parameters"),
        Try("rnnlab train stack.depth=3 bptt.window=16 trainer.max_minutes=1", "one of them alone"),
        Try("rnnlab cells show lstm stack.depth=3 --to pictures", "three layers, unrolled"),
    )

    def run(self) -> Iterator[Block]:
        T, hidden = self.sized(256, 64), self.sized(64, 8)
        rows: list[Row] = []
        for cell in ("elman", "lstm"):
            parts = assembled(*SETTINGS, f"cell={cell}", f"cell.hidden_size={hidden}", f"bptt.window={T}")
            batch = parts.learner.windows.batch(0, 1)
            rows += compared(parts.model, batch, f"{cell}, untrained")
            with self.progress(f"training cell={cell}") as bar:
                losses = list(trained(parts.learner, self.sized(60, 2), bar))
            rows += compared(parts.model, batch, f"{cell}, {len(losses)} steps")
        yield Text(
            f"Three layers of {hidden} units read {T} characters of Python's source in {len(batch.inputs)} rows; the"
            " loss at each character counts. The whole gradient goes back through all of them; a window of w cuts it"
            " every w steps. In float64.",
            {"steps": T, "hidden_size": hidden},
        )
        drawn = unrolled_diagram(parts.experiment.stack, "LSTM", alone=False)
        yield Picture("Three layers over four steps", "A window of 4 goes back through as much as this.", drawn)
        yield Table("windows", "Truncated against full", rows)


def compared(model: Task, batch: Batch, name: str) -> list[Row]:
    """One row for each window: the loss, and how far its gradient is from the whole one."""
    was = next(model.parameters()).dtype
    model.double()
    T = batch.inputs.shape[1]
    _, full = gradient(model, batch, T)
    rows: list[Row] = []
    for window in (*(w for w in WINDOWS if w < T), T):
        loss, found = gradient(model, batch, window)
        flat, whole = torch.cat([g.flatten() for g in found.values()]), torch.cat([g.flatten() for g in full.values()])
        row: Row = {"cell": name, "window": window, "loss": loss, "distance": distance(flat, whole)}
        row["cosine"] = float(torch.nn.functional.cosine_similarity(flat, whole, dim=0))
        for layer, key in enumerate(recurrent_matrices(model)):
            row[f"recurrent {layer + 1}"] = distance(found[key], full[key])
        rows.append(row)
    model.to(was)
    return rows


def gradient(model: Task, batch: Batch, window: int) -> tuple[float, dict[str, Tensor]]:
    """The loss for a character, and its gradient on each parameter, cut every ``window`` steps."""
    names = dict(model.named_parameters())
    total = {name: torch.zeros_like(weights) for name, weights in names.items()}
    T, loss_sum, state = batch.inputs.shape[1], 0.0, None
    for start in range(0, T, window):
        part = slice(start, start + window)
        loss, after = model.loss(Batch(batch.inputs[:, part], batch.targets[:, part]), state)
        share = loss * (len(range(*part.indices(T))) / T)
        for name, found in zip(names, torch.autograd.grad(share, list(names.values())), strict=True):
            total[name] += found
        loss_sum += float(share.detach())
        state = cut(after)
    return loss_sum, total


def distance(found: Tensor, whole: Tensor) -> float:
    """|found - whole| / |whole|."""
    return float((found - whole).norm() / whole.norm())


def recurrent_matrices(model: Task) -> list[str]:
    """The names of what the step of each layer multiplies its state by."""
    return [
        f"stack.cells.{number}.{name}"
        for number, cell in enumerate(model.stack.layers())
        for name in cell.step_weights
        if cell.get_parameter(name).dim() == 2
    ]
