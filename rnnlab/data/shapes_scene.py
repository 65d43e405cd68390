"""Scenes of a few coloured shapes, drawn at random and painted onto a small canvas.

Shapes: N scenes, C channels (red, green, blue), H and W of the canvas in pixels. x goes right, y goes down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

COLOURS = {
    "red": (220, 40, 40),
    "green": (40, 190, 60),
    "blue": (50, 80, 230),
    "yellow": (225, 210, 50),
    "purple": (165, 60, 200),
    "white": (235, 235, 235),
}
"""Their bytes of red, green and blue, before the light of a scene changes."""
KINDS = ("circle", "cross", "square", "triangle")
LIGHT = 25
"""By how much a channel of a shape may be brighter or darker than its colour."""
GROUND = 70
"""The brightest grey of a background."""
NOISE = 6
"""Largest deviation of a single byte."""
GAP = 1
"""Pixels between the boxes of two shapes, at least."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A shape of a scene, within a square box of ``side`` pixels whose first pixel is at ``left``, ``top``."""

    colour: str
    kind: str
    left: int
    top: int
    side: int

    @property
    def middle(self) -> tuple[float, float]:
        """x and y of the middle of the box, in pixels."""
        return self.left + self.side / 2, self.top + self.side / 2

    def touches(self, left: float, top: float, width: float, height: float) -> bool:
        """Whether the box shares some of its area with a rectangle."""
        across = left < self.left + self.side and self.left < left + width
        return across and top < self.top + self.side and self.top < top + height

    def apart_from(self, other: Thing) -> bool:
        """Whether at least ``GAP`` pixels lie between the two boxes."""
        return (
            self.left + self.side + GAP <= other.left
            or other.left + other.side + GAP <= self.left
            or self.top + self.side + GAP <= other.top
            or other.top + other.side + GAP <= self.top
        )


Scene = tuple[Thing, ...]


def drawn(generator: np.random.Generator, things: int, canvas: int, smallest: int, largest: int) -> Scene:
    """A scene in which no two things have colour and kind in common, and no two boxes touch.

    A thing that finds no room is drawn again, and after a while the whole scene.
    """
    names = [(colour, kind) for colour in COLOURS for kind in KINDS]
    while True:
        chosen = [names[place] for place in generator.choice(len(names), things, replace=False)]
        scene: list[Thing] = []
        for _ in range(10 * things):
            side = int(generator.integers(smallest, largest + 1))
            left, top = generator.integers(0, canvas - side + 1, 2).tolist()
            colour, kind = chosen[len(scene)]
            thing = Thing(colour, kind, left, top, side)
            if all(thing.apart_from(other) for other in scene):
                scene.append(thing)
            if len(scene) == things:
                return tuple(scene)


def painted(scenes: Sequence[Scene], canvas: int, generator: np.random.Generator) -> np.ndarray:
    """The pictures of scenes, uint8 (N, 3, H, W), each in a light of its own on a grey of its own."""
    ground_N = generator.integers(0, GROUND + 1, len(scenes))
    pictures = np.broadcast_to(ground_N[:, None, None, None], (len(scenes), 3, canvas, canvas)).astype(np.int16)
    for picture, scene in zip(pictures, scenes, strict=True):
        for thing in scene:
            light = np.array(COLOURS[thing.colour]) + generator.integers(-LIGHT, LIGHT + 1, 3)
            box = picture[:, thing.top : thing.top + thing.side, thing.left : thing.left + thing.side]
            np.copyto(box, light[:, None, None], where=outline(thing.kind, thing.side))
    pictures += generator.integers(-NOISE, NOISE + 1, pictures.shape, dtype=np.int16)
    return pictures.clip(0, 255).astype(np.uint8)


def outline(kind: str, side: int) -> np.ndarray:
    """Which pixels of its box a shape fills: bool (side, side)."""
    y, x = (np.mgrid[:side, :side] + 0.5) / side - 0.5
    filled = {
        "circle": x**2 + y**2 <= 0.25,
        "cross": (abs(x) <= 1 / 6) | (abs(y) <= 1 / 6),
        "square": np.ones((side, side), dtype=bool),
        "triangle": abs(x) <= (y + 0.5) / 2,
    }
    return np.asarray(filled[kind])
