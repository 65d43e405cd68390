"""shapes: a picture of two or three coloured shapes, to be put into a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnlab.config.schema import aside, require
from rnnlab.data.base import Share
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated
from rnnlab.data.pairs import NOTHING
from rnnlab.data.shapes_scene import Scene, drawn, painted
from rnnlab.data.shapes_sentence import LONGEST, WORDS, is_right, named, sentences
from rnnlab.data.spec import SPLITS

SIDES = (9, 11)
"""The smallest and the largest side of a shape, in 32nds of the canvas."""
COUNTS = (2, 3)
"""Shapes of a scene."""


class Shapes(Generated):
    """Scenes whose captions can be checked: what is said is true or not, and each word names a place.

        . . . . . . . .      a red square above a blue circle and left of a green cross
        . # # . . + . .      a blue circle below a red square and below a green cross
        . # # . + + + .      ... six orders in which three things can be named, two for two,
        . . . . . + . .          of which train holds one, at random
        . . o o . . . .
        . . o o . . . .

    To say what there is takes a look at each shape, to say where it is a memory of where one has looked: so the
    context of a step must come back into the decoder (``attention.feed``).
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Generated.Config):
        """canvas: pixels of each side of a picture."""

        batch_size: int = 64
        val_rows: int = aside(100)
        canvas: int = 32

        def __post_init__(self) -> None:
            Generated.Config.__post_init__(self)
            require(32 <= self.canvas <= 256, "data.canvas", self.canvas, "it must be from 32 to 256")

    shape = "captions"
    target_symbols = ("", *WORDS)
    target_length = LONGEST + 1
    config: Config

    @property
    def picture(self) -> tuple[int, int, int]:  # type: ignore[override]
        return 3, self.config.canvas, self.config.canvas

    @property
    def classes(self) -> int:
        return len(self.target_symbols)

    @property
    def max_length(self) -> int:
        """A sentence is all that has steps."""
        return self.target_length

    def scenes(self, generator: np.random.Generator, count: int) -> list[Scene]:
        """What the pictures show."""
        smallest, largest = (self.config.canvas * side // 32 for side in SIDES)
        things = generator.choice(COUNTS, count).tolist()
        return [drawn(generator, number, self.config.canvas, smallest, largest) for number in things]

    def draw(self, generator: np.random.Generator, count: int) -> Sequences:
        """inputs uint8 (N, 3, H, W); labels int8 (N, U): one of the right sentences; alternatives: the others."""
        scenes = self.scenes(generator, count)
        places = {word: place for place, word in enumerate(self.target_symbols)}
        most = max(map(len, map(sentences, scenes)))
        right_NAU = np.full((count, most, self.target_length), NOTHING, dtype=np.int8)
        for right_AU, scene in zip(right_NAU, scenes, strict=True):
            said = sentences(scene)
            for row, number in zip(right_AU, generator.permutation(len(said)), strict=False):
                row[: len(said[number]) + 1] = [*(places[word] for word in said[number]), 0]
        pictures = painted(scenes, self.config.canvas, generator)
        return Sequences(pictures, right_NAU[:, 0], alternatives=right_NAU[:, 1:])

    def draw_for(self, split: str, generator: np.random.Generator, count: int) -> Sequences:
        """See ``Generated.draw_for``: an item of train has one sentence."""
        items = self.draw(generator, count)
        return Sequences(items.inputs, items.labels) if split == "train" else items

    def written_as(self, symbols: Sequence[str]) -> str:
        """See ``Dataset.written_as``: words with a blank between them."""
        return " ".join(symbols)

    def judge(
        self, split: str, written: Sequence[Sequence[str]], looked: Sequence[np.ndarray] | None
    ) -> dict[str, Share]:
        """See ``Dataset.judge``.

        meaning   sentences that are true of their scene, and complete
        pointing  of all shapes that are named, those where the word for the kind was written while the largest weight
                  lay on a place that has pixels in common with the box of the shape that is meant; one that is not
                  there counts as missed. A weight has no finer place than that. (The pointing game, Zhang et al. 2018,
                  allows 15 pixels beside.)
        """
        generator = np.random.default_rng([self.config.seed, SPLITS.index(split)])
        scenes = self.scenes(generator, self.sizes[split])
        right = sum(is_right(words, scene) for words, scene in zip(written, scenes, strict=True))
        found = {"meaning": Share(right, len(scenes))}
        if looked is None:
            return found
        hits = [
            self.points_at(words, scene, weights_UYX)
            for words, scene, weights_UYX in zip(written, scenes, looked, strict=True)
        ]
        return found | {"pointing": Share(sum(map(sum, hits)), sum(map(len, hits)))}

    def points_at(self, words: Sequence[str], scene: Scene, weights_UYX: np.ndarray) -> list[bool]:
        """For each shape that is named, whether its word was written with a look at it."""
        hits = []
        for name in named(words):
            rows, columns = weights_UYX[name.at].shape
            row, column = divmod(int(weights_UYX[name.at].argmax()), columns)
            width, height = self.config.canvas / columns, self.config.canvas / rows
            thing = name.found_in(scene)
            hits.append(thing is not None and thing.touches(column * width, row * height, width, height))
        return hits
