"""A split that gives every class its share of every part, and never puts equal items into two of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from rnnlab.data.spec import SPLITS
from rnnlab.errors import RequestError

HELD_OUT = 0.15
FEWEST = len(SPLITS)
"""Different items that a class needs: one for each part."""


def stratified(items: Sequence[Hashable], labels: Sequence[str], seed: int, where: str) -> dict[str, list[int]]:
    """Which items are for "train", "val" and "test": 70, 15 and 15 % of every class, at least one of each in each.

    Equal items go to one part together, those of several classes too: what was trained on is not asked again.
    ``where`` begins the line of an error.

    Raises RequestError where there is one class alone, or a class has fewer different items than there are parts.
    """
    if len(set(labels)) < 2:
        raise RequestError(f"{where}: all items are of class {labels[0]!r}; at least 2 classes are needed")
    class_of = class_of_each(items, labels)
    sizes = Counter(class_of.values())
    for label in dict.fromkeys(labels):
        if sizes[label] < FEWEST:
            raise RequestError(
                f"{where}: class {label!r} has {sizes[label]} different {'item' if sizes[label] == 1 else 'items'} of"
                f" its own; each class needs at least {FEWEST}, one for each of {', '.join(SPLITS)}"
            )
    part_of = {}
    generator = np.random.default_rng(seed)
    for label in sorted(sizes):
        members = [item for item, own in class_of.items() if own == label]
        held_out = max(1, round(HELD_OUT * len(members)))
        for place, number in enumerate(generator.permutation(len(members))):
            part_of[members[number]] = ("val", "test", "train")[min(place // held_out, 2)]
    return {name: [place for place, item in enumerate(items) if part_of[item] == name] for name in SPLITS}


def class_of_each(items: Sequence[Hashable], labels: Sequence[str]) -> dict[Hashable, str]:
    """The class among whose items each one is shared out; of several, the rarest, which can spare it least."""
    sizes, found = Counter(labels), dict[Hashable, str]()
    for item, label in zip(items, labels, strict=True):
        if item not in found or sizes[label] < sizes[found[item]]:
            found[item] = label
    return found
