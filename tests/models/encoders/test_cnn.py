"""The small network over pictures: which pixels a place sees, and that places can be told apart."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.encoders.cnn import CNN
from rnnlab.models.model import build_model


def spec_of(height: int = 32, width: int = 24) -> DataSpec:
    """Pictures of height x width pixels, about which one of two words is written."""
    return DataSpec(
        "captions", (), 0, 3, {"train": 8, "val": 4, "test": 4}, 2, "", "0",
        target_symbols=("", "yes", "no"), target_length=2, picture=(3, height, width),
    )  # fmt: skip


def make(spec: DataSpec, **settings: Any) -> CNN:
    e = compose(["task=encoder_decoder", "encoder=cnn", "data=shapes"]).experiment
    torch.manual_seed(0)
    config = CNN.Config(name="cnn", **settings)
    return registry.build("encoder", config, spec, e.cell, e.embedding, e.stack)


def test_a_place_for_each_four_pixels_row_by_row() -> None:
    encoder = make(spec_of(), size=32)
    memory = encoder(torch.rand(2, 3, 32, 24), None)
    assert encoder.places == (8, 6) and encoder.size == 32
    assert memory.memory_BSM.shape == (2, 48, 32) and memory.valid_BS is None and memory.state is None
    assert torch.equal(memory.summary_BM, memory.memory_BSM.mean(dim=1))


def test_a_place_sees_ten_pixels_and_no_more() -> None:
    encoder = make(spec_of(), size=32).double()
    pictures = torch.rand(1, 3, 32, 24, dtype=torch.float64)
    place = 3 * 6 + 2  # its own pixels: rows 12 to 15, columns 8 to 11
    before = encoder(pictures, None).memory_BSM[0, place]
    seen = torch.zeros(32, 24, dtype=torch.bool)
    for y in range(32):
        for x in range(24):
            changed = pictures.clone()
            changed[0, :, y, x] += 5 * torch.tensor([1.0, -1.0, 1.0])
            seen[y, x] = not torch.equal(encoder(changed, None).memory_BSM[0, place], before)
    rows, columns = seen.any(dim=1).nonzero().flatten(), seen.any(dim=0).nonzero().flatten()
    assert rows.min() >= 9 and rows.max() <= 18 and columns.min() >= 5 and columns.max() <= 14
    assert len(rows) > 6 and len(columns) > 6


def test_equal_places_of_an_even_picture_differ_by_where_they_are() -> None:
    encoder = make(spec_of(), size=32)
    inner = encoder(torch.zeros(1, 3, 32, 24), None).memory_BSM[0].view(8, 6, 32)[3:-3, 2:-2]
    features = encoder.features(torch.zeros(1, 3, 32, 24))[0, :, 3:-3, 2:-2]
    assert torch.equal(features, features[:, :1, :1].expand_as(features))
    assert (torch.pdist(inner.flatten(0, 1)) > 0.1).all()


def test_a_row_of_a_batch_is_what_it_is_alone_and_gradients_reach_everything() -> None:
    encoder = make(spec_of(), size=32).double()
    pictures = torch.rand(3, 3, 32, 24, dtype=torch.float64)
    together = encoder(pictures, None)
    torch.testing.assert_close(together.memory_BSM[1:2], encoder(pictures[1:2], None).memory_BSM)
    together.memory_BSM.pow(2).sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in encoder.parameters())


@pytest.mark.parametrize("feed", [False, True])
def test_a_model_with_it_learns_what_a_picture_shows(feed: bool) -> None:
    e = compose(
        ["task=encoder_decoder", "encoder=cnn", "encoder.size=16", "attention=dot", "data=shapes", "cell=gru"]
        + ["cell.hidden_size=16", "embedding.size=4", f"attention.feed={feed}"]
    ).experiment
    torch.manual_seed(0)
    model: Any = build_model(e.cell, e.embedding, e.stack, e.task, spec_of(16, 16), e.encoder, e.attention)
    pictures = torch.zeros(8, 3, 16, 16)
    pictures[::2, 0, 4:9, 6:11] = 1
    targets = torch.tensor([[1, 0], [2, 0]] * 4)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        loss, _ = model.loss(Batch(pictures, targets), None)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    sums, _ = model.score(Batch(pictures, targets), None)
    assert model.metrics({name: value.item() for name, value in sums.items()})["error"] == 0


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"size": 30}, "encoder.size = 30: it must be a multiple of 8 with encoder.halvings = 2"),
        ({"halvings": 0}, "encoder.halvings = 0: it must be at least 1"),
        ({"halvings": 5, "size": 128}, "encoder.halvings = 5: of pictures of 32 x 24 pixels nothing would be left"),
    ],
)
def test_what_is_refused(settings: dict[str, int], line: str) -> None:
    with pytest.raises(RequestError, match=line):
        make(spec_of(), **settings)
