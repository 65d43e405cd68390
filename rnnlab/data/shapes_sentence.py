"""Sentences about scenes of shapes: the grammar that makes them, and what one of them means.

SENTENCE = THING PLACE THING            of a scene with two things
         | THING PLACE THING "and" PLACE THING      with three: both places are the first thing's
THING    = "a" COLOUR KIND
PLACE    = "above" | "below" | "left" "of" | "right" "of"
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

from rnnlab.data.shapes_scene import COLOURS, KINDS, Scene, Thing

ARTICLE, JOINT = "a", "and"
PLACES = {"above": ("above",), "below": ("below",), "left": ("left", "of"), "right": ("right", "of")}
"""Where one thing is, seen from another: the words for it."""
WORDS = tuple(sorted({ARTICLE, JOINT, *COLOURS, *KINDS, *(word for words in PLACES.values() for word in words)}))
LONGEST = 14
"""Words of the longest sentence: three things, two places of two words, and a joint."""
TELLING = 2.0
"""Pixels by which one middle must be higher, or farther left, to be called so."""


class Named(NamedTuple):
    """A thing that a sentence names. at: the place of the word for its kind among the sentence's words."""

    colour: str
    kind: str
    at: int

    def found_in(self, scene: Scene) -> Thing | None:
        """The thing that is meant, None where there is none such."""
        return next((thing for thing in scene if (thing.colour, thing.kind) == (self.colour, self.kind)), None)


class Claims(NamedTuple):
    """What a sentence says: seen from ``things[i + 1]``, the first of the ``things`` is at ``places[i]``."""

    things: tuple[Named, ...]
    places: tuple[str, ...]


def sentences(scene: Scene) -> list[tuple[str, ...]]:
    """Every sentence that names all things of a scene and places the first by the larger of both distances."""
    return [sentence(order) for order in permutations(scene)]


def sentence(things: Sequence[Thing]) -> tuple[str, ...]:
    """The sentence that names these things in this order."""
    first, *others = things
    words = [ARTICLE, first.colour, first.kind]
    for number, other in enumerate(others):
        words += [JOINT] * (number > 0)
        words += [*PLACES[place_of(first, other)], ARTICLE, other.colour, other.kind]
    return tuple(words)


def place_of(thing: Thing, other: Thing) -> str:
    """Where a thing mainly is, seen from another: along the axis on which their middles are farther apart."""
    right, down = (here - there for here, there in zip(thing.middle, other.middle, strict=True))
    if abs(down) >= abs(right):
        return "below" if down > 0 else "above"
    return "right" if right > 0 else "left"


def is_placed(thing: Thing, place: str, other: Thing) -> bool:
    """Whether it is true that a thing is there, seen from another: one can be above and to the left at once."""
    right, down = (here - there for here, there in zip(thing.middle, other.middle, strict=True))
    distance = {"above": -down, "below": down, "left": -right, "right": right}[place]
    return distance >= TELLING


def named(words: Sequence[str]) -> list[Named]:
    """The things that are named anywhere in some words, grammatical or not."""
    neighbours = enumerate(zip(words, words[1:], strict=False), start=1)
    return [Named(colour, kind, at) for at, (colour, kind) in neighbours if colour in COLOURS and kind in KINDS]


def claims(words: Sequence[str]) -> Claims | None:
    """What a sentence says; None for words that are no sentence of the grammar."""
    things = named(words)
    places = [word for word in words if word in PLACES]
    if len(things) not in (2, 3) or len(places) != len(things) - 1:
        return None
    expected = [ARTICLE, *things[0][:2]]
    for number, (place, thing) in enumerate(zip(places, things[1:], strict=True)):
        expected += [JOINT] * (number > 0)
        expected += [*PLACES[place], ARTICLE, *thing[:2]]
    return Claims(tuple(things), tuple(places)) if list(words) == expected else None


def is_right(words: Sequence[str], scene: Scene) -> bool:
    """Whether words are a sentence that is true of a scene and complete: each thing is named once, none besides."""
    said = claims(words)
    if said is None:
        return False
    things = [found for thing in said.things if (found := thing.found_in(scene)) is not None]
    if len(said.things) != len(scene) or set(things) != set(scene):
        return False
    first, *others = things
    return all(is_placed(first, place, other) for place, other in zip(said.places, others, strict=True))
