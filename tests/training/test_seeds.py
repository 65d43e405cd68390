"""Seeds: a well-mixed function of (seed, window), which no draw in between can disturb."""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import chi2

from rnnlab.training.seeds import INITIALISATION, mix, reseed


def drawn(seed: int, window: int) -> torch.Tensor:
    reseed(seed, window)
    return torch.rand(8)


def test_the_same_place_draws_the_same_numbers() -> None:
    first = drawn(3, 7)
    torch.manual_seed(99)
    torch.rand(1000)
    torch.randn(3).bernoulli_()
    assert torch.equal(drawn(3, 7), first)


def test_other_places_draw_other_numbers() -> None:
    places = [(seed, window) for seed in range(6) for window in range(INITIALISATION, 40)]
    assert len({tuple(drawn(*place).tolist()) for place in places}) == len(places)


def test_windows_of_a_run_almost_never_share_a_seed() -> None:
    """Of 100,000 values out of 2**32, chance makes about 1.2 pairs."""
    for seed in (0, 1, 2**32 - 1):
        values = np.array([mix(seed, window) for window in range(INITIALISATION, 100_000)])
        assert len(values) - len(np.unique(values)) <= 8
        assert values.min() >= 0 and values.max() < 2**32


def test_neighbouring_runs_do_not_overlap() -> None:
    """Seed s at window w + 1 is not seed s + 1 at window w, nor any other shift of it."""
    first, second = ({mix(seed, window) for window in range(20_000)} for seed in (5, 6))
    assert len(first & second) <= 3


def test_values_are_spread_evenly() -> None:
    """Chi-squared over 256 cells of the low and of the high byte; and each bit is set half of the time."""
    values = np.array([mix(seed, window) for seed in range(10) for window in range(5_000)], dtype=np.int64)
    for shift in (0, 24):
        counts = np.bincount((values >> shift) & 255, minlength=256)
        statistic = ((counts - counts.mean()) ** 2 / counts.mean()).sum()
        assert chi2.cdf(statistic, 255) < 1 - 1e-6
    for bit in range(32):
        assert abs(((values >> bit) & 1).mean() - 0.5) < 5 * 0.5 / len(values) ** 0.5


def test_one_window_more_changes_half_of_the_bits() -> None:
    changed = [(mix(3, window) ^ mix(3, window + 1)).bit_count() for window in range(5_000)]
    assert abs(np.mean(changed) - 16) < 5 * (32 * 0.25 / 5_000) ** 0.5


def test_first_draws_of_successive_windows_are_uncorrelated() -> None:
    draws = torch.stack([drawn(0, window) for window in range(3_000)]).double()
    neighbours = np.corrcoef(draws[:-1, 0].numpy(), draws[1:, 0].numpy())[0, 1]
    assert abs(neighbours) < 5 / 3_000**0.5
    assert abs(draws.mean().item() - 0.5) < 5 * (1 / 12 / draws.numel()) ** 0.5
