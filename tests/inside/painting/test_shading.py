"""Levels are close to their values, and every colour can be read on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnnlab.inside.painting.shading import Ground, Scale, colours, ink, rules, scales_of


@given(arrays(np.float32, (7, 3), elements=st.floats(-50, 50, width=32)))
def test_a_level_is_within_a_510th_of_its_scale(values_NH: np.ndarray) -> None:
    for scale, values_N in zip(scales_of(values_NH), values_NH.T, strict=True):
        assert scale.low <= values_N.min() and values_N.max() <= scale.high
        again = scale.values(scale.levels(values_N))
        assert np.abs(again - values_N).max() <= (scale.high - scale.low) / 510 * (1 + 1e-9)


@pytest.mark.parametrize(
    ("values", "scales"),
    [
        ([[0.0, 1.0], [0.2, 0.1]], [(0, 1), (0, 1)]),
        ([[-0.1, 1.0], [0.2, 0.1]], [(-1, 1), (-1, 1)]),
        ([[-4.0, 0.1], [2.0, -0.2]], [(-4, 4), (-1, 1)]),
    ],
)
def test_bounded_parts_have_their_bounds_and_others_are_even_about_zero(
    values: list[list[float]], scales: list[tuple[float, float]]
) -> None:
    assert scales_of(np.array(values)) == scales


def test_ends_and_middle() -> None:
    assert Scale(-1, 1).levels(np.array([-9.0, -1.0, 1.0, 9.0])).tolist() == [0, 0, 255, 255]
    light, dark = colours(Ground.light), colours(Ground.dark)
    assert len(light) == len(dark) == 256
    for shades in (light, dark):
        (low_red, _, low_blue), (high_red, _, high_blue) = channels(shades[0]), channels(shades[255])
        assert low_blue > 2 * low_red and high_red > 2 * high_blue
    assert min(channels(light[127]) + channels(light[128])) >= 250


@pytest.mark.parametrize("ground", Ground)
def test_one_ink_is_read_on_all_colours(ground: Ground) -> None:
    """The contrast that WCAG 2.2 asks for text: 4.5 to 1."""
    letters = luminance("#000000" if ink(ground) == "black" else "#ffffff")
    for colour in colours(ground):
        brighter, darker = sorted((letters, luminance(colour)), reverse=True)
        assert (brighter + 0.05) / (darker + 0.05) >= 4.5


def test_the_rules_have_all_levels_for_both_grounds() -> None:
    light, dark = rules().split("@media screen and (prefers-color-scheme: dark)")
    for ground, sheet in ((Ground.light, light), (Ground.dark, dark)):
        assert all(f".v{level}{{background:{colour}}}" in sheet for level, colour in enumerate(colours(ground)))


def channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@given(values=st.lists(st.floats(-30, 30), min_size=1, max_size=20))
def test_stretched_a_scale_keeps_its_middle_and_just_holds_the_values(values: list[float]) -> None:
    known = np.array(values)
    stretched = Scale(0.0, 1.0).stretched(known)
    if (known == 0.5).all():
        assert stretched == Scale(0.0, 1.0)
        return
    assert stretched.low + stretched.high == pytest.approx(1)
    assert max(known.max() - stretched.high, stretched.low - known.min()) == pytest.approx(0, abs=1e-9)
