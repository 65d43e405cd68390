"""Scenes of shapes and sentences about them: what is painted, said, true, and pointed at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.shapes import Shapes
from rnnlab.data.shapes_scene import COLOURS, KINDS, LIGHT, NOISE, Scene, Thing, drawn, outline, painted
from rnnlab.data.shapes_sentence import LONGEST, WORDS, claims, is_right, named, place_of, sentence, sentences
from rnnlab.errors import RequestError

SCENE: Scene = (Thing("red", "square", 2, 2, 9), Thing("blue", "circle", 2, 20, 10), Thing("green", "cross", 21, 2, 9))
seeds = st.integers(0, 2**32 - 1)


def scene_of(seed: int) -> Scene:
    generator = np.random.default_rng(seed)
    return drawn(generator, int(generator.integers(2, 4)), 32, 9, 11)


def shapes(**settings: int) -> Shapes:
    return Shapes(Shapes.Config(name="shapes", examples=40, held_out=30, **settings))


@given(seeds)
def test_things_lie_on_the_canvas_apart_and_have_names_of_their_own(seed: int) -> None:
    scene = scene_of(seed)
    assert len({(thing.colour, thing.kind) for thing in scene}) == len(scene)
    covered = np.zeros((32, 32), dtype=int)
    for thing in scene:
        box = covered[thing.top : thing.top + thing.side, thing.left : thing.left + thing.side]
        assert box.shape == (thing.side, thing.side)
        box += 1
    assert covered.max() == 1


@given(seeds)
def test_the_picture_has_each_colour_where_its_shape_is_and_grey_elsewhere(seed: int) -> None:
    scene = scene_of(seed)
    picture = painted([scene], 32, np.random.default_rng(seed))[0].astype(int)
    shaped = np.zeros((32, 32), dtype=bool)
    for thing in scene:
        box = slice(thing.top, thing.top + thing.side), slice(thing.left, thing.left + thing.side)
        filled = outline(thing.kind, thing.side)
        shaped[box] |= filled
        of_shape = picture[:, *box][:, filled]
        far = np.abs(of_shape - np.array(COLOURS[thing.colour])[:, None])
        assert far.max() <= LIGHT + NOISE
    assert np.ptp(picture[:, ~shaped]) <= 2 * NOISE


def test_outlines_differ_and_touch_their_box() -> None:
    for side in range(9, 12):
        filled = {kind: outline(kind, side) for kind in KINDS}
        assert len({shape.tobytes() for shape in filled.values()}) == len(KINDS)
        for shape in filled.values():
            assert shape[1:].any(axis=1).all() and shape[-1].any() and shape[:, 0].any()
            assert np.array_equal(shape, shape[:, ::-1])


@given(seeds)
def test_every_sentence_of_a_scene_is_right_and_one_changed_word_makes_most_wrong(seed: int) -> None:
    scene = scene_of(seed)
    said = sentences(scene)
    assert len(set(said)) == {2: 2, 3: 6}[len(scene)]
    for words in said:
        assert is_right(words, scene) and len(words) <= LONGEST and set(words) <= set(WORDS)
        assert not is_right(words[:-1], scene) and not is_right((*words, "a"), scene)
        for at, word in enumerate(words):
            for other in {"above", "below"} - {word} if word in ("above", "below") else set(COLOURS) - {word}:
                if word in COLOURS or word in ("above", "below"):
                    assert not is_right((*words[:at], other, *words[at + 1 :]), scene)


def test_what_is_true_without_being_what_is_usually_said() -> None:
    red, blue, _ = SCENE
    text = "a red square left of a blue circle"
    assert place_of(red, blue) == "above" and not is_right(text.split(), SCENE[:2])
    apart = (Thing("red", "square", 2, 2, 9), Thing("blue", "circle", 8, 20, 10))
    assert is_right(text.split(), apart)
    assert tuple(text.split()) not in sentences(apart)


@pytest.mark.parametrize(
    "text",
    [
        "a red square above a blue circle",  # a thing is missing
        "a red square above a blue circle and above a green cross",  # not true
        "a red square above a blue circle and left of a red square",  # one twice
        "a red square above a blue circle and left of a white cross",  # nothing like it
        "a red square above a blue circle left of a green cross",  # no sentence
        "a red square left a green cross and above a blue circle",
        "red square above a blue circle and left of a green cross",
        "",
    ],
)
def test_what_is_not_right(text: str) -> None:
    right = "a red square left of a green cross and above a blue circle"
    assert is_right(right.split(), SCENE)
    assert not is_right(text.split(), SCENE)


@given(st.lists(st.sampled_from(WORDS), max_size=16))
def test_any_words_can_be_asked_about(words: list[str]) -> None:
    said = claims(words)
    assert said is None or len(said.things) == len(said.places) + 1
    assert all(words[name.at] == name.kind and words[name.at - 1] == name.colour for name in named(words))
    is_right(words, SCENE)


def test_the_labels_are_right_sentences_all_of_them_in_val_and_test() -> None:
    data = shapes()
    spec = data.prepare()
    assert spec.shape == "captions" and spec.picture == (3, 32, 32) and spec.classes == len(WORDS) + 1
    for number, split in enumerate(("train", "val", "test")):
        part = data.split(split)
        scenes = data.scenes(np.random.default_rng([0, number]), spec.sizes[split])
        for row, scene in zip(part.labels, scenes, strict=True):
            assert is_right([spec.target_symbols[place] for place in row if place > 0], scene)
            assert list(row).count(0) == 1
        if part.alternatives is None:
            assert split == "train"
            continue
        for row, others, scene in zip(part.labels, part.alternatives, scenes, strict=True):
            rows = [row, *(other for other in others if other[0] > 0)]
            texts = {tuple(spec.target_symbols[place] for place in each if place > 0) for each in rows}
            assert texts == set(sentences(scene))


def test_meaning_and_pointing_of_what_was_written() -> None:
    data = shapes()
    data.prepare()
    scenes = data.scenes(np.random.default_rng([0, 2]), 30)
    written = [list(sentence(scene)) for scene in scenes]
    looked = [looking(words, scene, {}) for words, scene in zip(written, scenes, strict=True)]
    names = sum(map(len, scenes))
    assert data.judge("test", written, looked) == {"meaning": (30, 30), "pointing": (names, names)}
    # One looks away at its first name, one names what is not there, one says nothing.
    looked[0] = looking(written[0], scenes[0], {0: 1})
    there = {(thing.colour, thing.kind) for thing in scenes[1]}
    unseen = next(colour for colour in COLOURS if (colour, scenes[1][0].kind) not in there)
    written[1][1] = unseen
    written[2], names = [], names - len(scenes[2])
    assert data.judge("test", written, looked) == {"meaning": (28, 30), "pointing": (names - 2, names)}
    assert data.judge("test", written, None) == {"meaning": (28, 30)}


def looking(words: list[str], scene: Scene, instead: dict[int, int]) -> np.ndarray:
    """Weights on 8 x 8 places that all lie on the thing being named; ``instead`` names another thing for some."""
    weights_UYX = np.zeros((len(words) + 1, 8, 8))
    for number, name in enumerate(named(words)):
        x, y = scene[instead.get(number, number)].middle
        weights_UYX[name.at, int(y // 4), int(x // 4)] = 1
    return weights_UYX


def test_a_larger_canvas_has_larger_shapes() -> None:
    data = shapes(canvas=64)
    assert data.prepare().picture == (3, 64, 64)
    sides = [thing.side for scene in data.scenes(np.random.default_rng(0), 50) for thing in scene]
    assert min(sides) == 18 and max(sides) == 22
    with pytest.raises(RequestError, match="data.canvas = 8: it must be from 32 to 256"):
        shapes(canvas=8)


def test_a_box_touches_what_shares_pixels_with_it() -> None:
    thing = Thing("red", "square", 8, 12, 8)
    beside = [(4, 12), (16, 12), (8, 8), (8, 20), (0, 0)]
    within = [(5, 12), (15, 19), (8, 9), (10, 14)]
    assert not any(thing.touches(left, top, 4, 4) for left, top in beside)
    assert all(thing.touches(left, top, 4, 4) for left, top in within)
