"""TensorFlow-Examples' recurrent networks: as they were written, and as they should be, on whole test sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from rnnlab.config import registry
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Sequences
from rnnlab.data.spec import DataSpec
from rnnlab.data.windows import SequenceBatches
from rnnlab.lessons.as_tensorflow import LastOutput, accuracy, influence, start_as_tensorflow
from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Table, Text
from rnnlab.lessons.running import Settings, composed, trained
from rnnlab.lessons.toy_sequences import toy_sequences
from rnnlab.models.tasks.classification import Classification
from rnnlab.parts import model_for
from rnnlab.statistics import Interval, wilson_interval
from rnnlab.training.bptt import CarriedState
from rnnlab.training.learner import Learner
from rnnlab.training.seeds import INITIALISATION, reseed

BATCH, FEW = 128, 128
"""Rows of a training step; test images that the originals look at."""
ORIGINAL_STEPS = 10_000
PLAIN = ("task=classification", "embedding=none", "cell=lstm", "cell.forget_bias=1", "stack.dropout=0")
THEIRS = (
    *("optimizer=sgd", "optimizer.clip_norm=null", "optimizer.schedule=constant", "optimizer.warmup_steps=0"),
    "stack.backend=native",
)
OURS = ("optimizer=adamw", "optimizer.lr=5e-3", "stack.backend=native")


@dataclass(frozen=True, slots=True)
class Example:
    """One of their programs. printed, of: the accuracy that it printed, on so many items."""

    name: str
    settings: Settings
    rate: str
    printed: float
    of: int


RECURRENT = Example("recurrent", ("cell.hidden_size=128",), "1e-3", 0.8828, FEW)
BOTH_WAYS = replace(
    RECURRENT, name="bidirectional", settings=("cell.hidden_size=128", "stack.bidirectional=true"), printed=0.8906
)
DYNAMIC = Example("dynamic", ("cell.hidden_size=64",), "1e-2", 0.952, 500)


class TFExamples(Lesson):
    """recurrent_network, bidirectional_rnn and dynamic_rnn of TensorFlow-Examples."""

    title = "TensorFlow-Examples: three recurrent networks, as written and as they should be"
    place = 110
    look = (
        "An accuracy on 128 images is known to about five points only: compare its interval with that of all images.",
        "As written, plain gradient descent at 1e-3 is far from done; the loss says so, the program does not.",
        "outputs[-1] of a bidirectional network: the backward cell has read one row there. The table of influence is 0"
        " in all other rows.",
        "dynamic trains on the same 1,000 sequences in the same order again and again; its 500 for the test leave four"
        " points open and may be among those of training, as there are 17,811 different ones that count. The 5,000 are"
        " of data=linear_or_random, where none is drawn twice.",
    )
    next = (
        Try(
            "rnnlab train data=mnist data.batch_size=128 task=classification embedding=none cell.hidden_size=128"
            " stack.dropout=0.2 trainer.max_minutes=10",
            "the first one, trained until it is good",
        ),
        Try(
            "rnnlab train data=digits task=classification embedding=none cell.hidden_size=64 stack.bidirectional=true"
            " trainer.max_steps=1000",
            "bidirectional, on small digits, in a minute",
        ),
        Try("rnnlab cells show lstm stack.bidirectional=true --to pictures", "what reads what in both directions"),
    )

    def run(self) -> Iterator[Block]:
        data, dataset = handwriting()
        spec = dataset.prepare()
        steps = {"recurrent": self.sized(400, 4), "bidirectional": self.sized(300, 3), "dynamic": self.sized(2000, 20)}
        yield Text(
            f"Images: data={data}, read row by row, {spec.sizes['test']:,} for the test. What differs from the"
            f" originals: {', '.join(f'{count:,} steps for {name}' for name, count in steps.items())} in place of"
            f" {ORIGINAL_STEPS:,} each, so that as written they have learned less here than then; torch in place of"
            " TensorFlow, with the same equations and the same distributions of initial weights"
            + ("." if data == "mnist" else "; small digits, as MNIST is not at hand: the printed numbers are MNIST's."),
            {"data": data, "steps": steps},
        )
        for example in (RECURRENT, BOTH_WAYS):
            yield from self.on_images(example, dataset, spec, steps[example.name])
        yield self.dynamic(steps["dynamic"])

    def on_images(self, example: Example, dataset: Dataset, spec: DataSpec, steps: int) -> Iterator[Block]:
        """Train an image reader in both ways, and measure both on a few images and on all."""
        train, test = sequences(dataset, "train"), sequences(dataset, "test")
        tests = {f"{FEW} images": first_few(test, dataset), f"all {len(test.labels):,}": test}
        written = self.learned(example, True, spec, SequenceBatches(train, BATCH, 0), steps)
        should = self.learned(example, False, spec, SequenceBatches(train, BATCH, 0), steps)
        yield compared(example, {"as written": written, "as it should be": should}, tests, steps)
        if example is BOTH_WAYS:
            yield reached({"as written": written, "as it should be": should}, test)

    def dynamic(self, steps: int) -> Table:
        """Sequences of many lengths: as written 1,000 in one order, as it should be 20,000 in mixed order."""
        fresh: Dataset = registry.build("data", composed("data=linear_or_random", "data.held_out=5000", *PLAIN).data)
        spec = fresh.prepare()
        tests = {"500 sequences": toy_sequences(500, 1), "5,000 fresh": sequences(fresh, "test")}
        written = self.learned(DYNAMIC, True, spec, SequenceBatches(toy_sequences(1000, 0), BATCH, None), steps)
        should = self.learned(DYNAMIC, False, spec, SequenceBatches(sequences(fresh, "train"), BATCH, 0), steps)
        return compared(DYNAMIC, {"as written": written, "as it should be": should}, tests, steps)

    def learned(
        self, example: Example, as_written: bool, spec: DataSpec, windows: SequenceBatches, steps: int
    ) -> Classification:
        """A model after so many steps."""
        theirs = (*THEIRS, f"optimizer.lr={example.rate}")
        experiment = composed(*PLAIN, "data=digits", *example.settings, *(theirs if as_written else OURS))
        reseed(0, INITIALISATION)
        model = model_for(experiment, spec)
        assert isinstance(model, Classification)
        if as_written:
            if example is not DYNAMIC:
                model = LastOutput(model.config, model.embedding, model.stack, spec)
            start_as_tensorflow(model)
        optimizer = registry.build("optimizer", experiment.optimizer)
        learner = Learner(model, optimizer, windows, CarriedState.fresh, 0, torch.device("cpu"))
        way = "as written" if as_written else "as it should be"
        with self.progress(f"{example.name}, {way}") as bar:
            for _ in trained(learner, steps, bar):
                pass
        return model


def handwriting() -> tuple[str, Dataset]:
    """MNIST where it is at hand, else the small digits; by name."""
    name = "mnist" if registry.component("data", "mnist").place() is not None else "digits"
    return name, registry.build("data", composed(f"data={name}", *PLAIN).data)


def sequences(dataset: Dataset, split: str) -> Sequences:
    found = dataset.split(split)
    assert isinstance(found, Sequences)
    return found


def first_few(test: Sequences, dataset: Dataset) -> Sequences:
    """The first 128 test images as in the originals; of the small digits, which are sorted, 128 at random."""
    count = len(test.labels)
    order = np.arange(count) if dataset.option() == "mnist" else np.random.default_rng(0).permutation(count)
    return Sequences(test.inputs[order[:FEW]], test.labels[order[:FEW]])


def compared(example: Example, models: dict[str, Classification], tests: dict[str, Sequences], steps: int) -> Table:
    """The number that was printed, and both models on both tests, with Wilson intervals."""
    printed = wilson_interval(round(example.printed * example.of), example.of)
    rows = [{"": f"printed, {ORIGINAL_STEPS:,} steps", "test": f"{example.of}", **shown(printed)}]
    numbers = [{"way": "printed", "test": str(example.of), **told(printed)}]
    for way, model in models.items():
        for test, split in tests.items():
            found = accuracy(model, split)
            rows.append({"": f"{way}, {steps:,} steps", "test": test, **shown(found)})
            numbers.append({"way": way, "test": test, **told(found)})
    return Table(example.name, f"{example.name}: accuracy", rows, numbers)


def shown(found: Interval) -> dict[str, str]:
    return {"accuracy": f"{found.estimate:.2%}", "95 % interval": f"{found.low:.2%} to {found.high:.2%}"}


def told(found: Interval) -> dict[str, float]:
    return {"accuracy": found.estimate, "low": found.low, "high": found.high, "items": found.n}


def reached(models: dict[str, Classification], test: Sequences) -> Table:
    """How much each row of an image moves the answer through the backward half that the head reads."""
    inputs = torch.from_numpy(np.array(test.inputs[:FEW]))
    by_row = {way: influence(model, inputs).tolist() for way, model in models.items()}
    count = len(next(iter(by_row.values())))
    shown_rows = sorted({0, 1, count // 2, count - 2, count - 1})
    rows = [{"row of the image": row, **{way: by_row[way][row] for way in by_row}} for row in shown_rows]
    numbers = [{"row": row, **{way: by_row[way][row] for way in by_row}} for row in range(count)]
    return Table("influence", "Influence of a row through the backward half (norm of a gradient)", rows, numbers)
