"""One target, said all at once, step by step, and by a loop over plain numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.data.contents import Batch
from rnnlab.models.decoding.decoder import Said
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder, read_before

Make = Callable[..., EncoderDecoder]
ATTENTIONS = ["none", "dot", "general", "additive"]


def said(model: EncoderDecoder, batch: Batch) -> Said:
    return model.decoder.say(read_before(batch.targets), model.about(batch.inputs, batch.lengths))


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("stack", [{}, {"depth": 2, "connections": "dense"}, {"layer_norm": True}])
def test_at_once_is_step_by_step(make_writer: Make, pairs_batch: Batch, attention: str, stack: dict[str, Any]) -> None:
    from rnnlab.models.connections import Connections

    if "connections" in stack:
        stack = stack | {"connections": Connections(stack["connections"])}
    model = make_writer(attention, stack=stack)
    about, true_BU = model.about(pairs_batch.inputs, pairs_batch.lengths), read_before(pairs_batch.targets)
    at_once = model.decoder.say(true_BU, about)
    stepwise = model.decoder.say_stepwise(true_BU.shape[1], lambda u, logits_BV: true_BU[:, u], about)
    torch.testing.assert_close(at_once.logits_BUV, stepwise.logits_BUV, rtol=0, atol=1e-12)
    torch.testing.assert_close(at_once.weights_BUS, stepwise.weights_BUS, rtol=0, atol=1e-12)
    torch.testing.assert_close(at_once.state, stepwise.state, rtol=0, atol=1e-12)


@pytest.mark.parametrize("attention", ATTENTIONS[1:])
@pytest.mark.parametrize("feed", [False, True])
def test_against_a_loop_over_rows_and_steps(make_writer: Make, pairs_batch: Batch, attention: str, feed: bool) -> None:
    """A GRU over one row at a time, without padding; attention, readout and feeding in NumPy."""
    model = make_writer(attention, cell="gru", feed=feed)
    found = said(model, pairs_batch)
    weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
    for row, length in enumerate(pairs_batch.lengths.tolist()):
        alone = model.about(pairs_batch.inputs[row : row + 1, :length], None)
        memory_SM, state = alone.memory_BSM[0].detach().numpy(), alone.state
        context_M, symbol = np.zeros(memory_SM.shape[1]), 0
        for u, target in enumerate(pairs_batch.targets[row].tolist()):
            if target < 0:
                break
            x = weights["embedding.map.weight"][symbol]
            x = np.concatenate([x, context_M]) if feed else x
            y_11Q, state = model.stack(torch.tensor(x)[None, None], state)
            y_Q = y_11Q[0, 0].detach().numpy()
            scores_S = np.array([score(attention, weights, y_Q, place_M) for place_M in memory_SM])
            weights_S = np.exp(scores_S) / np.exp(scores_S).sum()
            context_M = sum(w * place_M for w, place_M in zip(weights_S, memory_SM, strict=True))
            joint = weights["readout.joint.weight"] @ np.concatenate([y_Q, context_M]) + weights["readout.joint.bias"]
            logits_V = weights["readout.head.weight"] @ np.tanh(joint) + weights["readout.head.bias"]
            np.testing.assert_allclose(found.logits_BUV[row, u].detach(), logits_V, rtol=0, atol=1e-12)
            np.testing.assert_allclose(found.weights_BUS[row, u, :length].detach(), weights_S, rtol=0, atol=1e-12)
            assert not found.weights_BUS[row, u, length:].any()
            symbol = target


def test_a_context_is_handed_on_whole_or_not_at_all_and_in_evaluation_always(
    make_writer: Make, pairs_batch: Batch
) -> None:
    model = make_writer("general", feed=True, feed_dropout=0.3).train()
    about = model.about(*(rows.repeat_interleave(100, dim=0) for rows in (pairs_batch.inputs, pairs_batch.lengths)))
    symbols_BU = torch.ones(len(about.memory_BSM), 6, dtype=torch.int64)

    def handed_on() -> tuple[torch.Tensor, torch.Tensor]:
        """What the steps after the first read of a context, and the contexts."""
        said = model.decoder.say(symbols_BU, about)
        contexts_BUM = said.weights_BUS[:, :-1] @ about.memory_BSM
        return said.x_BUD[:, 1:, -contexts_BUM.shape[-1] :], contexts_BUM

    read_BUM, contexts_BUM = handed_on()
    left_out_BU = (read_BUM == 0).all(dim=-1)
    torch.testing.assert_close(read_BUM, contexts_BUM.where(~left_out_BU[..., None], 0.0), rtol=0, atol=1e-12)
    share, count = left_out_BU.double().mean().item(), left_out_BU.numel()
    assert abs(share - 0.3) < 5 * (0.3 * 0.7 / count) ** 0.5
    assert (left_out_BU.any(dim=1) & ~left_out_BU.all(dim=1)).any(), "each step for itself"
    assert not torch.equal(read_BUM, handed_on()[0])
    model.eval()
    torch.testing.assert_close(*handed_on(), rtol=0, atol=1e-12)


def score(attention: str, weights: dict[str, np.ndarray], query: np.ndarray, place: np.ndarray) -> float:
    """The formulas of the papers."""
    if attention == "dot":
        return float(query @ place)
    if attention == "general":
        return float(query @ weights["attention.key.weight"] @ place)
    hidden = weights["attention.query.weight"] @ query + weights["attention.key.weight"] @ place
    return float(weights["attention.score.weight"][0] @ np.tanh(hidden + weights["attention.key.bias"]))


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("bridge", ["learned", "copy", "none"])
def test_padding_changes_nothing(
    make_writer: Make, pairs_batch: Batch, attention: str, bidirectional: bool, bridge: str
) -> None:
    """Neither on the logits nor, through the gradient, on the weights; whatever stands in it, however much of it."""
    from rnnlab.models.decoding.bridge import BridgeKind

    if bridge == "copy" and bidirectional:
        pytest.skip("refused")
    model = make_writer(attention, encoder={"bidirectional": bidirectional}, bridge=BridgeKind(bridge))
    noisy = torch.cat([pairs_batch.inputs, torch.zeros(4, 3, dtype=torch.int64)], dim=1)
    for row, length in enumerate(pairs_batch.lengths.tolist()):
        noisy[row, length:] = torch.randint(5, noisy[row, length:].shape)
    targets = torch.cat([pairs_batch.targets, torch.full((4, 2), -1)], dim=1)
    gradients, losses = [], []
    for batch in (pairs_batch, Batch(noisy, targets, pairs_batch.lengths)):
        model.zero_grad()
        loss, _ = model.loss(batch, None)
        loss.backward()
        losses.append(loss.item())
        gradients.append([p.grad.clone() for p in model.parameters() if p.grad is not None])
    assert losses[0] == pytest.approx(losses[1], abs=1e-12)
    assert max(float((a - b).abs().max()) for a, b in zip(*gradients, strict=True)) < 1e-12


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("feed", [False, True])
def test_gradients_against_differences(make_writer: Make, pairs_batch: Batch, attention: str, feed: bool) -> None:
    if attention == "none" and feed:
        pytest.skip("refused")
    model = make_writer(attention, cell="elman", hidden_size=3, feed=feed)
    parameters = dict(model.named_parameters())

    def loss(*values: torch.Tensor) -> torch.Tensor:
        given = dict(zip(parameters, values, strict=True))
        return torch.func.functional_call(Loss(model), {f"model.{k}": v for k, v in given.items()}, (pairs_batch,))

    values = tuple(p.detach().clone().requires_grad_() for p in parameters.values())
    assert torch.autograd.gradcheck(loss, values, fast_mode=True)


class Loss(torch.nn.Module):
    """The mean loss of a batch, as a module."""

    def __init__(self, model: EncoderDecoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: Batch) -> torch.Tensor:
        return self.model.loss(batch, None)[0]
