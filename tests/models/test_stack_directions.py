"""Two directions against torch's own over packed sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnlab.config import registry
from rnnlab.models.connections import Connections
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]
every_cell = pytest.mark.parametrize("name", registry.names("cell"))
every_connection = pytest.mark.parametrize("connections", list(Connections), ids=lambda c: c.value)
BIDIRECTIONAL = {"bidirectional": True}


@pytest.fixture(scope="module", params=["native", "loop"])
def twins(request: Any, make_stack: MakeStack) -> tuple[Stack, nn.LSTM]:
    """Two layers of ours and of torch's with the same weights."""
    theirs = nn.LSTM(3, 5, num_layers=2, batch_first=True, bidirectional=True).double()
    stack = make_stack("lstm", depth=2, backend=request.param, stack=BIDIRECTIONAL)
    suffixes = [f"l{layer}{direction}" for layer in (0, 1) for direction in ("", "_reverse")]
    with torch.no_grad():
        for suffix, cell in zip(suffixes, stack.layers(), strict=True):
            cell.W_GD.copy_(getattr(theirs, f"weight_ih_{suffix}"))
            cell.R_GH.copy_(getattr(theirs, f"weight_hh_{suffix}"))
            cell.b_G.copy_(getattr(theirs, f"bias_ih_{suffix}") + getattr(theirs, f"bias_hh_{suffix}"))
    return stack, theirs


@given(lengths=st.lists(st.integers(1, 7), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None)
def test_torch_weights_give_torch_outputs_and_ends(lengths: list[int], twins: tuple[Stack, nn.LSTM]) -> None:
    stack, theirs = twins
    x_BTD, lengths_B = torch.randn(len(lengths), 7, 3, dtype=torch.float64), torch.tensor(lengths)
    packed = pack_padded_sequence(x_BTD, lengths_B, batch_first=True, enforce_sorted=False)
    output, (h_LBH, _) = theirs(packed)
    wanted, _ = pad_packed_sequence(output, batch_first=True, total_length=7)
    y_BTH, _ = stack(x_BTD, lengths_B=lengths_B)
    for row, length in enumerate(lengths):
        torch.testing.assert_close(y_BTH[row, :length], wanted[row, :length], rtol=0, atol=1e-13)
    torch.testing.assert_close(stack.ends(y_BTH, lengths_B), torch.cat([*h_LBH[-2:]], dim=-1), rtol=0, atol=1e-13)


@every_cell
@every_connection
def test_padding_changes_no_valid_output(name: str, connections: Connections, make_stack: MakeStack) -> None:
    stack = make_stack(name, depth=2, stack={**BIDIRECTIONAL, "connections": connections})
    x_BTD, lengths_B = torch.randn(3, 6, 3, dtype=torch.float64), torch.tensor([6, 2, 4])
    noisy = x_BTD.clone()
    for row, length in enumerate(lengths_B.tolist()):
        noisy[row, length:] = torch.randn(6 - length, 3)
    y_BTH, padded = stack(x_BTD, lengths_B=lengths_B)[0], stack(noisy, lengths_B=lengths_B)[0]
    for row, length in enumerate(lengths_B.tolist()):
        alone, _ = stack(x_BTD[row : row + 1, :length])
        for found in (y_BTH, padded):
            torch.testing.assert_close(found[row : row + 1, :length], alone, rtol=0, atol=1e-12)
        ends = stack.ends(alone, None)
        torch.testing.assert_close(stack.ends(padded, lengths_B)[row : row + 1], ends, rtol=0, atol=1e-12)


@every_cell
def test_both_ends_are_seen(name: str, make_stack: MakeStack) -> None:
    """What is read depends on every step by both directions: the last output of each has read them all."""
    stack = make_stack(name, depth=1, stack=BIDIRECTIONAL)
    x_BTD = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    ends_BH = stack.ends(stack(x_BTD)[0], None)
    for half in ends_BH.chunk(2, dim=-1):
        (gradient,) = torch.autograd.grad((half * torch.randn_like(half)).sum(), x_BTD, retain_graph=True)
        assert gradient.abs().sum(dim=-1).min() > 0


def test_ends_of_dense_layers_are_those_of_each(make_stack: MakeStack) -> None:
    stack = make_stack("gru", depth=2, stack={**BIDIRECTIONAL, "connections": Connections.dense})
    y_BTH: Tensor = torch.arange(2 * 3 * 20).reshape(2, 3, 20)
    found = stack.ends(y_BTH, torch.tensor([2, 3]))
    for row, last in enumerate((1, 2)):
        steps = [last] * 5 + [0] * 5
        assert found[row].tolist() == [int(y_BTH[row, t, i]) for i, t in enumerate(steps * 2)]


def test_names_of_layers(make_stack: MakeStack) -> None:
    assert make_stack("gru", depth=2).names == ["layer0", "layer1"]
    two = make_stack("gru", depth=2, stack=BIDIRECTIONAL)
    assert two.names == ["layer0.forward", "layer0.backward", "layer1.forward", "layer1.backward"]
    assert len(list(two.layers())) == len(two.initial_state(1)) == 4
