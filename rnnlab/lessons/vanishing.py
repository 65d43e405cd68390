"""Vanishing gradients: 128 steps back from one error, in a vanilla RNN beside an LSTM, before any training."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Picture, Row, Table, Text
from rnnlab.lessons.running import assembled
from rnnlab.probes.base import Table as Columns
from rnnlab.probes.probing import Probing, prober_for
from rnnlab.report.chart import NARROW, Chart
from rnnlab.report.colours import by_rank
from rnnlab.report.markup import Markup
from rnnlab.report.scales import linear
from rnnlab.statistics import half_life
from rnnlab.studies import style

T = 128
PROBE = "gradient_flow"
RATE = f"probe/{PROBE}/rate_c"
SETTINGS = ("data=adding", f"data.length={T}", "task=regression", "embedding.size=16", "stack.dropout=0")
PAIR = {"Elman": ("cell=elman",), "LSTM": ("cell=lstm", "cell.forget_bias=3")}
BIASES = (0, 1, 2, 3, 5)
DECADES = 4
"""Below the largest value of both: what is smaller is as grey as nothing."""
SHOWN = (0, 1, 2, 4, 8, 16, 32, 64, 127)
Seen = tuple[dict[str, Columns], dict[str, float]]


class Vanishing(Lesson):
    """The lecture's two grey pictures, and their numbers."""

    title = "Vanishing gradients: how far back does an error at the last step reach?"
    place = 130
    look = (
        "Each column of the two pictures is a step, the last on the right; white is a large gradient, grey none.",
        "The vanilla RNN is grey after a few steps. Nothing was trained: here learning would start.",
        "Half-life: steps in which the gradient halves. Where the forget gate sits at f = sigmoid(b) and nothing else"
        " happens, that is ln 2 / -ln f: from 1 step at b = 0 to 103 at b = 5.",
        "As the cell starts, its gates also listen to x and h: that moves the half-life away from the formula, and with"
        " many units the way through h can carry so much that nothing decays (infinite).",
    )
    next = (
        Try("rnnlab sweep vanishing_gradient size=small", "the study: several seeds, intervals, claims and verdicts"),
        Try(
            f"rnnlab train {' '.join(SETTINGS)} cell=elman cell.hidden_size=64 trainer.max_steps=300 probe=all",
            "the same probe before, during and after training",
        ),
        Try("rnnlab probe last --at init --names gradient_flow", "the probe on a run that is there"),
        Try("rnnlab sweep remedies", "clipping, initialisations and gates against forgetting"),
    )

    def run(self) -> Iterator[Block]:
        hidden, rows = self.sized(64, 12), self.sized(8, 2)
        seen = {name: look_at(cell, hidden, rows) for name, cell in PAIR.items()}
        yield Text(
            f"The adding problem over {T} steps, the error at the last one alone; one layer of {hidden} units as it"
            f" starts, {rows} rows, in float64. The LSTM's forget bias is 3.",
            {"steps": T, "hidden_size": hidden, "rows": rows},
        )
        yield pictures(seen)
        yield by_lag(seen)
        yield curves(seen)
        with self.progress("forget biases") as bar:
            found = []
            for done, bias in enumerate(BIASES):
                bar(done, len(BIASES), f"b = {bias}")
                found.append(half_lives(bias, hidden, rows))
        yield Table("half_lives", "LSTM: half-life of the gradient on c in steps, by forget bias", found)


class Unlogged:
    """Where findings go that nobody keeps."""

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        return None

    def table(self, name: str, columns: Columns) -> None:
        return None

    def page(self, name: str, html: str) -> None:
        return None


def look_at(cell: tuple[str, ...], hidden: int, rows: int, deaf: bool = False) -> Seen:
    """Tables and figures of the probe on a model with its initial weights; deaf: all matrices of its cell are 0."""
    parts = assembled(*SETTINGS, *cell, f"cell.hidden_size={hidden}")
    for weights in parts.model.stack.parameters():
        if deaf and weights.dim() == 2:
            weights.data.zero_()
    config = Probing.Config(name="default", names=[PROBE], rows=rows, lags=T - 1)
    prober = prober_for(config, parts.model, parts.spec, parts.dataset)
    assert prober is not None, "a probe is asked for"
    return prober.look(parts.model, 0, Unlogged())


def log_norms(seen: Seen, quantity: str) -> list[float]:
    """log10 of the gradient's norm on a quantity, by lag."""
    table = seen[0]["gradient_flow"]
    named = zip(table["quantity"], table["log10_norm"], strict=True)
    return [value for name, value in named if name == quantity]


