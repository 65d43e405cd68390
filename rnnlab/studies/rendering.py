"""A figure as files: SVG for print, PNG for slides, GIF where it moves, CSV for its numbers. Equal bytes each time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from rnnlab.analysis.tables import as_csv
from rnnlab.studies.base import Figure
from rnnlab.studies.style import styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from PIL.Image import Image

DOTS = 160
"""Pixels an inch of a PNG."""
FRAME_MS, LAST_MS = 60, 1500
"""How long a frame is seen, and the last one."""


def render(figure: Figure) -> dict[str, bytes]:
    """The files of a figure by their endings: svg, png, csv, and gif where it has frames."""
    with styled():
        drawing = figure.draw(figure.columns)
        files = {"svg": _saved(drawing, "svg")}
        drawing.set_layout_engine("none")  # all has its place by now
        files["png"] = _saved(drawing, "png")
        if figure.frames is not None:
            files["gif"] = _animated(figure.frames(figure.columns))
    return files | {"csv": as_csv(figure.columns)}


def png(figure: Figure) -> bytes:
    """The picture that stands still, for a page that holds its images itself."""
    with styled():
        return _saved(figure.draw(figure.columns), "png")


def _saved(drawing: Drawing, kind: str) -> bytes:
    """No date and no version: the same numbers give the same file."""
    file = io.BytesIO()
    metadata: dict[str, Any] = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    drawing.savefig(file, format=kind, dpi=DOTS, metadata=metadata)
    return file.getvalue()


def _animated(frames: list[Image]) -> bytes:
    file = io.BytesIO()
    first, *later = frames
    times = [FRAME_MS] * len(later) + [LAST_MS]
    first.save(file, format="GIF", save_all=True, append_images=later, duration=times, loop=0, optimize=False)
    return file.getvalue()
