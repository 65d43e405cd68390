"""The orders in which pictures are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rnnlab.data.digits import Digits
from rnnlab.data.images import Order, in_order, permutation


def read(order: Order) -> tuple[Digits, np.ndarray]:
    dataset = Digits(Digits.Config(name="digits", order=order))
    dataset.prepare()
    return dataset, dataset.split("val").inputs


def test_pixels_are_the_rows_one_after_another(cache: Path) -> None:
    (rows, by_row), (pixels, by_pixel) = read(Order.rows), read(Order.pixels)
    assert by_pixel.shape == (300, 64, 1)
    assert all(by_pixel[4, 8 * r + c, 0] == by_row[4, r, c] for r in range(8) for c in range(8))
    spec = pixels.prepare()
    assert (spec.max_length, spec.input_size) == (64, 1)
    assert np.array_equal(rows.split("val").labels, pixels.split("val").labels)


def test_permuted_is_one_order_for_all_items(cache: Path) -> None:
    (_, by_pixel), (permuted, mixed) = read(Order.pixels), read(Order.permuted)
    order = permutation(64)
    assert sorted(order) == list(range(64)) and list(order) != list(range(64))
    assert all(np.array_equal(mixed[:, t], by_pixel[:, order[t]]) for t in range(64))
    assert permuted.split("train").inputs.shape == (1197, 64, 1)


def test_each_order_has_its_fingerprint_and_all_share_the_stored_pictures(cache: Path) -> None:
    found = {order: read(order)[0] for order in Order}
    assert len({dataset.prepare().fingerprint for dataset in found.values()}) == 3
    assert len(list((cache / "prepared").glob("*/digits/*/inputs.npy"))) == 1


def test_rows_are_not_copied() -> None:
    images = np.zeros((3, 4, 4), dtype=np.float32)
    assert in_order(images, Order.rows) is images
    assert np.shares_memory(in_order(images, Order.pixels), images)


def test_the_permutation_stays_the_published_one() -> None:
    """The first numbers of ``numpy.random.RandomState(92916).permutation(784)``, as scoRNN and expRNN have it."""
    assert permutation(784)[:8].tolist() == [319, 576, 323, 107, 355, 716, 197, 20]
