"""Cutting at resets, turning rows, and finding their ends."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.models.sequences import back_to_initial, last_valid, split_at_resets, turned


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_resets_cut_a_window_into_stretches(reset: list[bool]) -> None:
    pieces = list(split_at_resets(torch.tensor([reset, [False] * len(reset)]), len(reset)))
    assert [t for start, stop, _ in pieces for t in range(start, stop)] == list(range(len(reset)))
    marked = [start for start, _, rows in pieces if rows is not None]
    assert marked == [t for t, there in enumerate(reset) if there]
    assert all(rows.tolist() == [True, False] for _, _, rows in pieces if rows is not None)


def test_without_resets_a_window_stays_whole() -> None:
    assert list(split_at_resets(None, 7)) == [(0, 7, None)]


def test_reset_rows_get_the_initial_state() -> None:
    now, fresh = torch.ones(3, 2), torch.zeros(3, 2)
    (state,) = back_to_initial((now,), (fresh,), torch.tensor([True, False, True]))
    assert state.tolist() == [[0, 0], [1, 1], [0, 0]]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_rows_are_turned_over_their_valid_steps(lengths: list[int]) -> None:
    x_BTD = torch.randn(len(lengths), 6, 3)
    lengths_B = torch.tensor(lengths)
    found = turned(x_BTD, lengths_B)
    for row, length in enumerate(lengths):
        assert torch.equal(found[row, :length], x_BTD[row, :length].flip(0))
        assert torch.equal(found[row, length:], x_BTD[row, length:])
        assert torch.equal(last_valid(found, lengths_B)[row], x_BTD[row, 0])
    assert torch.equal(turned(found, lengths_B), x_BTD)


def test_whole_rows_are_turned_whole() -> None:
    x_BTD = torch.randn(2, 4, 3)
    assert torch.equal(turned(x_BTD, None), x_BTD.flip(1))
    assert torch.equal(turned(x_BTD, None), turned(x_BTD, torch.tensor([4, 4])))


def test_last_valid_step() -> None:
    y_BTH = torch.arange(24.0).reshape(2, 4, 3)
    assert torch.equal(last_valid(y_BTH, None), y_BTH[:, 3])
    picked = last_valid(y_BTH, torch.tensor([1, 3]))
    assert torch.equal(picked, torch.stack([y_BTH[0, 0], y_BTH[1, 2]]))
