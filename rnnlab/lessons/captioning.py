"""Pictures into sentences: a CNN reads, an LSTM writes, and attention shows where it looks at each word."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from rnnlab.data.base import Dataset
from rnnlab.data.contents import Sequences
from rnnlab.data.windows import SequenceBatches
from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Lines, Picture, Row, Table, Text
from rnnlab.lessons.running import assembled, trained
from rnnlab.models.decoding.searching import greedy
from rnnlab.models.encoders.pictures import PictureEncoder
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder, read_before
from rnnlab.parts import Parts
from rnnlab.statistics import wilson_interval
from rnnlab.studies import style

SETTINGS = (
    *("recipe=captions", "data.examples=8000", "data.held_out=200", "data.batch_size=32"),
    *("cell.hidden_size=96", "optimizer.lr=4e-3"),
)
DRAWN = 2
"""Scenes of which a picture is drawn."""
ACROSS = 7
"""Words beside one another in it."""


@dataclass(frozen=True, slots=True)
class Captioned:
    """pictures (N, 3, H, W) in [0, 1]; for each the words, and where it looked at each: (U, rows, columns)."""

    pictures: np.ndarray
    words: list[list[str]]
    looked: list[np.ndarray]


class Captioning(Lesson):
    """CNN + RNN, as in "Show, attend and tell" (Xu et al. 2015)."""

    title = "Captions: a CNN sees, an LSTM tells, attention points"
    place = 70
    look = (
        "Each word has a map of where the decoder looked when it wrote it: is the bright place what the word names?",
        "meaning: captions that are true of their scene and complete. pointing: named shapes that were looked at while"
        " their kind was written. Both are checked against what was drawn, not against other captions.",
        "It says what is true sooner than it looks at what it says: attention is no proof of what was used.",
        "Read the captions beside their scenes: whatever they claim can be checked by eye, and some of it is wrong.",
    )
    next = (
        Try("rnnlab train recipe=captions trainer.max_minutes=15", "until nearly every caption is true"),
        Try("rnnlab caption last --split test --beam 5", "that run on all scenes of the test part, by beam search"),
        Try("rnnlab train recipe=captions attention=dot trainer.max_minutes=15", "another attention"),
        Try("rnnlab lesson encoder-decoder", "the same decoder about words"),
    )

    def run(self) -> Iterator[Block]:
        parts = assembled(*SETTINGS)
        steps = self.sized(900, 4)
        yield Text(
            f"Scenes of two or three coloured shapes of {parts.spec.picture[1]} x {parts.spec.picture[2]} pixels, with"
            f" sentences made by a grammar of {len(parts.spec.target_symbols) - 1} words; {steps:,} steps of"
            f" {parts.experiment.data.batch_size} pictures.",
            {"steps": steps},
        )
        found = [told("untrained", parts)]
        with self.progress("training") as bar:
            for _ in trained(parts.learner, steps, bar):
                pass
        captioned = captions_of(parts)
        found.append(told(f"{steps:,} steps", parts, captioned))
        yield Table("figures", f"On {len(captioned.words)} scenes that were not trained on", found)
        yield Lines("captions", "What it says of the first of them", [" ".join(each) for each in captioned.words[:5]])
        for number in range(DRAWN):
            yield drawn(captioned, number)


def told(name: str, parts: Parts, captioned: Captioned | None = None) -> Row:
    """Loss and, of what it writes, how much is true and how much is pointed at, with Wilson intervals."""
    captioned = captioned or captions_of(parts)
    row: Row = {"": name, "loss, right words before": parts.validate()["loss"]}
    for figure, share in parts.dataset.judge("val", captioned.words, captioned.looked).items():
        if not share.of:  # nothing that it wrote names anything
            continue
        interval = wilson_interval(share.right, share.of)
        row[figure] = interval.estimate
        row[f"{figure}, 95 %"] = f"{interval.low:.1%} to {interval.high:.1%}"
    return row


@torch.no_grad()
def captions_of(parts: Parts) -> Captioned:
    """What it writes, greedily, about all scenes of the validation part."""
    model, symbols = parts.model.eval(), parts.spec.target_symbols
    assert isinstance(model, EncoderDecoder) and isinstance(model.encoder, PictureEncoder)
    split = validation(parts.dataset)
    pictures = SequenceBatches(split, len(split.labels), None).batch(0, 0).inputs
    about = model.about(pictures, None)
    symbols_BU = greedy(model.decoder, about, model.limit).symbols_BU
    weights_BUS = model.decoder.say(read_before(symbols_BU), about).weights_BUS
    words, looked = [], []
    for row, weights_US in zip(symbols_BU.tolist(), weights_BUS.numpy(), strict=True):
        count = row.index(0) if 0 in row else len(row)
        words.append([symbols[symbol] for symbol in row[:count]])
        looked.append(weights_US[: count + 1].reshape(-1, *model.encoder.places))
    model.train()
    return Captioned(pictures.numpy(), words, looked)


def validation(dataset: Dataset) -> Sequences:
    split = dataset.split("val")
    assert isinstance(split, Sequences)
    return split


def drawn(captioned: Captioned, number: int) -> Picture:
    """A scene, and for each word of its caption the scene again, lit where the decoder looked."""
    picture_YXC = captioned.pictures[number].transpose(1, 2, 0)
    words, looked = captioned.words[number], captioned.looked[number]
    with style.styled():
        drawing, axes = style.sheet(-(-(len(words) + 1) // ACROSS), ACROSS, 1.25)
        for place in axes:
            place.set_axis_off()
        axes[0].imshow(picture_YXC)
        axes[0].set_title("the scene", fontsize=8)
        for place, word, weights_YX in zip(axes[1:], words, looked, strict=False):
            repeat = picture_YXC.shape[0] // weights_YX.shape[0]
            light_YX = np.kron(weights_YX / weights_YX.max(), np.ones((repeat, repeat)))
            place.imshow(picture_YXC * (0.25 + 0.75 * light_YX[:, :, None]))
            place.set_title(word, fontsize=8)
        file = io.BytesIO()
        drawing.savefig(file, format="png", dpi=130, metadata={"Software": None})
    caption = f"{' '.join(words)!r}: bright where it looked while it wrote the word above."
    return Picture(f"Scene {number + 1}", caption, file.getvalue())
