"""TensorBoard: scalars, histograms, graph and text of a run, where they are, and the event file for its own page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from rnnlab.analysis.tables import read_table, table_steps
from rnnlab.config import registry
from rnnlab.describe.plan import plan_of
from rnnlab.describe.unrolled import experiment_diagram
from rnnlab.errors import Interrupted, RequestError
from rnnlab.experiment import Experiment
from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Lines, Picture, Table, Text
from rnnlab.lessons.running import composed
from rnnlab.parts import Show
from rnnlab.studies.histogram_figures import histogram_figures
from rnnlab.studies.rendering import png
from rnnlab.tracking.entries import read_log
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.tensorboard import FOLDER, check_installed
from rnnlab.train import run as train

SETTINGS = ("data=python_source", "cell=lstm", "stack.dropout=0", "probe=growth", "optimizer.lr=5e-3")
INSTALL = "pip install 'rnnlab[tensorboard]'"
SHOWN = ("weight_layer0", "gradient_layer0", "activation_layer0")
"""The histograms that are shown here; the run's page has all."""
NAME = "lesson"
"""The run's id."""

Scalars = list[tuple[str, int, float]]
"""(key, step, value), sorted."""


class TensorBoard(Lesson):
    """What one looks at while a network learns."""

    title = "TensorBoard: scalars, histograms, graph and text of a run"
    place = 120
    look = (
        "Nothing has to be asked of TensorBoard: every figure of a run is in its points.jsonl, what probe=growth adds"
        " is in its tables and pages, and MLflow shows all of it.",
        "The event file is a transcription of that log for those who like TensorBoard's page. It holds scalars;"
        " histograms, graph and text are pages of the run's own, which need no server.",
        "Histograms: a column is one moment of training, the white line its median. Look when weights begin to spread"
        " (the learning rate grows over the first steps), and whether gates crowd at 0 or 1, where they learn little.",
        "Text: the same seed at each look. What changes from one to the next is the model.",
    )
    next = (
        Try(f"rnnlab train {' '.join(SETTINGS)} tracking.tensorboard=true trainer.max_minutes=5", "a run that is kept"),
        Try("rnnlab report last", "its page: curves, figures, and what the probes saw"),
        Try("rnnlab probe last --names growth", "the same looks at a run that is there already"),
        Try("rnnlab ui", "MLflow's page of all runs, without a server elsewhere"),
        Try("rnnlab lesson vanishing", "one of the probes that measure more than a histogram shows"),
    )

    def run(self) -> Iterator[Block]:
        installed = has_tensorboard()
        steps = self.sized(900, 12)
        experiment = composed(
            *SETTINGS,
            f"cell.hidden_size={self.sized(96, 24)}",
            f"data.max_bytes={self.sized(2_000_000, 400_000)}",
            f"trainer.max_steps={steps}",
            f"probe.times={self.sized(10, 4)}",
            "tracking.store=none",
            f"tracking.tensorboard={str(installed).lower()}",
        )
        with TemporaryDirectory() as place:
            folder = RunFolder.create(NAME, root=Path(place))
            with self.progress("training") as bar:
                show = Show(training=lambda step, of, loss: bar(step, of, f"loss {loss:.3f}"))
                state = train(experiment, folder=folder, show=show).state
            if state == "interrupted":
                raise Interrupted("lesson tensorboard: interrupted; it starts anew each time")
            yield from told(folder, experiment, steps, installed)


def has_tensorboard() -> bool:
    """Whether event files can be written and read."""
    try:
        check_installed()
    except RequestError:
        return False
    return True


