"""The state that a decoder starts in: what is learned, what is copied, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.contents import Batch
from rnnlab.errors import RequestError
from rnnlab.models.decoding.bridge import BridgeKind
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder

Make = Callable[..., EncoderDecoder]
ONE_WAY = {"bidirectional": False}


@torch.no_grad()
def test_learned_parts_are_a_map_of_the_summary(make_writer: Make, pairs_batch: Batch) -> None:
    model = make_writer("none", stack={"depth": 2})
    summary_BM = model.encoder(pairs_batch.inputs, pairs_batch.lengths).summary_BM
    state = model.about(pairs_batch.inputs, pairs_batch.lengths).state
    for layer, (h_BH, c_BH) in zip(model.bridge.maps, state, strict=True):
        both = torch.tanh(summary_BM @ layer.weight.T + layer.bias)
        torch.testing.assert_close(torch.cat([h_BH, c_BH], dim=1), both, rtol=0, atol=1e-14)


@torch.no_grad()
@pytest.mark.parametrize("cell", ["lstm", "gru", "slstm", "lru", "cornn"])
def test_a_copy_is_the_state_at_each_row_s_own_end(make_writer: Make, pairs_batch: Batch, cell: str) -> None:
    model = make_writer("dot", cell=cell, encoder=ONE_WAY, bridge=BridgeKind.copy, stack={"depth": 2})
    state = model.about(pairs_batch.inputs, pairs_batch.lengths).state
    for row, length in enumerate(pairs_batch.lengths.tolist()):
        _, alone = model.encoder.stack(model.encoder.embedding(pairs_batch.inputs[row : row + 1, :length]))
        mine = [[part[row : row + 1] for part in parts] for parts in state]
        for one, other in zip(mine, alone, strict=True):
            for found, wanted in zip(one, other, strict=True):
                torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


@torch.no_grad()
def test_without_a_bridge_the_initial_state_is_the_same_for_all(make_writer: Make, pairs_batch: Batch) -> None:
    model = make_writer("dot", bridge=BridgeKind.none, stack={"learned_state": True})
    for part in (part for layer in model.about(pairs_batch.inputs, pairs_batch.lengths).state for part in layer):
        assert part.any() and torch.equal(part, part[:1].expand_as(part))


def test_two_directions_are_no_state_to_copy(make_writer: Make) -> None:
    with pytest.raises(RequestError, match=r"^task.bridge = 'copy': encoder=recurrent .*bidirectional=false$"):
        make_writer("dot", bridge=BridgeKind.copy)


def test_dot_needs_equally_many_features(make_writer: Make) -> None:
    with pytest.raises(RequestError, match=r"^attention=dot: .* gives 12 features and its encoder 6"):
        from rnnlab.models.attention.dot import Dot

        Dot(Dot.Config(name="dot"), 12, 6)


@torch.no_grad()
def test_both_ends_of_the_input_reach_the_first_symbol(make_writer: Make) -> None:
    """Read in both directions, even without attention."""
    model = make_writer("none").eval()
    inputs = torch.tensor([[0, 1, 2, 3], [4, 1, 2, 3], [0, 1, 2, 4]])
    logits, _ = model(inputs)
    assert (logits[0, 0] - logits[1, 0]).abs().max() > 1e-6 and (logits[0, 0] - logits[2, 0]).abs().max() > 1e-6


@pytest.mark.parametrize("cell", registry.names("cell"))
def test_every_cell_reads_and_writes(make_writer: Make, pairs_batch: Batch, cell: str) -> None:
    """Finite losses, a gradient for every weight of both stacks, and states that a decoder can start in."""
    model = make_writer("general", cell=cell, hidden_size=8)
    loss, _ = model.loss(pairs_batch, None)
    loss.backward()
    assert torch.isfinite(loss)
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name
    with torch.no_grad():
        sums, _ = model.eval().score(pairs_batch, None)
    assert model.metrics({name: float(value) for name, value in sums.items()})["error"] <= 1
