"""What is drawn depends on the configuration and its seed alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnlab.config import registry
from rnnlab.data.contents import Sequences
from rnnlab.data.generated import Generated, asked_at
from rnnlab.data.spec import SPLITS
from rnnlab.errors import RequestError

DRAWN = [name for name in registry.names("data") if issubclass(registry.component("data", name), Generated)]


def made(name: str, **settings: Any) -> Generated:
    kind = registry.component("data", name)
    dataset: Generated = kind(kind.Config(name=name, **{"examples": 40, "held_out": 30, **settings}))
    return dataset


def arrays(items: Sequences) -> list[np.ndarray]:
    return [array for array in (items.inputs, items.labels, items.lengths, items.lags) if array is not None]


def equal(ours: Sequences, theirs: Sequences) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(arrays(ours), arrays(theirs), strict=True))


@pytest.mark.parametrize("name", DRAWN)
def test_the_seed_alone_decides(name: str) -> None:
    first = {split: made(name).split(split) for split in SPLITS}
    other = made(name, seed=1)
    assert not equal(first["train"], other.split("train"))  # and what was kept of the first is let go
    np.random.seed(7)
    again = {split: made(name).split(split) for split in SPLITS}
    assert all(equal(first[split], again[split]) for split in SPLITS)
    assert first["train"] is not again["train"], "kept, not drawn again: this says nothing"
    assert made(name).prepare().fingerprint != other.prepare().fingerprint


@pytest.mark.parametrize("name", DRAWN)
def test_rows_that_train_side_by_side_change_no_data(name: str) -> None:
    assert made(name).prepare() == made(name, batch_size=3, val_rows=2).prepare()
    assert made(name).prepare() != made(name, examples=41).prepare()


@pytest.mark.parametrize("name", DRAWN)
def test_more_for_the_test_leaves_train_as_it_is(name: str) -> None:
    train = made(name).split("train")
    assert equal(train, made(name, held_out=200).split("train"))


def test_what_is_shared_cannot_be_written_to() -> None:
    dataset = made("copy")
    assert dataset.split("val") is made("copy").split("val")
    with pytest.raises(ValueError, match="read-only"):
        dataset.split("val").labels[0, 0] = 3


def test_a_description_of_a_changed_set_is_another() -> None:
    plain = made("adding")
    longer = type(plain)(replace(plain.config, length=20))  # type: ignore[call-arg]
    assert plain.prepare().fingerprint != longer.prepare().fingerprint
    assert longer.prepare().max_length == 20


def test_marks_survive_unsigned_values() -> None:
    found = asked_at(np.array([[True, False]]), np.array([[3, 3]], dtype=np.uint8))
    assert found.tolist() == [[3, -1]]


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("adding", {"examples": 0}, "data.examples = 0: "),
        ("adding", {"held_out": 0}, "data.held_out = 0: "),
        ("adding", {"seed": -1}, "data.seed = -1: "),
        ("adding", {"length": 1}, "data.length = 1: it must be at least 2"),
        ("copy", {"delay": 0}, "data.delay = 0: "),
        ("temporal_order", {"length": 9}, "data.length = 9: "),
        ("temporal_order", {"symbols": 4}, "data.symbols = 4: it must be 2 or 3"),
        ("temporal_order", {"min_length": 101}, "data.min_length = 101: it must be from 10 to data.length = 100"),
        ("parity", {"length": 0}, "data.length = 0: "),
        ("dyck", {"length": 7}, "data.length = 7: it must be even"),
        ("dyck", {"kinds": 27}, "data.kinds = 27: it must be from 2 to 26"),
        ("dyck", {"depth": 0}, "data.depth = 0: "),
        ("recall", {"pairs": 9}, "data.pairs = 9: it must be from 1 to data.kinds = 8"),
        ("recall", {"length": 11}, "data.length = 11: it must be at least 12"),
        ("random_labels", {"length": 5}, "data.examples = 40: the rows must differ, and 5 bits give 32"),
        ("random_labels", {"length": 63}, "data.length = 63: it must be from 1 to 62"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(name: str, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(RequestError) as caught:
        made(name, **settings)
    assert str(caught.value).startswith(said) and "\n" not in str(caught.value)
