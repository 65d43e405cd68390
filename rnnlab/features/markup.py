"""Markup: tags, elements and entities of XML."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pygments.token import Name, Text

from rnnlab.features.base import Kind, Source, feature
from rnnlab.features.languages import Language


@feature(languages=(Language.xml,))
def xml_tag(source: Source) -> np.ndarray:
    """inside a tag, from its < up to before its >"""
    return source.within(tags(source))


@feature(kind=Kind.number, languages=(Language.xml,))
def xml_depth(source: Source) -> np.ndarray:
    """how many elements are open, each from the > of its first tag up to before the > of its last one

    Where the text begins inside of elements, which only their last tags tell, they count from the beginning.
    """
    steps_N = np.zeros(len(source), dtype=np.float32)
    for start, stop in tags(source):
        if source.characters[stop : stop + 1] != ">":
            continue
        if source.characters.startswith("</", start):
            steps_N[stop] = -1
        elif source.characters[stop - 1] != "/":
            steps_N[stop] = 1
    depth_N = steps_N.cumsum(dtype=np.float32)
    return depth_N - min(0.0, float(depth_N.min(initial=0)))


@feature(languages=(Language.xml,))
def xml_entity(source: Source) -> np.ndarray:
    """inside an entity, from its & up to before its ;

    A lexer looks ahead to the ; to tell an entity from a sign that stands for itself.
    """
    return source.within((token.start, token.stop - 1) for token in source.tokens if token.kind in Name.Entity)


def tags(source: Source) -> Iterator[tuple[int, int]]:
    """Each tag from its < to its >, or to where it breaks off."""
    start: int | None = None
    for token in source.tokens:
        if token.kind in Name.Tag:
            if start is None or token.text.startswith("<"):
                start = token.start
            if token.text.endswith(">"):
                yield start, token.stop - 1
                start = None
        elif start is not None and (token.kind is Text or token.kind is Name.Entity):
            yield start, token.start  # the lexer has given the tag up
            start = None
    if start is not None:
        yield start, len(source)
