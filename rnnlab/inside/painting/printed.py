"""A painted text as a picture for print: dark letters on the colours of light ground."""

from __future__ import annotations

import io
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from rnnlab.inside.painting.ansi import signs
from rnnlab.inside.painting.excerpt import row_starts
from rnnlab.inside.painting.glyphs import BOX, TAB
from rnnlab.inside.painting.shading import Ground, Scale, colours, ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONT = "DejaVu Sans Mono"

POINTS = 9.0
"""Size of the letters."""
WIDTH, HEIGHT, BASELINE = 0.602, 1.4, 0.72
"""A column and a row in sizes of the letters of the font, and where in its row a letter stands."""
MARGIN, TITLE = 0.15, 0.25
"""Inches around the text, and above it for the title."""
DOTS = 200
"""An inch."""

Grid = list[list[tuple[str, int]]]
"""The rows of a text, each with a sign and a level for every column."""


def picture(characters: str, values: np.ndarray, scale: Scale, title: str) -> bytes:
    """The text on the colours of its values, one for each character, under a title: PNG."""
    from matplotlib.figure import Figure

    grid = grid_of(characters, scale.levels(values))
    columns, rows = max(map(len, grid)), len(grid)
    inches = POINTS / 72
    wide = max(columns * WIDTH * inches, 5.0) + 2 * MARGIN
    high = rows * HEIGHT * inches + 2 * MARGIN + TITLE
    figure = Figure(figsize=(wide, high), dpi=DOTS)
    figure.text(MARGIN / wide, 1 - MARGIN / high, title, size=POINTS, va="top", family="DejaVu Sans", parse_math=False)
    share = columns * WIDTH * inches / wide, rows * HEIGHT * inches / high
    axes = figure.add_axes((MARGIN / wide, MARGIN / high, *share))
    axes.set(xlim=(0, columns), ylim=(rows, 0))
    axes.axis("off")
    colour_cells(axes, grid)
    draw_signs(axes, grid)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def grid_of(characters: str, levels: np.ndarray) -> Grid:
    """A tab fills its columns up to the next stop with its own level."""
    starts = set(row_starts(characters))
    grid: Grid = []
    for place, (sign, level) in enumerate(zip(signs(characters), levels.tolist(), strict=True)):
        if place in starts:
            grid.append([])
        pieces = list(sign) if sign.startswith(TAB) else [sign.removesuffix("\n")]
        grid[-1] += [(piece, level) for piece in pieces]
    return grid


def colour_cells(axes: Axes, grid: Grid) -> None:
    """A rectangle for each column of each row, with a hair of white between rows."""
    from matplotlib.collections import PolyCollection

    known = colours(Ground.light)
    corners = np.array([(0, 0.03), (1, 0.03), (1, 0.97), (0, 0.97)])
    cells = [corners + (column, row) for row, line in enumerate(grid) for column in range(len(line))]
    filled = [known[level] for line in grid for _, level in line]
    axes.add_collection(PolyCollection(cells, facecolors=filled, edgecolors=filled, linewidths=0.2))


def draw_signs(axes: Axes, grid: Grid) -> None:
    """The outlines of all letters."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    shapes = outlines({sign for line in grid for sign, _ in line if not sign.isspace()})
    letters: list[Path] = []
    for row, line in enumerate(grid):
        for column, (sign, _) in enumerate(line):
            if not sign.isspace():
                points, codes = shapes[sign]
                letters.append(Path(points + (column, row), codes))
    axes.add_patch(PathPatch(Path.make_compound_path(*letters), facecolor=ink(Ground.light), linewidth=0))


def outlines(signs: Collection[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The points of each sign's outline in a cell of 1 by 1, y downwards, and how they are joined.

    A box stands for what the font has not.
    """
    from matplotlib.font_manager import FontProperties, findfont, get_font
    from matplotlib.textpath import TextPath

    font = FontProperties(family=FONT)
    drawable = get_font(findfont(font)).get_charmap()
    found = {}
    for sign in signs:
        shown = sign if all(ord(letter) in drawable for letter in sign) else BOX
        path = TextPath((0, 0), shown, size=1, prop=font)
        found[sign] = np.asarray(path.vertices) / (WIDTH, -HEIGHT) + (0, BASELINE), np.asarray(path.codes)
    return found
