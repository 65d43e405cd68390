"""The parallel linear recurrence against a plain loop, in values and in derivatives to the second order."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from rnnlab.models.recurrence import BLOCK, linear_recurrence

numbers = pytest.mark.parametrize("dtype", [torch.float64, torch.complex128], ids=["real", "complex"])


def example(B: int, T: int, H: int, dtype: torch.dtype, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """a with |a| <= 1 and some zeros, b, and h_0."""
    draw = torch.Generator().manual_seed(seed)
    a_BTH = torch.randn(B, T, H, dtype=dtype, generator=draw)
    a_BTH = a_BTH / a_BTH.abs().clamp(min=1)
    a_BTH[torch.rand(B, T, H, generator=draw) < 0.1] = 0
    return (
        a_BTH,
        torch.randn(B, T, H, dtype=dtype, generator=draw),
        torch.randn(B, H, dtype=dtype, generator=draw),
    )


def loop(a_BTH: Tensor, b_BTH: Tensor, h_BH: Tensor) -> np.ndarray:
    """The definition."""
    a, b, h = a_BTH.numpy(), b_BTH.numpy(), h_BH.numpy()
    found = []
    for t in range(a.shape[1]):
        h = a[:, t] * h + b[:, t]
        found.append(h)
    return np.stack(found, axis=1)


@settings(deadline=None, max_examples=60)
@given(
    B=st.integers(1, 3),
    T=st.integers(1, 5 * BLOCK * BLOCK),
    H=st.integers(1, 4),
    dtype=st.sampled_from([torch.float64, torch.complex128]),
    seed=st.integers(0, 2**31),
)
def test_any_shape_is_the_loop(B: int, T: int, H: int, dtype: torch.dtype, seed: int) -> None:
    given_ = example(B, T, H, dtype, seed)
    np.testing.assert_allclose(linear_recurrence(*given_).numpy(), loop(*given_), rtol=1e-12, atol=1e-12)


@numbers
@pytest.mark.parametrize("T", [1, 2, BLOCK, 2 * BLOCK, 2 * BLOCK + 3])
def test_derivatives_to_the_second_order(T: int, dtype: torch.dtype) -> None:
    """Lengths below one block, of whole blocks, and with a rest."""
    inputs = tuple(part.requires_grad_() for part in example(1, T, 2, dtype))
    assert gradcheck(linear_recurrence, inputs)
    assert gradgradcheck(linear_recurrence, inputs)


@numbers
def test_long_sequences(dtype: torch.dtype) -> None:
    inputs = example(1, 10_000, 3, dtype)
    np.testing.assert_allclose(linear_recurrence(*inputs).numpy(), loop(*inputs), rtol=1e-11, atol=1e-11)


def test_single_precision_stays_close_over_long_sequences() -> None:
    """Decays near one, so that 10,000 steps of rounding add up."""
    draw = torch.Generator().manual_seed(0)
    a_BTH = 0.99 + 0.01 * torch.rand(1, 10_000, 3, generator=draw)
    b_BTH, h_BH = torch.randn(1, 10_000, 3, generator=draw), torch.randn(1, 3, generator=draw)
    exact = loop(a_BTH.double(), b_BTH.double(), h_BH.double())
    np.testing.assert_allclose(linear_recurrence(a_BTH, b_BTH, h_BH).numpy(), exact, rtol=0, atol=1e-4)


def test_gradients_are_those_of_the_loop_over_many_blocks() -> None:
    inputs = [part.requires_grad_() for part in example(2, 300, 3, torch.float64)]
    weight = torch.randn(2, 300, 3, dtype=torch.float64)
    a_BTH, b_BTH, h = inputs
    outputs = []
    for t in range(300):
        h = a_BTH[:, t] * h + b_BTH[:, t]
        outputs.append(h)
    wanted = torch.autograd.grad((torch.stack(outputs, dim=1) * weight).sum(), inputs)
    found = torch.autograd.grad((linear_recurrence(*inputs) * weight).sum(), inputs)
    for ours, theirs in zip(found, wanted, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


def test_a_coefficient_may_be_one_number_for_all_steps() -> None:
    """Expanded tensors, whose steps share their memory, in value and in derivative."""
    _, b_BTH, h_BH = example(2, 70, 3, torch.float64)
    a_H = torch.tensor([0.5, 0.0, -0.9], dtype=torch.float64, requires_grad=True)
    found = linear_recurrence(a_H.expand(2, 70, 3), b_BTH, h_BH)
    np.testing.assert_allclose(found.detach().numpy(), loop(a_H.detach().expand(2, 70, 3), b_BTH, h_BH), atol=1e-12)
    assert gradcheck(lambda a: linear_recurrence(a.expand(2, 20, 3), b_BTH[:, :20], h_BH), (a_H,))


def test_the_widest_type_is_kept() -> None:
    """A state in single precision is not rounded to the half precision of what is added to it."""
    a_BTH, b_BTH, h_BH = example(2, 9, 3, torch.float64)
    half, single = torch.bfloat16, torch.float32
    found = linear_recurrence(a_BTH.to(half), b_BTH.to(half), h_BH.to(single))
    assert found.dtype == single
    wanted = linear_recurrence(a_BTH.to(half).to(single), b_BTH.to(half).to(single), h_BH.to(single))
    assert torch.equal(found, wanted)


def test_inputs_are_left_alone() -> None:
    inputs = example(2, 50, 3, torch.float64)
    before = [part.clone() for part in inputs]
    linear_recurrence(*inputs)
    assert all(torch.equal(now, then) for now, then in zip(inputs, before, strict=True))
