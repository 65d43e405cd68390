"""Sentences about pictures on a page: each word under the picture, lit where the model looked while it wrote it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rnnlab.report.document import document
from rnnlab.report.markup import Markup, element
from rnnlab.tracking.atomic import write_atomically

SIDE = 128.0
"""Pixels of the longer side of a picture on the page."""
DARK = 0.85
"""How opaque the shade over a place is on which no weight lies."""
END = "end"


@dataclass(frozen=True, slots=True)
class Captioned:
    """name: of the picture. png: its file as the model saw it, height and width in pixels.

    words: the sentence. weights: for each word, and for the end behind them where it was written, the share of each
    row and column of places; None where the model has no attention. log_probability: of the sentence, in nats.
    """

    name: str
    png: bytes
    height: int
    width: int
    words: Sequence[str]
    weights: Sequence[Sequence[Sequence[float]]] | None
    log_probability: float


def write_captions(path: Path, title: str, captions: Sequence[Captioned]) -> None:
    """Write the page, atomically. WorkError where the disk refuses."""
    write_atomically(path, captions_page(title, captions, datetime.now(UTC)).encode())


def captions_page(title: str, captions: Sequence[Captioned], now: datetime) -> str:
    """A card for each picture: its sentence, and a map for each word."""
    cards = [_card(number, captioned) for number, captioned in enumerate(captions)]
    note = "The brighter a place, the more of the attention lay on it when the word below was written."
    footer = element("footer", f"Written by rnnlab caption on {now.strftime('%Y-%m-%d %H:%M UTC')}.")
    return document(title, element("h1", title), element("p", note), *cards, footer, pictures=True)


def _card(number: int, captioned: Captioned) -> Markup:
    told = element("p", f"{captioned.name}: ln P = {captioned.log_probability:.3f}", class_="soft")
    # The file stands in the page once; each map refers to it.
    panels = [_panel(captioned, element("g", _image(captioned), id=f"picture{number}"), (), "picture")]
    if captioned.weights is not None:
        rows = [*captioned.words, END][: len(captioned.weights)]
        use = element("use", href=f"#picture{number}")
        panels += [_panel(captioned, use, shades, word) for word, shades in zip(rows, captioned.weights, strict=True)]
    return element("section", element("h2", " ".join(captioned.words)), told, element("div", *panels, class_="legend"))


def _size(captioned: Captioned) -> tuple[float, float]:
    scale = SIDE / max(captioned.height, captioned.width)
    return captioned.width * scale, captioned.height * scale


def _image(captioned: Captioned) -> Markup:
    width, height = _size(captioned)
    data = f"data:image/png;base64,{base64.b64encode(captioned.png).decode()}"
    return element("image", href=data, width=width, height=height, image_rendering="pixelated")


def _panel(captioned: Captioned, picture: Markup, weights: Sequence[Sequence[float]], word: str) -> Markup:
    """A picture under shades: none where the weight is largest, ``DARK`` where there is none."""
    width, height = _size(captioned)
    most = max((share for row in weights for share in row), default=0.0)
    shades = [
        element(
            "rect",
            element("title", f"{word}: {share:.3f}"),
            x=width * column / len(row),
            y=height * place / len(weights),
            width=width / len(row),
            height=height / len(weights),
            fill="#000",
            fill_opacity=f"{DARK * (1 - share / most):.3f}",
        )
        for place, row in enumerate(weights)
        for column, share in enumerate(row)
    ]
    name = element("text", word, class_="label", x=width / 2, y=height + 15, text_anchor="middle")
    box = f"0 0 {width:.0f} {height + 22:.0f}"
    return element("svg", picture, *shades, name, viewBox=box, width=width, height=height + 22, role="img")
