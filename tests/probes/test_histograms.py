"""Histograms of weights, gradients and activations: every value is counted, and in its place."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.probes.base import Error, Subject, Table
from rnnlab.probes.histograms import BINS, MOST, Histograms, bins_of, bins_of_sizes, place_of
from tests.probes.conftest import VECTORS, MakeModel, MakeSubject

NUMBERS = st.floats(-1e3, 1e3) | st.sampled_from([0.0, 1.0, math.nan, math.inf, -math.inf])


@given(st.lists(NUMBERS, max_size=300))
def test_every_finite_value_is_in_its_bin(values: list[float]) -> None:
    finite = np.array([value for value in values if math.isfinite(value)])
    found = bins_of(torch.tensor(values, dtype=torch.float64))
    assert sum(count for _, _, count in found) == len(finite)
    assert len(found) <= BINS + 2
    for (_, high, _), (low, _, _) in zip(found, found[1:], strict=False):
        assert high == low
    for place, (low, high, count) in enumerate(found):
        last = place == len(found) - 1
        assert count == sum(low <= value < high or (last and value == high) for value in finite)


def test_a_constant_has_one_bin_of_no_width() -> None:
    assert bins_of(torch.full((5, 3), 0.25)) == [(0.25, 0.25, 15)]
    assert bins_of(torch.full((4,), math.nan)) == []


def test_a_few_far_values_do_not_blur_the_others() -> None:
    values = torch.cat([torch.linspace(-1, 1, 10_000, dtype=torch.float64), torch.tensor([1e6, -1e6]).double()])
    inner = [high - low for low, high, _ in bins_of(values)[1:-1]]
    assert len(inner) == BINS and max(inner) == pytest.approx(2 / BINS, rel=0.01)


def test_of_a_large_tensor_evenly_spread_values_are_counted() -> None:
    assert sum(count for _, _, count in bins_of(torch.arange(3 * MOST))) == MOST


def test_sizes_are_logarithms_and_zeros_are_apart() -> None:
    found = bins_of_sizes(torch.tensor([0.0, -100.0, 0.01, 0.0, 1.0]))
    assert found[0] == (-math.inf, -math.inf, 2)
    assert found[1][0] == -2 and found[-1][1] == 2
    assert sum(count for _, _, count in found[1:]) == 3


def test_parameters_are_named_by_their_layers() -> None:
    layers = [f"layer{number}" for number in range(12)]
    assert place_of("stack.cells.11.R_GH", layers) == ("layer11", "R_GH")
    assert place_of("stack.cells.1.R_GH", layers) == ("layer1", "R_GH")
    assert place_of("head.weight", layers) == ("head", "weight")


def rows_of(table: Table, part: str, layer: str, name: str) -> list[tuple[float, float, int]]:
    chosen = zip(*table.values(), strict=True)
    return [row[3:] for row in chosen if row[:3] == (part, layer, name)]


@pytest.mark.parametrize("error", list(Error))
def test_gradients_are_those_that_training_would_have(error: Error, make_model: MakeModel, look: MakeSubject) -> None:
    """Of the loss that training lowers, through the native kernel: on a stream whatever ``probe.error`` says."""
    subject = look(make_model("lstm", stack={"depth": 2}), error=error)
    table = Histograms().look(subject).tables["histograms"]
    twin = Subject(make_model("lstm", stack={"depth": 2}, backend="native"), subject.source, subject.batch).model
    twin.loss(subject.batch, None)[0].backward()
    for parameter, layer, name in [
        (twin.stack.cells[1].R_GH, "layer1", "R_GH"),
        (twin.head.bias, "head", "bias"),
        (twin.embedding.map.weight, "embedding", "map.weight"),
    ]:
        ours, theirs = rows_of(table, "gradient", layer, name), bins_of_sizes(parameter.grad)
        assert [row[2] for row in ours] == [row[2] for row in theirs]
        np.testing.assert_allclose([row[:2] for row in ours], [row[:2] for row in theirs], atol=1e-7)


def test_weights_are_counted_by_parameter(make_model: MakeModel, look: MakeSubject) -> None:
    model = make_model("gru")
    table = Histograms().look(look(model)).tables["histograms"]
    weights = {(layer, name) for part, layer, name in zip(*(table[k] for k in ("part", "layer", "name")), strict=True)
               if part == "weight"}  # fmt: skip
    assert len(weights) == len(list(model.parameters()))
    R_GH = next(model.stack.layers()).R_GH.detach().double()
    assert rows_of(table, "weight", "layer0", "R_GH") == bins_of(R_GH)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_is_not_counted(bidirectional: bool, make_model: MakeModel, look: MakeSubject) -> None:
    model = make_model("lstm", spec=VECTORS, stack={"bidirectional": bidirectional})
    subject = look(model, spec=VECTORS, rows=6)
    table = Histograms().look(subject).tables["histograms"]
    steps = int(subject.batch.lengths.sum())
    for layer in subject.names:
        for name in ("i", "c", "h"):
            assert sum(row[2] for row in rows_of(table, "activation", layer, name)) == steps * 4
    for row, length in enumerate(subject.batch.lengths.tolist()):
        subject.batch.inputs[row, length:] = 1e3
    padded = Subject(model, subject.source, subject.batch)
    assert Histograms().look(padded).tables == {"histograms": table}