def told(folder: RunFolder, experiment: Experiment, steps: int, installed: bool) -> Iterator[Block]:
    """What a run wrote, view by view."""
    logged = scalars_of(folder)
    keys = sorted({key for key, _, _ in logged})
    tables = [read_table(path, "histograms") for path in table_steps(folder, "histograms").values()]
    yield Text(
        f"A run of {steps:,} steps of an LSTM with {experiment.cell.hidden_size} units on the standard library's"
        f" source, with probe=growth, in a folder that is gone when this ends. It logged {len(logged)} values under"
        f" {len(keys)} keys; its probes looked {len(tables)} times.",
        {"steps": steps, "values": len(logged), "keys": keys, "looks": [table.step for table in tables]},
    )
    yield views(folder, keys, len(tables), installed)
    for figure in histogram_figures(tables):
        if figure.name in SHOWN:
            caption = "Each column is a histogram at one training step: the brighter, the more values; white: median."
            yield Picture(f"Histograms: {figure.title.lower()}", caption, png(figure))
    caption = f"{experiment.data.name}: the experiment over a few steps; the page also has one step of the cell."
    drawn = experiment_diagram(
        plan_of(experiment), registry.component("cell", experiment.cell.name).__name__, alone=False
    )
    yield Picture("Graph", caption, drawn)
    yield samples(folder)
    yield read_back(folder, logged, installed)


def scalars_of(folder: RunFolder) -> Scalars:
    """Every value of the run's log, with 32 bits, as event files hold them."""
    return sorted(
        (key, entry["step"], float(np.float32(value)))
        for entry in read_log(folder)
        if entry["kind"] == "metric"
        for key, value in entry["values"].items()
    )


def views(folder: RunFolder, keys: list[str], looks: int, installed: bool) -> Table:
    """TensorBoard's tabs, and where the same is here."""

    def size(pattern: str) -> str:
        return f"{sum(path.stat().st_size for path in folder.path.glob(pattern)) / 1000:,.0f} kB"

    events = f"{FOLDER}/*" if installed else f"(needs tensorboard: {INSTALL})"
    there = [
        ("scalars", "points.jsonl", f"{len(keys)} keys", size("points.jsonl")),
        ("scalars, for TensorBoard", events, f"{len(keys)} keys" if installed else "", size(f"{FOLDER}/*")),
        ("histograms", "tables/histograms, pages/histograms.html", f"{looks} looks", size("*/histograms*/*")),
        ("graph", "pages/graph.html", "one page", size("pages/graph.html")),
        ("text", "tables/samples, pages/samples.html", f"{looks} looks", size("tables/samples/*")),
    ]
    rows = [{"view": view, "in the run's folder": where, "what": what, "size": kB} for view, where, what, kB in there]
    numbers = [{"view": view, "where": where, "what": what} for view, where, what, _ in there]
    return Table("views", "What was written", rows, numbers)


def samples(folder: RunFolder) -> Lines:
    """The first characters that it wrote at temperature 0.8, at each look."""
    lines = []
    for step, path in table_steps(folder, "samples").items():
        table = read_table(path, "samples")
        texts = dict(zip(table["temperature"], table["text"], strict=True))
        lines.append(f"step {step:>5}  {json.loads(texts[0.8])[:90]!r}")
    return Lines("samples", "Text: what it writes at temperature 0.8", lines)


def read_back(folder: RunFolder, logged: Scalars, installed: bool) -> Text:
    """Whether TensorBoard sees what the log has."""
    if not installed:
        return Text(
            f"The package tensorboard is not installed: no event file was written, and nothing was read back. {INSTALL}"
            " brings both the writer and `tensorboard --logdir runs`. All the rest of this needs nothing more.",
            {"installed": False},
        )
    read = events_of(folder)
    equal = read == logged
    return Text(
        f"Read back from the event file by TensorBoard's own reader: {len(read)} values,"
        f" {'each equal to' if equal else 'which are NOT all equal to'} the {len(logged)} of the log, key by key and"
        " step by step, as 32 bits hold them. `tensorboard --logdir runs` shows them. The package tensorboard"
        f" ({INSTALL}) is needed for writing the file too.",
        {"installed": True, "read_back": len(read), "equal": equal},
    )


def events_of(folder: RunFolder) -> Scalars:
    """The same as TensorBoard reads it."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    accumulator = EventAccumulator(str(folder.path / FOLDER), size_guidance={"scalars": 0})
    accumulator.Reload()
    return sorted(
        (key, event.step, event.value) for key in accumulator.Tags()["scalars"] for event in accumulator.Scalars(key)
    )
