"""Randomness that depends on where a run is, and on nothing else.

Every window re-seeds torch's default generators from (seed, window). So whatever drew numbers in
between (a validation, a sample, another trial in the same process) cannot change a run, and a
checkpoint needs no generator state.
"""

from __future__ import annotations

import torch

INITIALISATION = -1
"""The "window" in which weights are drawn."""


def reseed(seed: int, window: int) -> None:
    """Set the default generators of the CPU, and of CUDA where it is in use, from (seed, window)."""
    mixed = mix(seed, window)
    torch.default_generator.manual_seed(mixed)
    if torch.cuda.is_initialized():
        for generator in torch.cuda.default_generators:
            generator.manual_seed(mixed)


def mix(seed: int, window: int) -> int:
    """A 32-bit hash of both (torch's CPU generator takes no more): SplitMix64's finaliser (Steele 2014)."""
    x = (seed * 0x9E3779B97F4A7C15 + (window + 2) * 0xD1B54A32D192ED03) & 0xFFFFFFFFFFFFFFFF
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return (x ^ (x >> 31)) & 0xFFFFFFFF
