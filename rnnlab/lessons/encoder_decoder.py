"""Encoder and decoder: a word read, then written backwards, with attention and without."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnlab.data.contents import Sequences
from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Picture, Row, Table, Text
from rnnlab.lessons.running import assembled, trained
from rnnlab.models.decoding.writing import Search, Written, numbered, write
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder
from rnnlab.parts import Parts
from rnnlab.report.attention import Alignment, picture

SETTINGS = (
    *("recipe=reverse", "data.length=8", "data.min_length=4", "data.kinds=10", "data.held_out=300"),
    *("embedding.size=32", "cell.hidden_size=48", "optimizer.lr=1e-2"),
)
ATTENTIONS = ("dot", "none")
WORD = "abcdefgh"


class EncoderDecoderLesson(Lesson):
    """A sequence in, a sequence out."""

    title = "Encoder and decoder: read a word, then write it backwards"
    place = 80
    look = (
        "Without attention all that was read must fit into one vector; with it, each step of writing looks back.",
        "Teacher-forced loss reads the right letters; error is the share of words that it gets wrong when it reads its"
        " own. Only the second tells what it can do.",
        "The picture: a row for each letter that is written, dark where it looked. Writing backwards is the diagonal"
        " from the upper right to the lower left, and nobody told it so.",
    )
    next = (
        Try("rnnlab train recipe=reverse trainer.max_minutes=5", "longer words, as a run that is kept"),
        Try("rnnlab translate last abcdefgh --beam 5 --html attention.html", "that run asked, with pictures"),
        Try("rnnlab train recipe=dates trainer.max_minutes=5", "dates of many languages into one form"),
        Try("rnnlab train -m recipe=reverse attention=none,dot,general,additive trainer.max_minutes=2", "four ways"),
    )

    def run(self) -> Iterator[Block]:
        steps = self.sized(1200, 10)
        rows: list[Row] = []
        written: dict[str, list[Written]] = {}
        for attention in ATTENTIONS:
            parts = assembled(*SETTINGS, f"attention={attention}")
            before = parts.validate()
            with self.progress(f"training attention={attention}") as bar:
                for _ in trained(parts.learner, steps, bar):
                    pass
            written[attention] = words_of(parts, self.sized(100, 10))
            rows += [row(attention, 0, before), row(attention, steps, parts.validate())]
        yield Text(
            f"Words of 4 to 8 of {len(parts.spec.symbols)} letters, drawn at random; a bidirectional LSTM reads, an"
            f" LSTM writes; {steps:,} steps of {parts.experiment.data.batch_size} words each. Figures are over"
            f" {parts.spec.sizes['val']} words that were not trained on.",
            {"steps": steps},
        )
        yield Table("figures", "Loss with the right letters before; errors with its own", rows)
        yield looked(written["dot"])
        yield drawn(written["dot"][0])


def row(attention: str, step: int, figures: dict[str, float]) -> Row:
    return {"attention": attention, "step": step, "loss": figures["loss"], "words wrong": figures["error"]} | {
        "edits per letter": figures["symbol_error"]
    }


def words_of(parts: Parts, count: int) -> list[Written]:
    """What it writes, greedily, about one word that people can read, and about ``count`` of the validation part."""
    model, val = parts.model, parts.dataset.split("val")
    assert isinstance(model, EncoderDecoder) and isinstance(val, Sequences) and val.lengths is not None
    drawn_words = [word[:length].tolist() for word, length in zip(val.inputs[:count], val.lengths[:count], strict=True)]
    model.eval()
    found = write(model, parts.spec, [numbered(WORD, parts.spec, WORD), *drawn_words], Search(beam=1))
    model.train()
    return found


def looked(written: list[Written]) -> Text:
    """How much of the attention lies where the letter stands that is to be written."""
    shares = [share for each in written for share in on_diagonal(each)]
    mass = float(np.mean(shares))
    uniform = float(np.mean([1 / len(each.source) for each in written]))
    return Text(
        f"Of the attention, {mass:.1%} lies on the letter that is to be written next (evenly spread it would be"
        f" {uniform:.1%}), over {len(written)} words.",
        {"mass_on_diagonal": mass, "evenly_spread": uniform},
    )


def on_diagonal(each: Written) -> list[float]:
    """The weight of step u on letter u before the last, for each step that has such a letter."""
    assert each.weights is not None, "it has attention"
    steps = min(len(each.source), len(each.weights))
    return [float(each.weights[u, len(each.source) - 1 - u]) for u in range(steps)]


def drawn(each: Written) -> Picture:
    """Where it looked while it wrote one word."""
    assert each.weights is not None, "it has attention"
    text = "".join(each.target)
    alignment = Alignment(each.source, each.target, each.weights.tolist(), text, each.score)
    caption = f"It read {''.join(each.source)!r} from left to right and wrote {text!r} from top to bottom."
    return Picture("Where it looked", caption, picture(alignment))
