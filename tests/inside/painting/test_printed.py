"""The picture for print: every character's cell has its colour."""

from __future__ import annotations

import io

import matplotlib.image
import numpy as np

from rnnlab.inside.painting.printed import DOTS, HEIGHT, MARGIN, POINTS, WIDTH, grid_of, picture
from rnnlab.inside.painting.shading import Ground, Scale, colours
from tests.inside.made_up import EVIL


def pixels(png: bytes) -> np.ndarray:
    return (matplotlib.image.imread(io.BytesIO(png))[:, :, :3] * 255).round().astype(int)


def test_cells_have_the_colours_of_their_values() -> None:
    text = "if a:\n\tb = 'c'\n" * 6
    values = np.linspace(-1, 1, len(text))
    grid = grid_of(text, Scale(-1, 1).levels(values))
    drawn = pixels(picture(text, values, Scale(-1, 1), "a title with $x^2$ and <b>"))
    cell = np.array([HEIGHT, WIDTH]) * POINTS / 72 * DOTS
    known = colours(Ground.light)
    bottom = len(drawn) - MARGIN * DOTS
    for row, line in enumerate(grid):
        for column, (_, level) in enumerate(line):
            y = bottom - (len(grid) - row - 0.1) * cell[0]  # above the letter
            x = MARGIN * DOTS + (column + 0.5) * cell[1]
            wanted = [int(known[level][at : at + 2], 16) for at in (1, 3, 5)]
            assert np.abs(drawn[round(y), round(x)] - wanted).max() <= 2


def test_rows_are_those_of_the_text() -> None:
    grid = grid_of("a\tb\ncd", np.arange(6))
    assert grid[0] == [("a", 0), ("\u2192", 1), *[(" ", 1)] * 6, ("b", 2), ("\u21b5", 3)]
    assert grid[1] == [("c", 4), ("d", 5)]


def test_whatever_the_text_holds() -> None:
    for text in (EVIL, " ", "\n"):
        assert pixels(picture(text, np.zeros(len(text)), Scale(-1, 1), "a title")).min() < 200
