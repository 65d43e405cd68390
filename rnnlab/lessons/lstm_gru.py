"""LSTM and GRU gate by gate on a short text, and the three GRUs that go by one name."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Lines, Table, Text
from rnnlab.lessons.running import assembled, composed, trained
from rnnlab.models.cells.base import Cell
from rnnlab.models.cells.gru import GRU
from rnnlab.models.cells.gru_cho import GRUCho
from rnnlab.models.equations import equations_of
from rnnlab.models.model import build_stack
from rnnlab.models.sampling import encode
from rnnlab.models.stack import Stack
from rnnlab.parts import Parts
from rnnlab.training.seeds import reseed

TEXT = 'x = "ab" '
SETTINGS = ("data=python_source", "embedding=one_hot", "cell.hidden_size=64", "stack.dropout=0", "bptt.window=32")
HIDDEN, FEATURES, ROWS = 16, 8, 4


class LSTMGRU(Lesson):
    """What each gate does to each number."""

    title = "LSTM and GRU, gate by gate"
    place = 50
    look = (
        "c_t = f_t c_(t-1) + i_t g_t: with f near 1 a cell keeps what it has, with f near 0 it forgets it at once.",
        "The unit that is shown is the one whose forget gate (in the GRU: z) moves most over the text: look where it"
        " drops.",
        "Resetting before the product or after it are two networks, not two notations: the outputs differ, and with"
        " all reset gates at 1 they agree.",
        "The slide's GRU has no biases: that is cell=gru_cho cell.bias=false. nn.GRU and cuDNN are cell=gru.",
    )
    next = (
        Try("rnnlab cells show lstm --to pictures", "the diagram in the notation of Greff 2017"),
        Try("rnnlab cells show gru_cho", "the GRU as it was published"),
        Try("rnnlab cells check gru", "against torch.nn.GRU and equations in plain numbers"),
        Try("rnnlab train -m cell=lstm,peephole_lstm,gru,gru_cho seed=0,1 trainer.max_minutes=1", "which learns more"),
    )

    def run(self) -> Iterator[Block]:
        for name in ("lstm", "gru"):
            parts = assembled(*SETTINGS, f"cell={name}")
            with self.progress(f"training cell={name}") as bar:
                losses = list(trained(parts.learner, self.sized(300, 5), bar))
            cell = next(parts.model.stack.layers())
            lines = [f"{each.text:<56}  {each.gloss}" for each in equations_of(type(cell))]
            yield Lines(f"{name}_equations", f"cell={name}", lines)
            yield gates(parts, name, losses)
        yield three_grus(self.sized(64, 16))
        yield closed_gates()


@torch.no_grad()
def gates(parts: Parts, name: str, losses: list[float]) -> Table:
    """All intermediates of one unit over the text."""
    stack = parts.model.stack
    x_1TD = parts.model.embedding(torch.tensor([encode(TEXT, parts.spec)]))
    seen = stack.trace(x_1TD)
    cell = next(stack.layers())
    shown = [each for each in cell.names if not each.startswith("a_")]
    values = {each: seen.stacked(0, each)[0] for each in shown}
    keeps_TH = values["f" if "f" in values else "z"]
    unit = int((keeps_TH.amax(dim=0) - keeps_TH.amin(dim=0)).argmax())
    numbers = [
        {"t": t + 1, "reads": character} | {each: float(values[each][t, unit]) for each in shown}
        for t, character in enumerate(TEXT)
    ]
    rows = [{key: f"{v:.3f}" if isinstance(v, float) else v for key, v in row.items()} for row in numbers]
    rows = [row | {"reads": repr(row["reads"])} for row in rows]
    step = f"after {len(losses):,} steps on Python's source (loss {losses[-1]:.2f})"
    return Table(name, f"cell={name}, unit {unit} of {cell.hidden_size}, {step}", rows, numbers)


@torch.no_grad()
def three_grus(T: int) -> Table:
    """The same weights in each form: the largest difference of the outputs over T steps."""
    slide, cho, cudnn = grus()
    x_BTD = torch.randn(ROWS, T, FEATURES, dtype=torch.float64)
    biases_G = torch.randn(3 * HIDDEN, dtype=torch.float64)
    cho.b_G.copy_(biases_G)
    with_biases = outputs(cho, x_BTD)
    cudnn.b_G.copy_(biases_G)
    cudnn_with_biases = outputs(cudnn, x_BTD)
    cudnn.b_G.zero_()
    plain = outputs(slide, x_BTD)
    pairs = {
        "slide (no biases) and Cho 2014 with biases": plain - with_biases,
        "Cho 2014 and cuDNN, both with biases: reset before or after the product": with_biases - cudnn_with_biases,
        "slide and cuDNN without biases: reset before or after the product": plain - outputs(cudnn, x_BTD),
        "the same with every reset gate held at 1": open_reset(slide, x_BTD) - open_reset(cudnn, x_BTD),
        "the same with z for 1 - z (Chung 2014 writes it so)": plain - swapped(cudnn, x_BTD),
    }
    rows = [
        {"forms": name, "largest": float(d.abs().max()), "root mean square": float(d.square().mean().sqrt())}
        for name, d in pairs.items()
    ]
    return Table("grus", f"Outputs of {HIDDEN} units over {T} steps with the same matrices: they differ by", rows)


def grus() -> tuple[GRUCho, GRUCho, GRU]:
    """The slide's, Cho's and cuDNN's, in float64 with the same matrices; recurrent ones of a trained size."""
    reseed(0, 1)
    configs = [composed(f"cell={name}", f"cell.hidden_size={HIDDEN}").cell for name in ("gru_cho", "gru")]
    plain = composed("cell=gru_cho", "cell.bias=false", f"cell.hidden_size={HIDDEN}").cell
    assert isinstance(plain, GRUCho.Config) and isinstance(configs[0], GRUCho.Config)
    slide, cho, cudnn = GRUCho(plain, FEATURES), GRUCho(configs[0], FEATURES), GRU(configs[1], FEATURES)
    for cell in (cho, cudnn):
        cell.W_GD.data.copy_(slide.W_GD)
        cell.R_GH.data.copy_(slide.R_GH)
    return slide.double(), cho.double(), cudnn.double()