def by_lag(seen: dict[str, Seen]) -> Table:
    """The norm of the gradient some steps before the error, over that at the error."""
    ways = {f"{name}, d loss / d {part}": log_norms(each, part) for name, each in seen.items() for part in ("h", "c")}
    ways = {name: values for name, values in ways.items() if values}
    numbers = [{"steps back": lag} | {name: 10 ** (v[lag] - v[0]) for name, v in ways.items()} for lag in SHOWN]
    rows = [{key: value if key == "steps back" else f"{value:.1e}" for key, value in row.items()} for row in numbers]
    return Table("by_lag", "The gradient some steps back, as a share of that at the error", rows, numbers)


def half_lives(bias: int, hidden: int, rows: int) -> Row:
    """Measured on c, and what the forget gate alone would give."""
    cell = ("cell=lstm", f"cell.forget_bias={bias}")
    as_it_starts, gates_alone = (half_life(look_at(cell, hidden, rows, deaf)[1][RATE]) for deaf in (False, True))
    gate = 1 / (1 + math.exp(-bias))
    return {
        "forget bias": bias,
        "f": gate,
        "ln 2 / -ln f": half_life(math.log(gate)),
        "measured, matrices 0": gates_alone,
        "measured, as it starts": as_it_starts,
    }


def curves(seen: dict[str, Seen]) -> Picture:
    """log10 of the norms against the lag."""
    lines = {f"{name}, {part}": log_norms(each, part) for name, each in seen.items() for part in ("h", "c")}
    lines = {name: values for name, values in lines.items() if values}
    chart = Chart(NARROW, 300)
    across = linear([0, T - 1], chart.left, chart.right, air=0.0)
    up = linear([max(value, -16.0) for values in lines.values() for value in values], chart.bottom, chart.top)
    chart.x_axis(across, "steps back from the error")
    chart.y_axis(up, "log10 of the gradient's norm")
    for place, ((name, values), colour) in enumerate(zip(lines.items(), by_rank(len(lines)), strict=True)):
        kept = [(lag, value) for lag, value in enumerate(values) if value >= up.low]
        chart.line([(across.at(lag), up.at(value)) for lag, value in kept], colour, note=name)
        lag, value = kept[len(kept) * (place + 1) // (len(lines) + 1)]  # labels of close lines stand apart
        chart.text(across.at(lag) + 4, up.at(value) - 6, name, class_="over")
    drawn: Markup = chart.drawn("gradients by lag")
    return Picture(
        "The gradient by lag", "A straight line halves at a constant rate; its slope is the half-life.", drawn
    )


def pictures(seen: dict[str, Seen]) -> Picture:
    """The gradient on the input matrix as each step adds to it, one image for each network, on one scale of greys."""
    from matplotlib.colors import LinearSegmentedColormap

    greys = LinearSegmentedColormap.from_list("lecture", ["#8a8a8a", "#ffffff"])
    images = {name: input_gradients(each[0]["input_gradient"]) for name, each in seen.items()}
    largest = max(float(image.max()) for image in images.values())
    with style.styled():
        drawing, axes = style.sheet(len(images), 1, 1.7)
        for place, (name, image) in zip(axes, images.items(), strict=True):
            with np.errstate(divide="ignore"):
                shades = np.clip(1 + np.log10(image / largest) / DECADES, 0, 1)
            extent = (-image.shape[1] + 0.5, 0.5, image.shape[0] - 0.5, -0.5)
            place.imshow(shades, cmap=greys, vmin=0, vmax=1, aspect="auto", interpolation="nearest", extent=extent)
            place.set(ylabel=f"{name}: unit", yticks=[])
            place.grid(False)
        axes[-1].set_xlabel("step, counted from the error")
        file = io.BytesIO()
        drawing.savefig(file, format="png", dpi=130, metadata={"Software": None})
    caption = (
        f"What each step adds to the gradient on the input matrix, for each unit: white is the largest value of both"
        f" pictures, grey {DECADES} decades below it or less."
    )
    return Picture("The lecture's two grey pictures", caption, file.getvalue())


def input_gradients(table: Mapping[str, list[Any]]) -> np.ndarray:
    """The norm over input features of what each step adds: (units, steps)."""
    t, unit = np.array(table["t"]), np.array(table["unit"])
    image = np.zeros((unit.max() + 1, t.max() + 1))
    np.add.at(image, (unit, t), np.square(table["gradient"]))
    return np.sqrt(image)
