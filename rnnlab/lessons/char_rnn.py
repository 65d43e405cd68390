"""char-rnn: a minute of training on Python's own source, and what it writes at three temperatures."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Lines, Picture, Table, Text
from rnnlab.lessons.running import assembled, trained
from rnnlab.models.sampling import Sampling, decode, encode, generate
from rnnlab.models.tasks.language_model import LanguageModel
from rnnlab.parts import Parts
from rnnlab.report.chart import NARROW, Chart, thinned
from rnnlab.report.colours import BEST
from rnnlab.report.scales import linear, logarithmic
from rnnlab.training.trainer import steps_in_budget

SETTINGS = ("data=python_source", "cell=lstm", "cell.hidden_size=192", "stack.dropout=0.1", "bptt.window=64")
MINUTES = 1.0
PRIMER = "def "
TEMPERATURES = (0.2, 0.7, 1.2)
VALIDATIONS = 4


class CharRNN(Lesson):
    """Characters in, characters out."""

    title = "char-rnn: a network that writes code, one character after the other"
    place = 30
    look = (
        "Temperature divides the logits: 0.2 repeats what is safest, 1.2 misspells; between them it looks like code.",
        "Names, brackets and indentation come first; that a name was defined before is beyond a minute.",
        "Bits for a character: log2 of the vocabulary knows nothing; validation is on files that it never saw.",
    )
    next = (
        Try(f"rnnlab train {' '.join(SETTINGS)} trainer.max_minutes=10", "ten minutes, as a run that is kept"),
        Try("rnnlab sample last --primer 'class ' --temperature 0.7 --length 600", "more of that run's code"),
        Try("rnnlab train data=tinyshakespeare cell.hidden_size=512 trainer.max_minutes=3", "Shakespeare"),
        Try("rnnlab train -m cell=elman,gru,lstm seed=0,1 trainer.max_minutes=1", "which cell learns more in a minute"),
    )

    def run(self) -> Iterator[Block]:
        budget = "trainer.max_steps=20" if self.quick else f"trainer.max_minutes={MINUTES:g}"
        parts = assembled(*SETTINGS, budget, f"data.max_bytes={self.sized(2_000_000, 400_000)}")
        learner, spec = parts.learner, parts.spec
        steps = steps_in_budget(parts.experiment.trainer, learner)
        count = sum(weights.numel() for weights in learner.parameters)
        yield Text(
            f"{spec.sizes['train']:,} characters of the standard library, {spec.vocabulary} different ones; an LSTM"
            f" with {count:,} parameters. {'A minute is' if not self.quick else 'Quick:'} {steps:,} steps of"
            f" {parts.experiment.data.batch_size} x {parts.experiment.bptt.window} characters on this machine.",
            {"parameters": count, "steps": steps, "vocabulary": spec.vocabulary},
        )
        measured = [(0, parts.validate()["bits_per_char"])]
        losses: list[float] = []
        with self.progress("training") as bar:
            for loss in trained(learner, steps, bar):
                losses.append(loss)
                if len(losses) in {math.ceil(steps * k / VALIDATIONS) for k in range(1, VALIDATIONS + 1)}:
                    measured.append((len(losses), parts.validate()["bits_per_char"]))
        yield progress_table(measured, spec.vocabulary)
        yield curve(losses)
        yield from samples(parts, self.sized(400, 60))


def progress_table(measured: list[tuple[int, float]], vocabulary: int) -> Table:
    """Bits for a character of the validation part over training."""
    rows = [{"step": step, "bits/char": bits, "one in": 2**bits} for step, bits in measured]
    title = f"On files that it never saw (knowing nothing: log2 {vocabulary} = {math.log2(vocabulary):.2f} bits)"
    return Table("validation", title, rows)


def curve(losses: list[float]) -> Picture:
    """The loss of each step."""
    chart = Chart(NARROW, 260)
    points = thinned(list(enumerate(losses, start=1)), 300)
    across = logarithmic([1, max(2, len(losses))], chart.left, chart.right)
    up = linear(losses, chart.bottom, chart.top)
    chart.x_axis(across, "step")
    chart.y_axis(up, "loss (nats)")
    chart.line([(across.at(step), up.at(loss)) for step, loss in points], BEST)
    return Picture("The loss of each step", "Training loss; steps on a logarithmic axis.", chart.drawn("training loss"))


def samples(parts: Parts, length: int) -> Iterator[Lines]:
    """What it writes after a primer, at each temperature, from the same seed."""
    model = parts.model.eval()
    assert isinstance(model, LanguageModel)
    for temperature in TEMPERATURES:
        drawn = generate(model, encode(PRIMER, parts.spec), Sampling(length=length, temperature=temperature, seed=1))
        text = PRIMER + "".join(decode(drawn, parts.spec))
        yield Lines(f"sample_{temperature:g}", f"Temperature {temperature:g}", text.splitlines())