def alone(cell: Cell) -> Stack:
    """One layer of it."""
    return Stack(composed("stack.dropout=0", "stack.backend=loop").stack, [cell])


def outputs(cell: Cell, x_BTD: Tensor) -> Tensor:
    return alone(cell)(x_BTD)[0]


def open_reset(cell: Cell, x_BTD: Tensor) -> Tensor:
    """Its outputs where no gate resets anything."""
    hold = alone(cell).trace(x_BTD, edit=lambda layer, t, name, value: torch.ones_like(value) if name == "r" else value)
    return hold.output_BTH


def swapped(cell: Cell, x_BTD: Tensor) -> Tensor:
    """Its outputs where the update gate means the opposite."""
    seen = alone(cell).trace(x_BTD, edit=lambda layer, t, name, value: 1 - value if name == "z" else value)
    return seen.output_BTH


@torch.no_grad()
def closed_gates() -> Text:
    """An LSTM with i held at 0 and f at 1 keeps its c for ever: the reason that it was invented."""
    reseed(0, 2)
    experiment = composed("cell=lstm", f"cell.hidden_size={HIDDEN}", "stack.dropout=0", "stack.backend=loop")
    stack = build_stack(experiment.stack, experiment.cell, FEATURES).double()
    held = {"i": 0.0, "f": 1.0}
    c_BH = torch.randn(ROWS, HIDDEN, dtype=torch.float64)
    start = ((torch.zeros_like(c_BH), c_BH),)
    x_BTD = torch.randn(ROWS, 1000, FEATURES, dtype=torch.float64)
    seen = stack.trace(
        x_BTD, start, edit=lambda layer, t, name, v: torch.full_like(v, held[name]) if name in held else v
    )
    moved = float((seen.values[0]["c"][-1] - c_BH).abs().max())
    return Text(
        f"With i held at 0 and f at 1, c after 1,000 steps of noise differs from c_0 by {moved:g}: what is behind"
        " closed gates stays, to the bit.",
        {"moved_after_1000_steps": moved},
    )
